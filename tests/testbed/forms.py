"""The conditions of a storm, for each form of the cluster: one director takes packets, or both do."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import ClassVar

from testbed.both_directors import both_take, patient_web_servers, shared_mac, traffic
from testbed.cluster import Cluster
from testbed.fault import BOOT, HOLD, KINDS, KINDS_OF_BOTH, Fault
from testbed.lab import Claims
from testbed.waiting import wait_for

# Of five ARP answers a second: how many of the last ones show the owner, and how many may be missing in a
# row.
LAST, GAP = 3, 2
# How many answers a director may send with its own MAC, if the fault gives a reason: 0.6 seconds.
UNMASKED = 3

# Seconds. If both directors take packets: the limit until a director that has not booted takes them again
# (ldirectord alone may need ten to start), and the limit for a fault from its begin until all conditions
# hold.
RETURN = 20
LONGEST = 600
HELD = 100

# Processes that run once on each director, as ps shows them.
PROCESSES = {
    "ldirectord": "/usr/bin/perl -w /usr/sbin/ldirectord ldirectord.cf start",
    "heartbeat": "heartbeat: master control process",
    "ipfail": "/usr/libexec/heartbeat/ipfail",
    "haweb-addresses": "ip -4 -oneline monitor address",
}
PROCESSES_OF_BOTH = {"haweb-both": "python3 /usr/local/sbin/haweb-both /etc/ha.d/haweb-both.json"}


@dataclass
class Struck:
    """A fault and the state before it."""

    fault: Fault
    victim: str
    active: bool  # whether the victim had the addresses
    boots: dict[str, float]  # the machines' uptime before


@dataclass
class Round:
    """The result of a fault."""

    struck: Struck
    wrong: list[str] = field(default_factory=list)  # in words; empty if all conditions hold
    seconds: float = 0.0  # since it began to heal
    seen: str = ""  # by clients

    def __str__(self) -> str:
        active = " (active)" if self.struck.active else ""
        found = "; ".join(self.wrong) or f"all holds {self.seconds:.0f} s after it began to heal"
        return (
            f"{self.struck.fault.name}, {self.struck.victim}{active}: {found}{self.seen and f'; {self.seen}'}"
        )


def settle(judge: Callable[[], list[str]], seconds: float) -> list[str]:
    """Wait until all conditions hold; return those that do not."""
    wrong = ["nothing was checked"]

    def holds() -> bool:
        wrong[:] = judge()
        return not wrong

    with suppress(AssertionError):
        wait_for("all holds", holds, seconds)
    return wrong


class Form(ABC):
    """How a storm causes faults in the cluster, and which conditions must hold."""

    kinds: ClassVar[list[Fault]]
    processes: ClassVar[dict[str, str]]

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    @abstractmethod
    def strike(self, fault: Fault, victim: str) -> Round:
        """Cause a fault, heal it, and check the conditions during the fault and after it."""

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Prepare the cluster for the whole storm."""
        yield

    def make_whole(self) -> None:
        self.cluster.make_whole()

    def before(self, fault: Fault, victim: str) -> Struck:
        active = self.cluster.active() == victim
        return Struck(fault, victim, active, {name: self.cluster.uptime(name) for name in self.cluster.hosts})

    def health(self, struck: Struck) -> list[str]:
        """Return the conditions that do not hold after a fault, in any form."""
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
    """heartbeat selects the director that takes packets: exactly one has the address on the network."""

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
        """Return all violated conditions, during the fault and after it."""
        cluster, fault = self.cluster, struck.fault
        wrong = []
        if during.at_once > 1 and not fault.parts:
            wrong.append(f"{during.at_once} claimed {cluster.address} at once while both received heartbeats")
        fault.heal(cluster, struck.victim)
        wrong += self._ownership(fault.healing)
        wrong += settle(lambda: self._ownership() + self.health(struck), BOOT)
        if struck.active and fault.moves and struck.victim in cluster.holders():
            wrong.append(f"{struck.victim} has come back with {cluster.address}")
        return wrong

    def _ownership(self, seconds: float = 1.0) -> list[str]:
        """Return what is wrong with the owner of the address: some node always has it, and one at the end."""
        address = self.cluster.address
        with self.cluster.lab.watching_arp(address, seconds) as claims:
            pass
        found = []
        owners = frozenset().union(*claims.answers[-LAST:])
        if len(owners) != 1:
            found.append(f"{address} is claimed by {sorted(owners) or 'no machine'}")
        gaps = claims.answers.count(frozenset())
        if gaps > GAP:
            found.append(f"nobody claims {address} in {gaps} of {len(claims.answers)} answers")
        return found


class BothDirectors(Form):
    """Both directors take every packet: clients do not notice a fault of one of them."""

    kinds: ClassVar = [*KINDS, *KINDS_OF_BOTH]
    processes = PROCESSES | PROCESSES_OF_BOTH

    def strike(self, fault: Fault, victim: str) -> Round:
        cluster = self.cluster
        round_ = Round(self.before(fault, victim))
        with (
            cluster.lab.watching_arp(cluster.address, LONGEST, at_most=True) as claims,
            traffic(cluster, LONGEST, HELD) as seen,
        ):
            end = time.monotonic() + HOLD
            fault.strike(cluster, victim)
            time.sleep(max(0.0, end - time.monotonic()))
            start = time.monotonic()
            fault.heal(cluster, victim)
            round_.wrong += settle(self._who_takes_nothing, BOOT if fault.reboots else RETURN)
            if not round_.wrong:
                round_.seen = f"both take packets after {time.monotonic() - start:.1f} s; "
            round_.wrong += settle(lambda: self._ownership() + self.health(round_.struck), BOOT)
            round_.seconds = time.monotonic() - start
        round_.seen += str(seen)
        if victim in cluster.directors:
            round_.wrong += seen.lost
        round_.wrong += self._on_the_wire(fault, claims)
        if fault.unmasked:
            own = sum(bool(answer - {shared_mac(cluster)}) for answer in claims.answers)
            round_.seen += f"; {own} answers by ARP with an own MAC: {fault.unmasked}"
        return round_

    @contextmanager
    def prepared(self) -> Iterator[None]:
        with patient_web_servers(self.cluster):
            yield

    def make_whole(self) -> None:
        self.cluster.lab("heal", *self.cluster.hosts)
        self.cluster.lab("power-on", *self.cluster.hosts)
        for director in self.cluster.directors.values():
            director.run("pkill -CONT -x ldirectord")
            director.check_output("systemctl start ldirectord haweb-both")
        super().make_whole()
        both_take(self.cluster)

    def _who_takes_nothing(self) -> list[str]:
        return [f"{name} takes no packets" for name in self.cluster.directors if not self.cluster.takes(name)]

    def _ownership(self) -> list[str]:
        """Return what is wrong with the owner of the address, which answers for the machine itself."""
        holders = self.cluster.holders()
        if len(holders) == 1:
            return []
        return [f"{self.cluster.address} is on {sorted(holders) or 'no node'}"]

    def _on_the_wire(self, fault: Fault, claims: Claims) -> Iterator[str]:
        """Return what is wrong with the ARP answers: they never stop, and have one MAC."""
        strange = claims.macs - {shared_mac(self.cluster)}
        named = [bool(answer & strange) for answer in claims.answers]
        if sum(named) > (UNMASKED if fault.unmasked else 0) or any(named[-LAST:]):
            yield f"{sum(named)} of {len(named)} answers by ARP name {sorted(strange)}"
        silence = max((len(list(run)) for answer, run in groupby(claims.answers) if not answer), default=0)
        if silence > GAP:
            yield f"nobody answers {silence} ARP requests in a row"


def form_of(cluster: Cluster) -> Form:
    """Return the form that the inventory defines."""
    active = cluster.variables(cluster.preferred).get("haweb_active", "one")
    return {"one": OneDirector, "both": BothDirectors}[active](cluster)
