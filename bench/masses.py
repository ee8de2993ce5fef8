"""7. A tenth of 250 web servers die at once: how long until the last of them is out of the table."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from page import Lines, grouped, middle, table, worst
from stubs import Stubs
from systems import Bench, wait_for

TITLE = "A tenth of 250 web servers fail at once"
ROUNDS = 3
POOL, DEAD = 250, 25
ONCE = {"checktimeout": 1, "negotiatetimeout": 1, "checkinterval": 1, "failurecount": 1}
# Seconds: ldirectord runs ipvsadm nine times for each web server that it adds.
BUILD, REMOVAL = 600, 120


@dataclass(frozen=True, kw_only=True)
class Sample:
    """out, back: seconds until the last dead one is out of the table, and until all are in it again."""

    way: str
    round: int
    out: float
    back: float


def ways(bench: Bench, addresses: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is tried, and the variables that bring it about."""
    yield "ldirectord as it is", {}
    probe = {"bench_check_interval": 1, "bench_check_timeout": 1}
    bench.playbook("bench/probe.yml", bench_pool=addresses, **probe)
    external = {"checktype": "external-perl", "checkcommand": "/usr/local/bin/probed"}
    yield "one parallel prober, checktype=external-perl", {"bench_service_options": external}
    bench.playbook("bench/probe_absent.yml")


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    system = bench.system("warm")
    bench.only(system)
    stubs = Stubs(bench)
    stubs.add(POOL)
    # In the middle of each tenth, so that a check that goes from one to the next meets them all over its way.
    dead = set(stubs.addresses[5 :: POOL // DEAD])
    for way, variables in ways(bench, stubs.addresses):
        begun = time.monotonic()
        given = {
            "bench_pool": stubs.addresses,
            "bench_ldirectord_cf": ONCE,
            "director_wait": BUILD,
        } | variables
        bench.build(system, **given)
        bench.get_ready([system], stubs.addresses, BUILD)
        bench.say(f"{way}: {POOL} web servers are in both tables after {time.monotonic() - begun:.0f} s")
        active = system.active()
        for number in range(rounds):
            stubs.die(dead)
            seconds = wait_for("the dead are out", lambda: not system.table(active) & dead, REMOVAL)  # noqa: B023
            stubs.all_live()
            back = wait_for(
                "all are back",
                lambda: all(system.table(node) == set(stubs.addresses) for node in system.nodes),
                REMOVAL,
            )
            bench.say(
                f"{way}: the last of {DEAD} is out after {seconds:.1f} s, all are back after {back:.1f} s"
            )
            yield Sample(way=way, round=number, out=seconds, back=back)
    bench.build(system)


def tell(samples: Sequence[Sample]) -> Lines:
    rows = [
        [
            way,
            len(own),
            middle((one.out for one in own), 1),
            worst((one.out for one in own), 1),
            middle((one.back for one in own), 1),
        ]
        for way, own in grouped(samples, lambda one: one.way).items()
    ]
    return table(
        ["how", "rounds", "the last is out after, median s", "worst s", "all are back after, median s"], rows
    )
