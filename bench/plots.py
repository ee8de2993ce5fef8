"""Plots of what clients saw."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from page import Timeline

matplotlib.use("agg")
from matplotlib import pyplot


def draw(timelines: Sequence[Timeline], file: Path) -> None:
    """Draw each one on a line of time: the latency of the requests before, during and after an outage."""
    figure, axes = pyplot.subplots(
        len(timelines), 1, figsize=(9, 1.5 * len(timelines)), sharex=True, layout="constrained", squeeze=False
    )
    for axis, one in zip(axes[:, 0], timelines, strict=True):
        for good, colour in ((True, "tab:blue"), (False, "tab:red")):
            starts = [start for start, _took, was_good in one.answers if was_good == good]
            milliseconds = [1000 * took for _start, took, was_good in one.answers if was_good == good]
            axis.plot(starts, milliseconds, ".", color=colour, markersize=2)
        axis.set_yscale("log")
        axis.set_title(one.title, fontsize="small", loc="left")
        axis.set_ylabel("ms", fontsize="small")
    axes[-1, 0].set_xlabel("seconds; a blue dot is an answer, a red one a request that failed")
    figure.savefig(file, dpi=100)
