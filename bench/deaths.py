"""5. A web server dies: how long clients are still sent to it, and what becomes of the connections to it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from page import Lines, grouped, middle, share, table, title, worst
from systems import Bench, BenchError, failures
from testbed.lab import Answers, Held

TITLE = "A web server fails"
ROUNDS = 5
SYSTEMS = ("warm", "keepalived_fast", "haproxy")
# What is done, how it is undone, and what the machine is in between.
FAULTS = {
    "power cut": (["power-cut", "NODE"], ["power-on", "NODE"], "off"),
    "frozen": (["freeze", "NODE"], ["thaw", "NODE"], "frozen"),
    "Apache stopped": (
        ["run", "NODE", "--", "systemctl", "stop", "apache2"],
        ["run", "NODE", "--", "systemctl", "start", "apache2"],
        "running",
    ),
}
SECONDS, BEFORE = 20.0, 2.0
EVERY = 0.02
HELD = 50


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What one system's clients saw.

    until: seconds from the fault to the last failed request; 0 if none failed.
    held: connections to the web server of the fault; of these some hung, and some ended.
    last_end: seconds from the fault to the last end.
    """

    system: str
    fault: str
    round: int
    asked: int
    failed: int
    until: float
    held: int
    hung: int
    ended: int
    last_end: float | None

    @classmethod
    def of(
        cls, system: str, fault: str, number: int, victim: str, struck: float, answers: Answers, held: Held
    ) -> Sample:
        """Count what a fault did that struck a web server at a moment (seconds since 1970)."""
        failed = [answers.begun + one["start"] for one in failures(answers.each)]
        to_it = [one for one in held.each if any(victim in server for server in one["servers"])]
        hung = [one for one in to_it if one["error"] == "TimeoutError"]
        ends = sorted(one["broke_at"] - struck for one in to_it if one["error"] and one not in hung)
        return cls(
            system=system,
            fault=fault,
            round=number,
            asked=answers.asked,
            failed=answers.failed,
            until=max(failed, default=struck) - struck,
            held=len(to_it),
            hung=len(hung),
            ended=len(ends),
            last_end=ends[-1] if ends else None,
        )


def strike(bench: Bench, fault: str, number: int) -> Iterator[Sample]:
    """All systems at once: it is the same web server, and the same moment."""
    do, undo, expected = FAULTS[fault]
    systems = [bench.system(name) for name in SYSTEMS]
    victim = list(bench.webservers)[number % len(bench.webservers)]
    with ExitStack() as stack:
        # Undone last, and also where something goes wrong: a frozen machine would hang whatever comes next.
        stack.callback(bench.lab, *[victim if word == "NODE" else word for word in undo])
        held = [stack.enter_context(bench.lab.holding(system.url, HELD)) for system in systems]
        asked = [
            stack.enter_context(bench.lab.asking(system.url, SECONDS, every=EVERY)) for system in systems
        ]
        time.sleep(BEFORE)
        struck = time.time()
        bench.lab(*[victim if word == "NODE" else word for word in do])
        state = bench.lab.states()[victim]
    if state != expected or not any(answers.failed for answers in asked):
        raise BenchError(f"{fault}: {victim} is {state}, and {asked} failed: nothing was measured")
    for system, answers, connections in zip(systems, asked, held, strict=True):
        yield Sample.of(system.name, fault, number, victim, struck, answers, connections)
    bench.get_ready(systems)


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    bench.only(*[bench.system(name) for name in SYSTEMS])
    for number in range(rounds):
        for fault in FAULTS:
            for sample in strike(bench, fault, number):
                bench.say(
                    f"{fault}, {sample.system}: {sample.failed} of {sample.asked} requests failed, "
                    f"the last {sample.until:.1f} s after; "
                    f"{sample.ended} of {sample.held} connections ended, {sample.hung} hung"
                )
                yield sample


def tell(samples: Sequence[Sample]) -> Lines:
    rows = [
        [
            fault,
            title(system),
            len(own),
            middle((one.until for one in own), 1),
            worst((one.until for one in own), 1),
            f"{middle((one.failed for one in own), 0)} of {own[0].asked}",
            share((one.ended for one in own), (one.held for one in own)),
            sum(one.hung for one in own),
            worst(ends, 1) if (ends := [one.last_end for one in own if one.last_end is not None]) else "",
        ]
        for (fault, system), own in grouped(samples, lambda one: (one.fault, one.system)).items()
    ]
    header = ["fault", "system", "rounds", "last failure, median s", "worst s", "requests failed, median"]
    return table([*header, "connections to it that ended", "that hung", "the last ended after, s"], rows)
