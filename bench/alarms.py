"""1b. How late heartbeats come while all processors are busy: which deadtime would be a false alarm."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack

from systems import Bench, Sample

ROUNDS = 1
SECONDS = 3600
# heartbeat writes down each one that comes later than warntime. A deadtime that no delay reaches lets one run
# tell of all: with a shorter one the first false alarm would be what the rest of the run is about.
KEEPALIVE = 0.1  # seconds
TIMERS = {"keepalive": f"{1000 * KEEPALIVE:.0f}ms", "warntime": "250ms", "deadtime": 60, "initdead": 60}
LATE = re.compile(r"Late heartbeat: Node \S+: interval (\d+) ms")
BUSY = 2  # loops that compute all the time, as many as this machine has processors
TURN = 30  # seconds for which clients ask in one go


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
        sample = {
            "round": number,
            "seconds": time.time() - begun,
            "late_ms": late,
            "deaths": sum(text.count(": is dead") for text in told.values()),
        }
        bench.say(
            f"{len(late)} heartbeats came later than {TIMERS['warntime']} after the one before, "
            f"the latest after {late[-5:] or 'less'} ms; {sample['deaths']} nodes were declared dead"
        )
        yield sample
    bench.build(system)
