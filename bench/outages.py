"""1. How long nobody is served when the active node loses its power, and where that time goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import power_cuts
from page import Lines, Timeline, grouped, middle, ratio, share, table, title, worst
from systems import Bench

TITLE = "The active node loses its power"
SYSTEMS = ("warm", "warm_fast", "tutorial", "keepalived", "keepalived_fast", "haproxy")
TUTORIAL = "tutorial"
DEADTIME = {"warm": 2.0, "warm_fast": 0.6}  # seconds
ROUNDS = 10


@dataclass(frozen=True, kw_only=True)
class Sample(power_cuts.PowerCut):
    system: str
    round: int


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    systems = [bench.system(name) for name in SYSTEMS]
    for number in range(rounds):
        # All at once, and before: what boots would take the processors from what is measured.
        bench.get_ready(systems)
        for system in systems:
            sample = Sample(system=system.name, round=number, **vars(power_cuts.cut(bench, system)))
            bench.say(
                f"{system.title}: {sample.outage:.2f} s (missed after {sample.detection:.2f}, address "
                f"after {sample.scripts:.2f}, served after {sample.network:.2f}), "
                f"{sample.broken} of {sample.held} connections broke"
            )
            yield sample


def tell(samples: Sequence[Sample]) -> Lines:
    systems = grouped(samples, lambda one: one.system)
    longest = [one.outage for one in systems.get(TUTORIAL, [])]
    rows = []
    for name, own in systems.items():
        outage = [one.outage for one in own]
        rows.append(
            [
                title(name),
                middle(outage, 2),
                worst(outage, 2),
                f"{median(outage) - DEADTIME[name]:.2f}" if name in DEADTIME else "",
                middle((one.detection for one in own), 2),
                middle((one.scripts for one in own), 2),
                middle((one.network for one in own), 2),
                ratio(longest, outage),
                share((one.broken for one in own), (one.held for one in own)),
            ]
        )
    rounds = min(len(own) for own in systems.values())
    header = ["system", "median", "worst", "above deadtime", "missed", "address", "served", "T / it"]
    return [
        f"{rounds} rounds, the systems in turn; a client opens a connection every "
        f"{1000 * power_cuts.EVERY:.0f} ms. All times are in seconds. *Missed*: from the last successful "
        "answer until the other node declares the node dead. *Address*: from then until it has the address. "
        "*Served*: from then until a client gets an answer. The last column counts connections that were "
        "open and in use.",
        "",
        *table([*header, "connections lost"], rows),
    ]


def timelines(samples: Sequence[Sample]) -> list[Timeline]:
    """Each system's round with the median outage."""
    found = []
    for name, own in grouped(samples, lambda one: one.system).items():
        chosen = sorted(own, key=lambda one: one.outage)[len(own) // 2]
        found.append(Timeline(f"{title(name)}: the median round of {len(own)}", chosen.answers))
    return found
