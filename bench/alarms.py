"""1b. How late heartbeats come while all processors are busy: which deadtime would be a false alarm."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from page import Lines, table
from systems import Bench

TITLE = "Late heartbeats on a busy machine"
ROUNDS = 1
SECONDS = 3600
# heartbeat writes down each one that comes later than warntime. A deadtime that no delay reaches lets one run
# tell of all: with a shorter one the first false alarm would be what the rest of the run is about.
KEEPALIVE = 0.1  # seconds
TIMERS = {"keepalive": f"{1000 * KEEPALIVE:.0f}ms", "warntime": "250ms", "deadtime": 60, "initdead": 60}
LATE = re.compile(r"Late heartbeat: Node \S+: interval (\d+) ms")
BUSY = 2  # loops that compute all the time, as many as this machine has processors
TURN = 30  # seconds for which clients ask in one go
STEPS = (250, 400, 600, 1000, 1500, 2000)  # milliseconds of the table


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What heartbeat logged on both nodes.

    late_ms: the interval before each late heartbeat, shortest first.
    deaths: how often a node was declared dead.
    """

    round: int
    seconds: float
    late_ms: tuple[int, ...]
    deaths: int


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    system = bench.system("warm_fast")
    bench.only(system)
    bench.build(system, bench_ha_cf=TIMERS, heartbeat_wait=180)
    bench.get_ready([system])
    for number in range(rounds):
        begun = time.time()
        with ExitStack() as stack:
            for _ in range(BUSY):
                loop = stack.enter_context(subprocess.Popen(["sh", "-c", "while :; do :; done"]))
                stack.callback(loop.kill)
            while time.time() < begun + SECONDS:
                # A director without clients has nothing to do but to say that it lives.
                asked = bench.lab.ask(system.url, TURN)
                bench.say(f"{time.time() - begun:.0f} of {SECONDS} s: {asked}")
        journal = f"journalctl --unit=heartbeat --since=@{begun:.0f}"
        told = {node: system.run(node, journal) for node in system.nodes}
        late = sorted(int(interval) for text in told.values() for interval in LATE.findall(text))
        sample = Sample(
            round=number,
            seconds=time.time() - begun,
            late_ms=tuple(late),
            deaths=sum(text.count(": is dead") for text in told.values()),
        )
        bench.say(
            f"{len(late)} heartbeats came later than {TIMERS['warntime']} after the one before, "
            f"the latest after {late[-5:] or 'less'} ms; {sample.deaths} nodes were declared dead"
        )
        yield sample
    bench.build(system)


def tell(samples: Sequence[Sample]) -> Lines:
    rows = [
        [
            f"{one.seconds / 60:.0f} min",
            f"about {2 * one.seconds / KEEPALIVE:.0f}",
            *(sum(late > step for late in one.late_ms) for step in STEPS),
            max(one.late_ms, default="none"),
            one.deaths,
        ]
        for one in samples
    ]
    timers = ", ".join(f"`{name} {value}`" for name, value in TIMERS.items())
    later = [f"later than {step} ms" for step in STEPS]
    return [
        f"Two directors of ours with {timers}, while clients send requests and {BUSY} loops keep the "
        "processors of the machine busy. heartbeat logs each heartbeat that arrives more than `warntime` "
        "after the one before. A `deadtime` below the longest delay would have caused a false alarm.",
        "",
        *table(["how long", "heartbeats", *later, "the latest, ms", "deaths"], rows),
    ]
