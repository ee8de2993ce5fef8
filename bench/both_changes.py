"""10. What it costs that a web server comes, goes or changes, where both directors take every packet.

Beside it the same in heartbeat's form, with the same scheduler, at the same moment.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from errno import ECONNRESET

import outages
from systems import Bench, BenchError, Sample, System, wait_for

ROUNDS = 10
EVERY = 0.01  # seconds from request to request
# A client asks for so long before, and in all, or until the tables are right where that takes longer.
BEFORE, SECONDS = 1.5, 9.0
LONGEST = 30.0
# Seconds that a client waits: as browsers have it, so that a busy machine is no failure; less for what died.
PATIENCE, PATIENCE_WITH_DEAD = 5.0, 1.0
# Of the web server whose weight changes.
WEIGHTS = (1, 3)

CONFIG = "/etc/ha.d/ldirectord.cf"
WHOLE = f"{CONFIG}.whole"
# What the role does when haweb_services changes, on both directors at once: it writes the file, and runs its
# handler. A whole playbook would take longer than the client asks.
REMOVE = "sed --in-place '/real={address}:/d' " + CONFIG
ADD = f"cp --preserve {WHOLE} {CONFIG}.new && mv {CONFIG}.new {CONFIG}"
WEIGH = "sed --in-place 's/\\(real={address}:[0-9]* gate\\).*/\\1 {weight}/' " + CONFIG
RELOAD = "/usr/sbin/ldirectord ldirectord.cf reload >/dev/null 2>&1"

STARTS, ADDED, REMOVED, WEIGHED, DIES = (
    "its Apache starts",
    "it is added to the inventory",
    "it is removed from the inventory",
    "its weight changes",
    "it loses its power",
)
# A power cut is the same in both forms: half the rounds show it.
FEWER = {DIES: 2}

# Of a connection, also where its first packet is answered so.
RESET = f"[Errno {ECONNRESET}]"

Weights = dict[str, int]


def everywhere(systems: Collection[System], command: str) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(
            pool.map(
                lambda one: one[0].run(one[1], command), [(s, node) for s in systems for node in s.nodes]
            )
        )


def reconfigure(systems: Collection[System], command: str) -> None:
    """Change ldirectord's file on all directors, and let them read it."""
    everywhere(systems, command)
    everywhere(systems, RELOAD)


def settle(systems: Collection[System], weights: Weights, seconds: float = LONGEST) -> None:
    """Wait until all directors have these web servers, and take what they should."""
    for system in systems:
        wait_for(
            f"both nodes of {system.name} have {weights}",
            lambda: all(system.weights(node) == weights for node in system.nodes) and system.all_take(),  # noqa: B023
            seconds,
        )


def strike(
    bench: Bench, systems: Collection[System], kind: str, do: Callable[[], object], weights: Weights
) -> Iterator[Sample]:
    """Do it while clients ask; weights: what is in the tables then."""
    patience = PATIENCE_WITH_DEAD if kind == DIES else PATIENCE
    with ExitStack() as stack:
        asked = [
            stack.enter_context(
                bench.lab.asking(system.url, LONGEST + SECONDS, patience, EVERY, at_most=True)
            )
            for system in systems
        ]
        begun = time.monotonic()
        time.sleep(BEFORE)
        done = time.time()
        do()
        settle(systems, weights)
        settled = time.time() - done
        time.sleep(max(0.0, begun + SECONDS - time.monotonic()))
    for system, answers in zip(systems, asked, strict=True):
        if not answers.saw_it_all:
            raise BenchError(f"{kind}: the client of {system.name} stopped asking before that was over")
        failed = [one for one in answers.each if one["status"] != outages.GOOD]
        yield {
            "kind": kind,
            "system": system.name,
            "asked": answers.asked,
            "failed": len(failed),
            "resets": sum(RESET in one["error"] for one in failed),
            "errors": dict(Counter(one["error"] or str(one["status"]) for one in failed)),
            "failed_after": [round(answers.begun + one["start"] - done, 2) for one in failed],
            "slowest": max(one["duration"] for one in answers.each),
            "settled": settled,
        }


def turn(bench: Bench, systems: Collection[System], number: int) -> Iterator[Sample]:
    """Everything that is asked of one round, once."""
    lab, names = bench.lab, list(bench.webservers)
    victim = names[number % len(names)]
    address = bench.webservers[victim]
    all_there = dict.fromkeys(bench.webservers.values(), WEIGHTS[0])
    others = {one: weight for one, weight in all_there.items() if one != address}

    lab("run", victim, "--", "systemctl", "stop", "apache2")
    settle(systems, others)
    yield from strike(
        bench, systems, STARTS, lambda: lab("run", victim, "--", "systemctl", "start", "apache2"), all_there
    )
    yield from strike(
        bench, systems, REMOVED, lambda: reconfigure(systems, REMOVE.format(address=address)), others
    )
    yield from strike(bench, systems, ADDED, lambda: reconfigure(systems, ADD), all_there)
    heavier = WEIGH.format(address=address, weight=WEIGHTS[1])
    yield from strike(
        bench, systems, WEIGHED, lambda: reconfigure(systems, heavier), all_there | {address: WEIGHTS[1]}
    )
    reconfigure(systems, ADD)
    settle(systems, all_there)
    if number % FEWER[DIES] == 0:
        yield from strike(bench, systems, DIES, lambda: lab("power-cut", victim), others)
        lab("power-on", victim)
        settle(systems, all_there)


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    warm, both = bench.system("warm"), bench.system("both")
    systems = (both, warm)
    bench.only(*systems)
    bench.build(warm, bench_service_options=bench.variables(both.nodes[0])["bench_service_options"])
    bench.get_ready(systems)
    everywhere(systems, f"cp --preserve {CONFIG} {WHOLE}")
    for number in range(rounds):
        for sample in turn(bench, systems, number):
            bench.say(
                f"{sample['kind']}, {sample['system']}: {sample['failed']} of {sample['asked']} failed "
                f"{sample['errors'] or ''} {sample['failed_after'][:5] or ''}, "
                f"the slowest answer took {sample['slowest']:.2f} s"
            )
            yield {"round": number, **sample}
    everywhere(systems, f"rm {WHOLE}")
    bench.build(warm)
