#!/usr/bin/env python3
"""Let a fault strike one system after the other, in turns, while clients ask, and write down what they saw.

    outages.py LAB RESULTS [--fault FAULT] [--rounds N] [SYSTEM ...]

LAB is the lab's directory, RESULTS a file that gets a line of JSON for each round; rounds that it has already
are not run again. Without a SYSTEM all of bench/inventory take part. One that does not recover ends the run.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from cluster import wait_for
from lab import Lab

# Seconds.
EVERY = 0.01
PATIENCE = 1.0
BEFORE = 3.0
LONGEST_START = 180.0
# Both nodes know each other, and the standby knows the connections: what comes next is not a start any more.
SETTLE = 5.0
HELD = 100
HELD_OVER = 5.0

WEBSERVERS = ["webserver1", "webserver2"]
VICTIM = "webserver1"


@dataclass
class System:
    name: str
    address: str
    nodes: list[str]

    @property
    def url(self) -> str:
        return f"http://{self.address}/"

    @property
    def after(self) -> float:
        """How long it is watched: the tutorial does nothing for the first half minute."""
        return 45.0 if self.name == "tutorial" else 9.0

    def holder(self, lab: Lab) -> str:
        """Which of its living nodes has the address."""
        states = lab.states()
        ask = ["ip", "-oneline", "address", "show", "dev", "eth0", "to", self.address]
        (holder,) = [
            node for node in self.nodes if states[node] == "running" and lab("run", node, "--", *ask).strip()
        ]
        return holder


Act = Callable[[Lab, System], object]


@dataclass
class Fault:
    strike: Act
    # What gives every machine power again, as the next round does, is no cure for these.
    heal: Act = lambda lab, system: None


FAULTS = {
    "director": Fault(lambda lab, system: lab("power-cut", system.holder(lab))),
    "webserver": Fault(lambda lab, system: lab("power-cut", VICTIM)),
    "frozen": Fault(lambda lab, system: lab("freeze", VICTIM), lambda lab, system: lab("thaw", VICTIM)),
    "apache": Fault(
        lambda lab, system: lab("run", VICTIM, "--", "systemctl", "stop", "apache2"),
        lambda lab, system: lab("run", VICTIM, "--", "systemctl", "start", "apache2"),
    ),
}


@dataclass
class Round:
    """What the clients saw; times in seconds."""

    fault: str
    system: str
    number: int
    outage: float
    asked: int
    failed: int
    held: int
    requests: int  # on the held connections
    broken: list[dict[str, Any]]
    # From the fault to the death that heartbeat declares, and to the start of its script for the address.
    declared: float | None
    taken: float | None
    # Start, duration, and whether it was good.
    answers: list[tuple[float, float, bool]]


def systems(lab: Lab) -> dict[str, System]:
    command = ["ansible-inventory", "--list", f"--inventory={lab.directory / 'inventory'}"]
    inventory = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    addresses = inventory["_meta"]["hostvars"][VICTIM]["bench_systems"]
    return {name: System(name, address, inventory[name]["hosts"]) for name, address in addresses.items()}


def start(lab: Lab, system: System) -> None:
    """Give this pair of directors power, and no other, and wait until both web servers answer through it."""
    states = lab.states()
    wanted = {*system.nodes, *WEBSERVERS}
    if others := [node for node, state in states.items() if node not in wanted and state != "off"]:
        lab("power-cut", *others)
    lab("power-on", *wanted)

    def serves() -> bool:
        seen = lab.ask(system.url, seconds=1)
        return seen.failed == 0 and len(seen.servers) == len(WEBSERVERS)

    wait_for(f"{system.name} serves from both web servers", serves, LONGEST_START)
    time.sleep(SETTLE)


def said(lab: Lab, node: str, words: str, since: float) -> float | None:
    """How many seconds after this moment the node's journal had these words for the first time."""
    journal = lab("run", node, "--", "journalctl", "--boot", "--output=short-unix", "--no-pager")
    times = [float(line.split()[0]) - since for line in journal.splitlines() if re.search(words, line)]
    return next((round(seconds, 3) for seconds in times if seconds > 0), None)


def measure(lab: Lab, system: System, fault: str, number: int) -> Round:
    start(lab, system)
    declared = taken = None
    with (
        lab.holding(system.url, HELD, HELD_OVER) as held,
        lab.asking(system.url, BEFORE + system.after, PATIENCE, EVERY) as answers,
    ):
        time.sleep(BEFORE)
        struck = time.time()
        FAULTS[fault].strike(lab, system)
    if fault == "director":
        survivor = system.holder(lab)
        declared = said(lab, survivor, r"node \S+: is dead", struck)
        taken = said(lab, survivor, r"Running .*(VirtualAddress|IPaddr2) .* start", struck)
    FAULTS[fault].heal(lab, system)
    return Round(
        fault=fault,
        system=system.name,
        number=number,
        outage=answers.longest_outage,
        asked=answers.asked,
        failed=answers.failed,
        held=HELD,
        requests=held.requests,
        broken=held.broken,
        declared=declared,
        taken=taken,
        answers=[
            (round(one["start"], 3), round(one["duration"], 4), one["status"] == HTTPStatus.OK)
            for one in answers.each
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("lab", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--fault", choices=FAULTS, default="director")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("systems", nargs="*", metavar="SYSTEM")
    options = parser.parse_args()
    lab = Lab(options.lab)
    known = systems(lab)
    chosen = [known[name] for name in options.systems or known]
    done = {(one["fault"], one["system"], one["number"]) for one in read(options.results)}
    for number in range(1, options.rounds + 1):
        for system in chosen:
            if (options.fault, system.name, number) in done:
                continue
            seen = measure(lab, system, options.fault, number)
            with options.results.open("a") as results:
                print(json.dumps(asdict(seen)), file=results)
            print(
                f"{options.fault} {number}/{options.rounds} {system.name}: {seen.outage:.2f} s of outage, "
                f"{seen.failed} of {seen.asked} requests failed, "
                f"{len(seen.broken)} of {seen.held} connections broke"
                + (f", dead after {seen.declared} s, taken after {seen.taken} s" if seen.declared else ""),
                flush=True,
            )


def read(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []


if __name__ == "__main__":
    main()
