#!/usr/bin/env python3
"""Make tables and plots of what outages.py has written.

    report.py RESULTS PLOTS

Prints the tables in Markdown, and draws one plot for each fault into the folder PLOTS.
"""

from __future__ import annotations

import random
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
from outages import BEFORE, read

Rounds = list[dict[str, Any]]
BASE = "ours"
RESAMPLED = 2000
TITLES = {
    "director": "Power cut of the active director",
    "webserver": "Power cut of one of two web servers",
    "frozen": "One of two web servers stands still",
    "apache": "Apache stopped on one of two web servers",
}


def grouped(rounds: Rounds) -> dict[str, dict[str, Rounds]]:
    """Fault -> system -> its rounds, both in the order in which they came first."""
    found: dict[str, dict[str, Rounds]] = defaultdict(lambda: defaultdict(list))
    for one in rounds:
        found[one["fault"]][one["system"]].append(one)
    return found


def ratio(values: list[float], base: list[float]) -> str:
    """The ratio of the medians with its 95 % interval, by the bootstrap."""
    if not statistics.median(base):
        return ""
    chance = random.Random(1)

    def resampled(sample: list[float]) -> float:
        return statistics.median(chance.choices(sample, k=len(sample)))

    ratios = sorted(resampled(values) / (resampled(base) or 1e-9) for _ in range(RESAMPLED))
    low, high = ratios[RESAMPLED * 25 // 1000], ratios[RESAMPLED * 975 // 1000 - 1]
    return f"{statistics.median(values) / statistics.median(base):.1f} ({low:.1f} to {high:.1f})"


def table(by_system: dict[str, Rounds]) -> str:
    lines = [
        "| system | rounds | outage, median (s) | worst (s) | times ours (95 %) | failed requests, median "
        "| slowest good answer (s) | held connections that broke |",
        "|---|---|---|---|---|---|---|---|",
    ]
    base = [one["outage"] for one in by_system.get(BASE, [])]
    for system, rounds in by_system.items():
        outages = [one["outage"] for one in rounds]
        good = [duration for one in rounds for _, duration, good in one["answers"] if good]
        cells = [
            system,
            len(rounds),
            f"{statistics.median(outages):.2f}",
            f"{max(outages):.2f}",
            ratio(outages, base) if base and system != BASE else "",
            f"{statistics.median(one['failed'] for one in rounds):g} of {rounds[0]['asked']}",
            f"{max(good):.2f}",
            f"{sum(len(one['broken']) for one in rounds)} of {sum(one['held'] for one in rounds)}",
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def parts(by_system: dict[str, Rounds]) -> str:
    """Where the time goes, for what heartbeat moves: medians, in seconds."""
    lines = [
        "| system | until the other node is declared dead | until the script for the address starts "
        "| until requests succeed |",
        "|---|---|---|---|",
    ]
    for system, rounds in by_system.items():
        split = [one for one in rounds if one["declared"] and one["taken"]]
        if split:
            declared = statistics.median(one["declared"] for one in split)
            script = statistics.median(one["taken"] - one["declared"] for one in split)
            rest = statistics.median(one["outage"] - one["taken"] for one in split)
            lines.append(f"| {system} | {declared:.2f} | + {script:.2f} | + {rest:.2f} |")
    return "\n".join(lines)


def plot(by_system: dict[str, Rounds], title: str, file: Path) -> None:
    """The first round of each: when a request was sent, and how long its answer took; failures at the top."""
    figure, axes = plt.subplots(
        len(by_system), sharex=True, sharey=True, figsize=(9, 1.5 * len(by_system)), squeeze=False
    )
    for axis, (system, rounds) in zip(axes[:, 0], by_system.items(), strict=True):
        answers = rounds[0]["answers"]
        for wanted, colour in ((True, "tab:green"), (False, "tab:red")):
            shown = [(start - BEFORE, duration) for start, duration, good in answers if good == wanted]
            if shown:
                axis.scatter(*zip(*shown, strict=True), s=2, c=colour)
        axis.set_yscale("log")
        axis.set_ylabel(system)
        axis.axvline(0, linewidth=0.5, color="grey")
    axes[0, 0].set_title(f"{title}: seconds that an answer took (red: none)")
    axes[-1, 0].set_xlabel("seconds from the fault")
    figure.tight_layout()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file)
    plt.close(figure)


def main(results: Path, plots: Path) -> None:
    for fault, by_system in grouped(read(results)).items():
        print(f"### {TITLES[fault]}\n\n{table(by_system)}\n")
        if fault == "director":
            print(f"Where the time goes:\n\n{parts(by_system)}\n")
        plot(by_system, TITLES[fault], plots / f"{fault}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
