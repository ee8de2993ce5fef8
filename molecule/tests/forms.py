"""What must hold in a storm, in each form of the cluster."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import ClassVar

from cluster import Cluster, wait_for
from fault import BOOT, HOLD, KINDS, Fault
from lab import Claims

# Of ARP's answers, five a second: how many of the last say who has it, and how often it may be nobody.
LAST, GAP = 3, 2

# What runs once on each director, and how ps shows it.
PROCESSES = {
    "ldirectord": "/usr/bin/perl -w /usr/sbin/ldirectord ldirectord.cf start",
    "heartbeat": "heartbeat: master control process",
    "ipfail": "/usr/libexec/heartbeat/ipfail",
}


@dataclass
class Struck:
    """A fault that takes place, and what was there before."""

    fault: Fault
    victim: str
    active: bool  # whether the victim had the addresses
    boots: dict[str, float]  # the machines' uptime before


@dataclass
class Round:
    """What a fault has led to."""

    struck: Struck
    wrong: list[str] = field(default_factory=list)  # in words; nothing where all holds
    seconds: float = 0.0  # since it began to heal
    seen: str = ""  # by clients

    def __str__(self) -> str:
        active = " (active)" if self.struck.active else ""
        found = "; ".join(self.wrong) or f"all holds {self.seconds:.0f} s after it began to heal"
        return (
            f"{self.struck.fault.name}, {self.struck.victim}{active}: {found}{self.seen and f'; {self.seen}'}"
        )


def settle(judge: Callable[[], list[str]], seconds: float) -> list[str]:
    """Wait until nothing is wrong; return what still is."""
    wrong = ["nobody could be asked"]

    def holds() -> bool:
        wrong[:] = judge()
        return not wrong

    with suppress(AssertionError):
        wait_for("all holds", holds, seconds)
    return wrong


class Form(ABC):
    """How a storm strikes the cluster, and what must hold."""

    kinds: ClassVar[list[Fault]]
    processes: ClassVar[dict[str, str]]

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    @abstractmethod
    def strike(self, fault: Fault, victim: str) -> Round:
        """Let a fault take place, heal it, and judge what is seen meanwhile and afterwards."""

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """What the whole storm needs."""
        yield

    def make_whole(self) -> None:
        self.cluster.make_whole()

    def before(self, fault: Fault, victim: str) -> Struck:
        active = self.cluster.active() == victim
        return Struck(fault, victim, active, {name: self.cluster.uptime(name) for name in self.cluster.hosts})

    def health(self, struck: Struck) -> list[str]:
        """What does not hold afterwards, in any form."""
        found = []
        asked = self.cluster.lab.ask(self.cluster.url, seconds=0.5)
        if asked.failed:
            found.append(f"{asked.failed} of {asked.asked} requests fail")
        tables = {name: self.cluster.table(name) for name in self.cluster.directors}
        if any(table != set(self.cluster.webservers) for table in tables.values()):
            found.append(f"the tables are {tables}")
        for name, director in self.cluster.directors.items():
            for process, command in self.processes.items():
                count = len(director.run(f"pgrep -f '^{command}$'").stdout.split())
                if count != 1:
                    found.append(f"{name} runs {count} {process}")
        found += [
            f"{name} has booted by itself"
            for name in self.cluster.hosts
            if not (struck.fault.reboots and name == struck.victim)
            and self.cluster.uptime(name) < struck.boots[name]
        ]
        return found


class OneDirector(Form):
    """heartbeat decides who takes the packets: exactly one, on the wire."""

    kinds = KINDS
    processes = PROCESSES

    def strike(self, fault: Fault, victim: str) -> Round:
        round_ = Round(self.before(fault, victim))
        with self.cluster.lab.watching_arp(self.cluster.address, seconds=HOLD) as during:
            fault.strike(self.cluster, victim)
        start = time.monotonic()
        round_.wrong = self._judge(round_.struck, during)
        round_.seconds = time.monotonic() - start
        return round_

    def _judge(self, struck: Struck, during: Claims) -> list[str]:
        """All that is wrong, during the fault and once it has healed."""
        cluster, fault = self.cluster, struck.fault
        wrong = []
        if during.at_once > 1 and not fault.parts:
            wrong.append(f"{during.at_once} claimed {cluster.address} at once while they heard each other")
        fault.heal(cluster, struck.victim)
        wrong += self._ownership(fault.healing)
        wrong += settle(lambda: self._ownership() + self.health(struck), BOOT)
        if struck.active and fault.moves and struck.victim in cluster.holders():
            wrong.append(f"{struck.victim} has come back with {cluster.address}")
        return wrong

    def _ownership(self, seconds: float = 1.0) -> list[str]:
        """What is wrong with who has the address, on the wire: somebody all the while, and one by the end."""
        address = self.cluster.address
        with self.cluster.lab.watching_arp(address, seconds) as claims:
            pass
        found = []
        owners = frozenset().union(*claims.answers[-LAST:])
        if len(owners) != 1:
            found.append(f"{address} is claimed by {sorted(owners) or 'nobody'}")
        gaps = claims.answers.count(frozenset())
        if gaps > GAP:
            found.append(f"nobody claims {address} in {gaps} of {len(claims.answers)} answers")
        return found


def form_of(cluster: Cluster) -> Form:
    return OneDirector(cluster)
