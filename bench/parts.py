"""The parts of the benchmark, in the order of a whole run.

Each part is a module of its own. Its Sample is a frozen dataclass (or a union of these), whose fields are the
keys of a sample in the file of results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import alarms
import both
import both_changes
import both_costs
import connections
import deaths
import masses
import outages
import pools
import sites
import switches
import throughput
from page import Lines, Timeline
from systems import Bench


class Part(Protocol):
    """What a module of a part has. Each has its own type of samples."""

    TITLE: str
    ROUNDS: int
    Sample: Any

    def measure(self, bench: Bench, rounds: int, /) -> Iterator[Any]: ...

    def tell(self, samples: Any, /) -> Lines:
        """The part's section of the page; raises ResultsError where the samples are not enough for it."""


PARTS: dict[str, Part] = {
    "outages": outages,
    "pools": pools,
    "switches": switches,
    "connections": connections,
    "deaths": deaths,
    "throughput": throughput,
    "masses": masses,
    "sites": sites,
    "both": both,
    "both_changes": both_changes,
    "both_costs": both_costs,
    "alarms": alarms,
}
# The parts that have a plot.
TIMELINES: dict[str, Callable[[Sequence[Any]], list[Timeline]]] = {"outages": outages.timelines}
