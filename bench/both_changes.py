"""10. What it costs that a web server comes, goes or changes, where both directors take every packet.

Beside it the same in heartbeat's form, with the same scheduler, at the same moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from errno import ECONNRESET
from functools import partial

from page import Lines, grouped, middle, share, table, title, worst
from systems import PATIENCE, Bench, BenchError, System, failures, reasons, wait_for
from testbed.lab import Answers

TITLE = "Both directors at once: a web server is added, removed or changed"
ROUNDS = 10
EVERY = 0.01  # seconds from request to request
# A client asks for so long before, and in all, or until the tables are right where that takes longer.
BEFORE, SECONDS = 1.5, 9.0
LONGEST = 30.0
# Seconds that a client waits for what died, less than a browser's.
PATIENCE_WITH_DEAD = 1.0
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


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What one system's clients saw of one kind of change.

    resets: how many of the failed requests were reset.
    failed_after: seconds from the change to each failed request.
    slowest: seconds of the slowest request.
    settled: seconds from the change until the tables of both systems were right.
    """

    round: int
    kind: str
    system: str
    asked: int
    failed: int
    resets: int
    errors: dict[str, int]
    failed_after: tuple[float, ...]
    slowest: float
    settled: float

    @classmethod
    def of(cls, number: int, kind: str, system: str, done: float, settled: float, answers: Answers) -> Sample:
        """Count what a change did that was made at a moment (seconds since 1970)."""
        failed = failures(answers.each)
        return cls(
            round=number,
            kind=kind,
            system=system,
            asked=answers.asked,
            failed=len(failed),
            resets=sum(RESET in one["error"] for one in failed),
            errors=reasons(failed),
            failed_after=tuple(round(answers.begun + one["start"] - done, 2) for one in failed),
            slowest=max(one["duration"] for one in answers.each),
            settled=settled,
        )


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
    bench: Bench,
    systems: Collection[System],
    number: int,
    kind: str,
    do: Callable[[], object],
    weights: Weights,
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
        yield Sample.of(number, kind, system.name, done, settled, answers)


def turn(bench: Bench, systems: Collection[System], number: int) -> Iterator[Sample]:
    """Everything that is asked of one round, once."""
    lab, names = bench.lab, list(bench.webservers)
    victim = names[number % len(names)]
    address = bench.webservers[victim]
    all_there = dict.fromkeys(bench.webservers.values(), WEIGHTS[0])
    others = {one: weight for one, weight in all_there.items() if one != address}

    lab("run", victim, "--", "systemctl", "stop", "apache2")
    settle(systems, others)
    start = partial(lab, "run", victim, "--", "systemctl", "start", "apache2")
    yield from strike(bench, systems, number, STARTS, start, all_there)
    remove = partial(reconfigure, systems, REMOVE.format(address=address))
    yield from strike(bench, systems, number, REMOVED, remove, others)
    yield from strike(bench, systems, number, ADDED, partial(reconfigure, systems, ADD), all_there)
    weigh = partial(reconfigure, systems, WEIGH.format(address=address, weight=WEIGHTS[1]))
    yield from strike(bench, systems, number, WEIGHED, weigh, all_there | {address: WEIGHTS[1]})
    reconfigure(systems, ADD)
    settle(systems, all_there)
    if number % FEWER[DIES] == 0:
        yield from strike(bench, systems, number, DIES, partial(lab, "power-cut", victim), others)
        lab("power-on", victim)
        settle(systems, all_there)


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    warm, both = bench.system("warm"), bench.system("both")
    systems = (both, warm)
    bench.only(*systems)
    bench.build_like(warm, both)
    bench.get_ready(systems)
    everywhere(systems, f"cp --preserve {CONFIG} {WHOLE}")
    for number in range(rounds):
        for sample in turn(bench, systems, number):
            bench.say(
                f"{sample.kind}, {sample.system}: {sample.failed} of {sample.asked} failed "
                f"{sample.errors or ''} {list(sample.failed_after[:5]) or ''}, "
                f"the slowest answer took {sample.slowest:.2f} s"
            )
            yield sample
    everywhere(systems, f"rm {WHOLE}")
    bench.build(warm)


def tell(samples: Sequence[Sample]) -> Lines:
    rows = [
        [
            kind,
            title(system),
            len(own),
            share((one.failed for one in own), (one.asked for one in own)),
            middle((one.failed for one in own), 0),
            max(one.failed for one in own),
            sum(one.resets for one in own),
            worst((one.slowest for one in own), 2),
        ]
        for (kind, system), own in grouped(samples, lambda one: (one.kind, one.system)).items()
    ]
    header = ["a web server", "form", "rounds", "requests failed", "of a round, median", "worst"]
    return [
        f"A client sends a request to each form every {1000 * EVERY:.0f} ms, for at least {SECONDS:.0f} s. "
        "Both forms have the scheduler `mh`.",
        "",
        *table([*header, "resets", "slowest, s"], rows),
    ]
