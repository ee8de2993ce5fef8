"""2. Whether an outage depends on the pool: how many web servers there are, and how many of them are dead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import power_cuts
from page import Lines, grouped, middle, ratio, table, worst
from stubs import Stubs
from systems import Bench

TITLE = "Does an outage depend on the pool?"
ROUNDS = 5
# What it is called: how many web servers, and how many of them have died.
POOLS = {"2": (2, 0), "10, half of them dead": (10, 5), "100": (100, 0)}


@dataclass(frozen=True, kw_only=True)
class Sample(power_cuts.PowerCut):
    """pool: one of POOLS."""

    pool: str
    round: int


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    system = bench.system("warm")
    bench.only(system)
    stubs = Stubs(bench)
    stubs.add(max(count for count, _ in POOLS.values()))
    for name, (count, dead) in POOLS.items():
        stubs.all_live()
        bench.build(system, bench_pool=stubs.addresses[:count])
        stubs.die(stubs.addresses[:dead])
        live = stubs.addresses[dead:count]
        bench.get_ready([system], live)
        for number in range(rounds):
            sample = Sample(pool=name, round=number, **vars(power_cuts.cut(bench, system)))
            bench.say(f"a pool of {name}: {sample.outage:.2f} s")
            yield sample
            bench.get_ready([system], live)
    stubs.all_live()
    bench.build(system)


def tell(samples: Sequence[Sample]) -> Lines:
    pools = grouped(samples, lambda one: one.pool)
    outages = {name: [one.outage for one in own] for name, own in pools.items()}
    first = outages[samples[0].pool]
    rows = [
        [name, len(outage), middle(outage, 2), worst(outage, 2), ratio(outage, first)]
        for name, outage in outages.items()
    ]
    return table(["web servers", "rounds", "median", "worst", "ratio to the first"], rows)
