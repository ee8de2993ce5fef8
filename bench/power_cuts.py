"""The active node of a system loses its power while clients ask: how long nobody is served, and why."""

from __future__ import annotations

import subprocess
import time
from calendar import timegm
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from systems import GOOD, NOTICED, Bench, BenchError, System
from testbed.lab import Answers

EVERY = 0.01  # seconds from request to request
HELD = 100  # connections
OPENED = 2.0  # seconds in which they are opened: Apache ends some of those that come in one moment
BEFORE = 2.0  # seconds in which all is well
# Seconds for which clients go on asking.
LONGEST = {"tutorial": 42.0}
ELSE = 7.0
LONGEST_WATCH = 90


@dataclass(frozen=True, kw_only=True)
class PowerCut:
    """What clients saw of it, and where the time went; all times in seconds.

    outage: the longest time without a good answer.
    detection: from the last good answer until the other node misses the active one.
    scripts: from then until the other node has the address.
    network: from then until a client has a good answer.
    broken: how many held connections ended, or were answered by another web server.
    errors: error of a held connection to number.
    answers: of each request its start, how long it took, and whether its answer was good.
    """

    outage: float
    detection: float
    scripts: float
    network: float
    failed: int
    asked: int
    held: int
    broken: int
    errors: dict[str, int]
    answers: tuple[tuple[float, float, bool], ...]


@contextmanager
def address_watched(system: System, node: str) -> Iterator[list[float]]:
    """The moments (seconds since 1970) at which a node gets the virtual address."""
    # Its end comes by itself: to end the SSH connection does not end the program.
    watch = f"exec env TZ=UTC timeout {LONGEST_WATCH} stdbuf -oL ip -timestamp -4 monitor address dev eth0"
    command: list[str | Path] = [system.lab.directory / "lab", "run", node, "--", "sh", "-c", watch]
    moments: list[float] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watcher:
        try:
            yield moments
        finally:
            watcher.terminate()
        moments += address_moments(watcher.communicate()[0], system.address)


def address_moments(told: str, address: str) -> list[float]:
    """Read `ip -timestamp monitor`: a line with the time, then one with the address."""
    moments, stamp = [], 0.0
    for line in told.splitlines():
        if line.startswith("Timestamp: "):
            text, _, rest = line.removeprefix("Timestamp: ").rpartition(" usec")[0].rpartition(" ")
            stamp = timegm(time.strptime(text)) + int(rest) / 1e6
        elif f" {address}/" in line and not line.startswith("Deleted"):
            moments.append(stamp)
    return moments


def noticed_at(system: System, node: str, since: float) -> float:
    """When a node said that it misses the other one (seconds since 1970)."""
    text = NOTICED[system.unit].format(peer=system.peer(node))
    journal = f"journalctl --unit={system.unit} --output=short-unix --since=@{since:.0f}"
    lines = [line for line in system.run(node, journal).splitlines() if text in line]
    if not lines:
        raise BenchError(f"{node} of {system.name} never said {text!r} in its journal")
    return float(lines[0].split()[0])


def served(answers: Answers) -> tuple[float, float]:
    """When the last good answer before the outage and the first after it were asked for (since 1970)."""
    good = [one["start"] for one in answers.each if one["status"] == GOOD]
    before, after = max(pairwise(good), key=lambda pair: pair[1] - pair[0])
    return answers.begun + before, answers.begun + after


def cut(bench: Bench, system: System) -> PowerCut:
    """Cut the power of the active node while clients ask."""
    old = system.active()
    new = system.peer(old)
    seconds = LONGEST.get(system.name, ELSE)
    begun = time.time()
    with (
        address_watched(system, new) as moments,
        system.lab.holding(system.url, HELD, OPENED, every=0.5) as held,
        system.lab.asking(system.url, seconds, every=EVERY) as answers,
    ):
        time.sleep(BEFORE)
        system.lab("power-cut", old)
    if bench.lab.states()[old] != "off" or not answers.failed:
        raise BenchError(
            f"{old} lost its power, and no client of {system.name} noticed: nothing was measured"
        )
    if answers.each[-1]["status"] != GOOD or not moments:
        raise BenchError(
            f"{system.name} was not served again within {seconds:g} s after {old} lost its power"
        )
    before, after = served(answers)
    noticed, added = noticed_at(system, new, begun), moments[0]
    return PowerCut(
        outage=answers.longest_outage,
        detection=noticed - before,
        scripts=added - noticed,
        network=after - added,
        failed=answers.failed,
        asked=answers.asked,
        held=len(held.each),
        broken=len(held.lost),
        errors=dict(Counter(one["error"] for one in held.broken)),
        answers=tuple(
            (round(one["start"], 3), round(one["duration"], 4), one["status"] == GOOD) for one in answers.each
        ),
    )
