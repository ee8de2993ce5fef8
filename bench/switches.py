"""3. What a planned switch costs: the addresses go to the other node and back while clients ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from page import Lines, table
from systems import PATIENCE, Bench, BenchError

TITLE = "A planned switch"
ROUNDS = 1
REQUESTS, EVERY = 20_000, 0.01
HELD = 500


@dataclass(frozen=True, kw_only=True)
class Sample:
    """slowest: seconds; broken: how many of the held connections."""

    round: int
    switches: int
    asked: int
    failed: int
    slowest: float
    held: int
    broken: int


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    system = bench.system("warm")
    bench.only(system)
    for number in range(rounds):
        active = system.active()
        there = [system.peer(active), active]
        switches = 0
        with (
            system.lab.holding(system.url, HELD, over=5, every=2) as held,
            system.lab.asking(system.url, REQUESTS * EVERY, PATIENCE, EVERY) as answers,
        ):
            for target in there * 3:
                bench.playbook(
                    "playbooks/operate/switch.yml",
                    f"--limit={','.join(system.nodes)}",
                    haweb_switch_to=target,
                )
                switches += system.active() == target
        slowest = max(one["duration"] for one in answers.each)
        if not answers.saw_it_all:
            raise BenchError("the client had stopped asking before the last switch: it saw too little")
        bench.say(f"{switches} switches: {answers}, the slowest took {slowest:.2f} s; {held}")
        yield Sample(
            round=number,
            switches=switches,
            asked=answers.asked,
            failed=answers.failed,
            slowest=slowest,
            held=len(held.each),
            broken=len(held.lost),
        )


def tell(samples: Sequence[Sample]) -> Lines:
    rows = [
        [
            one.switches,
            f"{one.failed} of {one.asked}",
            f"{one.slowest:.2f} s",
            f"{one.broken} of {one.held}",
        ]
        for one in samples
    ]
    return table(["switches", "requests that failed", "the slowest", "connections that broke"], rows)
