"""9. What a director's death and its return cost, where both directors take every packet."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import outages
from systems import Bench, BenchError, Sample, System, wait_for

ROUNDS = 20
EVERY = 0.01  # seconds from request to request
HELD = 300  # connections, with a request a second each
OPENED = 3.0  # seconds in which they are opened
BEFORE, DEAD, AFTER = 1.0, 4.0, 1.0  # seconds before the death, from it to the boot, and after the return
LONGEST_BOOT = 90.0
# Seconds. The client is stopped before.
LONGEST = BEFORE + DEAD + LONGEST_BOOT + AFTER + 10
DIES, RETURNS = "it loses its power", "it boots, and takes packets again"


def strike(bench: Bench, system: System, victim: str) -> Iterator[Sample]:
    """Cut the power of a director while clients ask, and switch it on again while they still do."""
    owner = victim == system.active()
    with (
        system.lab.holding(system.url, HELD, OPENED) as held,
        system.lab.asking(system.url, LONGEST, every=EVERY, at_most=True) as answers,
    ):
        time.sleep(BEFORE)
        system.lab("power-cut", victim)
        state = bench.lab.states()[victim]
        time.sleep(DEAD)
        switched_on = time.time()
        system.lab("power-on", victim)
        wait_for(f"{victim} takes packets again", partial(system.takes, victim), LONGEST_BOOT)
        back = time.time() - switched_on
        time.sleep(AFTER)
    if state != "off" or not answers.saw_it_all:
        raise BenchError(f"{victim} lost its power, and is {state}, or the client saw too little of it")
    broken = held.broken + held.astray
    for phase, since, until in ((DIES, 0.0, switched_on), (RETURNS, switched_on, float("inf"))):
        asked = [one for one in answers.each if since <= answers.begun + one["start"] < until]
        failed = [one for one in asked if one["status"] != outages.GOOD]
        # One that was answered by another web server, too, has no moment.
        ended = [one for one in broken if since <= (one["broke_at"] or switched_on) < until]
        yield {
            "phase": phase,
            "victim": victim,
            "owner": owner,
            "asked": len(asked),
            "failed": len(failed),
            "errors": dict(Counter(one["error"] or str(one["status"]) for one in failed)),
            "failed_at": [round(answers.begun + one["start"], 2) for one in failed],
            "slowest": max(one["duration"] for one in asked),
            "held": len(held.each),
            "broken": len(ended),
            "broken_each": [[one["error"], one["broke_at"], one["servers"]] for one in ended],
            "back": back,
        }


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    system = bench.system("both")
    bench.only(system)
    for number in range(rounds):
        bench.get_ready([system])
        # Each of them once with the address, which goes to the other one then, and once without it.
        victim = system.nodes[number // 2 % 2]
        for sample in strike(bench, system, victim):
            bench.say(
                f"{victim}{', which has the address' if sample['owner'] else ''}: {sample['phase']}: "
                f"{sample['failed']} of {sample['asked']} failed {sample['errors'] or ''}, "
                f"the slowest answer took {sample['slowest']:.2f} s, "
                f"{sample['broken']} of {sample['held']} connections broke; "
                f"it was back after {sample['back']:.1f} s"
            )
            yield {"round": number, **sample}
