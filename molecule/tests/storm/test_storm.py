"""A storm: faults at random. After each the cluster heals, and what must always hold does hold."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from cluster import Cluster, wait_for
from lab import Claims
from playbook import run_site

SEED = int(os.environ.get("HAWEB_STORM_SEED", "323"))
FAULTS = int(os.environ.get("HAWEB_STORM_FAULTS", "10"))

# Seconds.
DEADTIME = 2
HOLD = 3 * DEADTIME  # a fault lasts long enough for the other node to act
HEALING = 2 * DEADTIME
# Where both have taken the address it stays on both until heartbeat gives it up, which it does two seconds
# after they hear each other again.
REUNION = 4 * DEADTIME
BOOT = 60

# Of ARP's answers, five a second: how many of the last say who has it, and how often it may be nobody.
LAST, GAP = 3, 2

Act = Callable[[Cluster, str], object]


def lab(*words: str) -> Act:
    """A command of the lab; NODE stands for the victim."""
    return lambda cluster, node: cluster.lab(*[node if word == "NODE" else word for word in words])


def on(command: str) -> Act:
    """A command on the victim, which must succeed: a fault that did not strike is none."""
    return lambda cluster, node: cluster.lab("run", node, "--", "sh", "-c", command)


def nothing(_cluster: Cluster, _node: str) -> None:
    """What heals by itself."""


def build_again(cluster: Cluster, _node: str) -> None:
    again = run_site(cluster)
    assert again.returncode == 0, again.output


@dataclass(frozen=True)
class Fault:
    name: str
    group: str
    strike: Act
    heal: Act = nothing
    reboots: bool = False
    # While it lasts no node hears another, and then each takes the addresses.
    parts: bool = False
    # Who had the addresses has lost them to the other node, and must not come back with them.
    moves: bool = False
    healing: float = HEALING  # seconds until exactly one has the address


def cut(interface: str, direction: str = "both") -> tuple[Act, Act]:
    return lab("cut", "NODE", "--interface", interface, "--direction", direction), lab("heal", "NODE")


def netem(what: str) -> tuple[Act, Act]:
    return on(f"tc qdisc replace dev eth0 root netem {what}"), on("tc qdisc delete dev eth0 root")


FILL = (
    "fallocate -l $(df --output=avail -B1 / | tail -1) /full; "
    "dd if=/dev/zero of=/fuller bs=64k; ! echo > /fullest"
)
CLOCK = "date -s '{} hour'"

# What runs once on each director, and how ps shows it.
PROCESSES = {
    "ldirectord": "/usr/bin/perl -w /usr/sbin/ldirectord ldirectord.cf start",
    "heartbeat": "heartbeat: master control process",
    "ipfail": "/usr/libexec/heartbeat/ipfail",
}

ANYBODY, DIRECTORS, WEBSERVERS = "hosts", "directors", "webservers"
KINDS = [
    Fault("power cut", ANYBODY, lab("power-cut", "NODE"), lab("power-on", "NODE"), reboots=True, moves=True),
    Fault("halt", ANYBODY, lab("stop", "NODE"), lab("start", "NODE"), reboots=True, moves=True),
    Fault("freeze", ANYBODY, lab("freeze", "NODE"), lab("thaw", "NODE"), moves=True, healing=REUNION),
    Fault("kill -9 heartbeat", DIRECTORS, on("kill -KILL $(cat /run/heartbeat.pid)")),
    Fault("kill -9 ldirectord", DIRECTORS, on("pkill -KILL -x ldirectord")),
    Fault("kill -9 apache2", WEBSERVERS, on("pkill -KILL -x apache2"), on("systemctl restart apache2")),
    Fault("eth0 cut", DIRECTORS, *cut("eth0")),
    Fault("eth0 hears nothing", DIRECTORS, *cut("eth0", "in")),
    Fault("eth0 says nothing", DIRECTORS, *cut("eth0", "out")),
    Fault("eth1 cut", DIRECTORS, *cut("eth1")),
    Fault("all links cut", DIRECTORS, lab("cut", "NODE"), lab("heal", "NODE"), parts=True, healing=REUNION),
    Fault("web server cut off", WEBSERVERS, lab("cut", "NODE"), lab("heal", "NODE")),
    Fault("30 % loss", ANYBODY, *netem("loss 30%")),
    Fault("delay of 200 ms", ANYBODY, *netem("delay 200ms 50ms")),
    Fault("clock an hour ahead", ANYBODY, on(CLOCK.format("+1")), on(CLOCK.format("-1"))),
    Fault("disk full", ANYBODY, on(FILL), on("rm -f /full /fuller /fullest")),
    Fault("systemd-networkd restarts", DIRECTORS, on("systemctl restart systemd-networkd")),
    Fault("site.yml again", DIRECTORS, build_again),
    Fault("heartbeat reloads", DIRECTORS, on("systemctl reload heartbeat")),
    Fault("apache2 reloads", WEBSERVERS, on("systemctl reload apache2")),
]


@dataclass
class Struck:
    """A fault that took place, and what was seen then."""

    fault: Fault
    victim: str
    active: bool  # whether the victim had the addresses
    boots: dict[str, float]  # the machines' uptime before
    during: Claims = field(default_factory=Claims)


def storm(seed: int, count: int, cluster: Cluster) -> Iterator[tuple[Fault, str]]:
    """The same faults for the same seed: whom they hit does not depend on what happened before."""
    chance = random.Random(seed)
    for _ in range(count):
        fault = chance.choice(KINDS)
        yield fault, chance.choice(list(getattr(cluster, fault.group)))


def ownership(cluster: Cluster, seconds: float = 1.0) -> list[str]:
    """What is wrong with who has the address, on the wire: somebody all the while, and one by the end."""
    with cluster.lab.watching_arp(cluster.address, seconds) as claims:
        pass
    found = []
    owners = frozenset().union(*claims.answers[-LAST:])
    if len(owners) != 1:
        found.append(f"{cluster.address} is claimed by {sorted(owners) or 'nobody'}")
    gaps = claims.answers.count(frozenset())
    if gaps > GAP:
        found.append(f"nobody claims {cluster.address} in {gaps} of {len(claims.answers)} answers")
    return found


def health(cluster: Cluster, struck: Struck) -> list[str]:
    """What else does not hold, in words."""
    found = []
    asked = cluster.lab.ask(cluster.url, seconds=0.5)
    if asked.failed:
        found.append(f"{asked.failed} of {asked.asked} requests fail")
    tables = {name: cluster.table(name) for name in cluster.directors}
    if any(table != set(cluster.webservers) for table in tables.values()):
        found.append(f"the tables are {tables}")
    for name, director in cluster.directors.items():
        for process, command in PROCESSES.items():
            count = len(director.run(f"pgrep -f '^{command}$'").stdout.split())
            if count != 1:
                found.append(f"{name} runs {count} {process}")
    found += [
        f"{name} has booted by itself"
        for name in cluster.hosts
        if not (struck.fault.reboots and name == struck.victim) and cluster.uptime(name) < struck.boots[name]
    ]
    return found


def settle(judge: Callable[[], list[str]], seconds: float) -> list[str]:
    """Wait until nothing is wrong; return what still is."""
    wrong = ["nobody could be asked"]

    def holds() -> bool:
        wrong[:] = judge()
        return not wrong

    with suppress(AssertionError):
        wait_for("all holds", holds, seconds)
    return wrong


def strike(cluster: Cluster, fault: Fault, victim: str) -> Struck:
    active = cluster.active() == victim
    boots = {name: cluster.uptime(name) for name in cluster.hosts}
    with cluster.lab.watching_arp(cluster.address, seconds=HOLD) as during:
        fault.strike(cluster, victim)
    return Struck(fault, victim, active, boots, during)


def judge(cluster: Cluster, struck: Struck) -> list[str]:
    """All that is wrong, during the fault and once it has healed."""
    wrong = []
    if struck.during.at_once > 1 and not struck.fault.parts:
        wrong.append(f"{struck.during.at_once} claimed {cluster.address} at once while they heard each other")
    struck.fault.heal(cluster, struck.victim)
    wrong += ownership(cluster, struck.fault.healing)
    wrong += settle(lambda: ownership(cluster) + health(cluster, struck), BOOT)
    if struck.active and struck.fault.moves and struck.victim in cluster.holders():
        wrong.append(f"{struck.victim} has come back with {cluster.address}")
    return wrong


@pytest.fixture(autouse=True)
def whole(cluster: Cluster) -> None:
    cluster.make_whole()


def test_storm(cluster: Cluster, say: Callable[[str], None]) -> None:
    say(f"seed {SEED}, {FAULTS} faults")
    broken = []
    for number, (fault, victim) in enumerate(storm(SEED, FAULTS, cluster), 1):
        struck = strike(cluster, fault, victim)
        start = time.monotonic()
        wrong = judge(cluster, struck)
        seconds = time.monotonic() - start
        name = f"{number}. {fault.name}, {victim}{' (active)' if struck.active else ''}"
        say(f"{name}: {'; '.join(wrong) or f'all holds {seconds:.0f} s after it began to heal'}")
        if wrong:
            broken.append(f"{name}: {'; '.join(wrong)}")
            cluster.make_whole()
    assert broken == []
