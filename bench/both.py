"""9. What a director's death and its return cost, where both directors take every packet."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from page import Lines, grouped, middle, share, table, worst
from systems import Bench, BenchError, System, failures, reasons, wait_for
from testbed.lab import Answers, Held

TITLE = "Both directors at once: a director fails"
ROUNDS = 20
EVERY = 0.01  # seconds from request to request
HELD = 300  # connections, with a request a second each
OPENED = 3.0  # seconds in which they are opened
BEFORE, DEAD, AFTER = 1.0, 4.0, 1.0  # seconds before the death, from it to the boot, and after the return
LONGEST_BOOT = 90.0
# Seconds. The client is stopped before.
LONGEST = BEFORE + DEAD + LONGEST_BOOT + AFTER + 10
DIES, RETURNS = "it loses its power", "it boots, and takes packets again"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What clients saw in one of two phases.

    owner: whether the victim had the address when it died.
    failed_at: when the failed requests were sent, in seconds since 1970.
    slowest: seconds of the slowest request.
    broken_each: of each connection that broke its error, when (seconds since 1970), and its web servers.
    back: seconds from switching the victim on until it takes packets.
    """

    round: int
    phase: str
    victim: str
    owner: bool
    asked: int
    failed: int
    errors: dict[str, int]
    failed_at: tuple[float, ...]
    slowest: float
    held: int
    broken: int
    broken_each: tuple[tuple[str | None, float | None, tuple[str, ...]], ...]
    back: float


def phases(
    number: int, victim: str, owner: bool, switched_on: float, back: float, answers: Answers, held: Held
) -> Iterator[Sample]:
    """Divide what clients saw by the moment at which the victim was switched on (seconds since 1970)."""
    for phase, since, until in ((DIES, 0.0, switched_on), (RETURNS, switched_on, float("inf"))):
        asked = [one for one in answers.each if since <= answers.begun + one["start"] < until]
        failed = failures(asked)
        # One that was answered by another web server, too, has no moment.
        ended = [one for one in held.lost if since <= (one["broke_at"] or switched_on) < until]
        yield Sample(
            round=number,
            phase=phase,
            victim=victim,
            owner=owner,
            asked=len(asked),
            failed=len(failed),
            errors=reasons(failed),
            failed_at=tuple(round(answers.begun + one["start"], 2) for one in failed),
            slowest=max(one["duration"] for one in asked),
            held=len(held.each),
            broken=len(ended),
            broken_each=tuple((one["error"], one["broke_at"], tuple(one["servers"])) for one in ended),
            back=back,
        )


def strike(bench: Bench, system: System, number: int, victim: str) -> Iterator[Sample]:
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
    yield from phases(number, victim, owner, switched_on, back, answers, held)


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    system = bench.system("both")
    bench.only(system)
    for number in range(rounds):
        bench.get_ready([system])
        # Each of them once with the address, which goes to the other one then, and once without it.
        victim = system.nodes[number // 2 % 2]
        for sample in strike(bench, system, number, victim):
            bench.say(
                f"{victim}{', which has the address' if sample.owner else ''}: {sample.phase}: "
                f"{sample.failed} of {sample.asked} failed {sample.errors or ''}, "
                f"the slowest answer took {sample.slowest:.2f} s, "
                f"{sample.broken} of {sample.held} connections broke; "
                f"it was back after {sample.back:.1f} s"
            )
            yield sample


def tell(samples: Sequence[Sample]) -> Lines:
    rows = [
        [
            phase,
            len(own),
            share((one.failed for one in own), (one.asked for one in own)),
            worst((one.slowest for one in own), 2),
            share((one.broken for one in own), (one.held for one in own)),
        ]
        for phase, own in grouped(samples, lambda one: one.phase).items()
    ]
    header = ["a director", "rounds", "requests failed", "slowest answer, s", "held connections broken"]
    back = [one.back for one in samples]
    return [
        f"Each director in turn loses its power. A client opens a connection every {1000 * EVERY:.0f} ms, "
        f"and {HELD} held connections have a request a second each. A director took packets again "
        f"{middle(back, 1)} s after it was switched on (median; worst {worst(back, 1)} s).",
        "",
        *table(header, rows),
    ]
