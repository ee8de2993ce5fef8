"""2. Whether an outage depends on the pool: how many web servers there are, and how many of them are dead."""

from __future__ import annotations

from collections.abc import Iterator

import outages
from stubs import Stubs
from systems import Bench, Sample

ROUNDS = 5
# What it is called: how many web servers, and how many of them have died.
POOLS = {"2": (2, 0), "10, half of them dead": (10, 5), "100": (100, 0)}


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
            sample = {"pool": name, "round": number, **outages.strike(bench, system)}
            bench.say(f"a pool of {name}: {sample['outage']:.2f} s")
            yield sample
            bench.get_ready([system], live)
    stubs.all_live()
    bench.build(system)
