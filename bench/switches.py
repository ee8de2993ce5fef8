"""3. What a planned switch costs: the addresses go to the other node and back while clients ask."""

from __future__ import annotations

from collections.abc import Iterator

from systems import Bench, BenchError, Sample

ROUNDS = 1
REQUESTS, EVERY = 20_000, 0.01
HELD = 500
# Seconds, as browsers have it: a packet that is dropped comes again after one.
PATIENCE = 5.0


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
        sample = {
            "round": number,
            "switches": switches,
            "asked": answers.asked,
            "failed": answers.failed,
            "slowest": slowest,
            "held": len(held.each),
            "broken": len(held.broken) + len(held.astray),
        }
        bench.say(f"{switches} switches: {answers}, the slowest took {slowest:.2f} s; {held}")
        yield sample
