"""What the parts of the page share: tables, medians, ratios, and the lines of the plots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any, TypeVar

import numpy as np
import yaml
from results import ResultsError
from scipy.stats import bootstrap
from testbed import PROJECT

Lines = list[str]
Key = TypeVar("Key")
Sample = TypeVar("Sample")

DIRECT = "direct"
FEWEST = 3  # values from which an interval can be computed


@dataclass(frozen=True)
class Timeline:
    """What a client got in one round: a line of a plot.

    answers: for each request the second in which it was sent, its seconds, and whether it succeeded.
    """

    title: str
    answers: Sequence[tuple[float, float, bool]]


@cache
def titles() -> dict[str, str]:
    """The title of each system, from the inventory that names it."""
    files = (PROJECT / "bench" / "inventory" / "group_vars").glob("*.yml")
    variables = {file.stem: yaml.safe_load(file.read_text()) for file in files}
    found = {name: words["bench_title"] for name, words in variables.items() if "bench_title" in words}
    return found | {DIRECT: "directly to the web servers"}


def title(system: str) -> str:
    """The title of a system, or of the web servers without one; raises ResultsError if there is none."""
    if system not in titles():
        raise ResultsError(
            f"the samples are of a system `{system}`, which bench/inventory does not have; "
            f"it has {', '.join(sorted(titles()))}"
        )
    return titles()[system]


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Lines:
    def line(cells: Sequence[object]) -> str:
        return f"| {' | '.join(map(str, cells))} |"

    return [line(header), line(["---"] * len(header)), *map(line, rows), ""]


def grouped(samples: Iterable[Sample], key: Callable[[Sample], Key]) -> dict[Key, list[Sample]]:
    """The samples of each key, in the order in which they were measured."""
    found: dict[Key, list[Sample]] = defaultdict(list)
    for sample in samples:
        found[key(sample)].append(sample)
    return dict(found)


def middle(values: Iterable[float], digits: int) -> str:
    """The median."""
    return f"{median(values):.{digits}f}"


def worst(values: Iterable[float], digits: int) -> str:
    """The highest value."""
    return f"{max(values):.{digits}f}"


def share(some: Iterable[int], of: Iterable[int]) -> str:
    """How many of how many, over all rounds."""
    return f"{sum(some)} of {sum(of)}"


def ratio(above: Sequence[float], below: Sequence[float], digits: int = 1) -> str:
    """The ratio of the medians, with its interval of 95 % confidence; empty without values of both."""
    if not above or not below:
        return ""
    point = median(above) / median(below)
    if min(len(above), len(below)) < FEWEST:
        return f"{point:.{digits}f}"

    def statistic(a: Any, b: Any, axis: int) -> Any:
        return np.median(a, axis=axis) / np.median(b, axis=axis)

    found = bootstrap((above, below), statistic, n_resamples=2000, method="percentile", rng=1)
    low, high = found.confidence_interval
    return f"{point:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
