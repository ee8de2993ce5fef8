"""A storm: faults at random. After each the cluster heals, and what must always hold does hold."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from cluster import Cluster, wait_for
from playbook import run_site

SEED = int(os.environ.get("HAWEB_STORM_SEED", "1"))
FAULTS = int(os.environ.get("HAWEB_STORM_FAULTS", "10"))

# Seconds.
HOLD = 6
BOOT = 60

Act = Callable[[Cluster, str], object]


def lab(*words: str) -> Act:
    """A command of the lab; NODE stands for the victim."""
    return lambda cluster, node: cluster.lab(*[node if word == "NODE" else word for word in words])


def on(command: str) -> Act:
    """A command on the victim."""
    return lambda cluster, node: cluster.lab("run", node, "--", "sh", "-c", command)


def nothing(_cluster: Cluster, _node: str) -> None:
    """What heals by itself."""


def build_again(cluster: Cluster, _node: str) -> None:
    run = run_site(cluster)
    assert run.returncode == 0, run.output


@dataclass(frozen=True)
class Fault:
    name: str
    group: str
    strike: Act
    heal: Act = nothing


ANYBODY, DIRECTORS, WEBSERVERS = "hosts", "directors", "webservers"
KINDS = [
    Fault("power cut", ANYBODY, lab("power-cut", "NODE"), lab("power-on", "NODE")),
    Fault("halt", ANYBODY, lab("stop", "NODE"), lab("start", "NODE")),
    Fault("freeze", ANYBODY, lab("freeze", "NODE"), lab("thaw", "NODE")),
    Fault("kill -9 heartbeat", DIRECTORS, on("kill -KILL $(cat /run/heartbeat.pid)")),
    Fault("kill -9 ldirectord", DIRECTORS, on("pkill -KILL -x ldirectord")),
    Fault("kill -9 apache2", WEBSERVERS, on("pkill -KILL -x apache2"), on("systemctl start apache2")),
    Fault("eth0 cut both ways", DIRECTORS, lab("cut", "NODE", "--interface", "eth0"), lab("heal", "NODE")),
    Fault(
        "eth0 hears nothing",
        DIRECTORS,
        lab("cut", "NODE", "--interface", "eth0", "--direction", "in"),
        lab("heal", "NODE"),
    ),
    Fault(
        "eth0 says nothing",
        DIRECTORS,
        lab("cut", "NODE", "--interface", "eth0", "--direction", "out"),
        lab("heal", "NODE"),
    ),
    Fault("eth1 cut both ways", DIRECTORS, lab("cut", "NODE", "--interface", "eth1"), lab("heal", "NODE")),
    Fault("web server cut off", WEBSERVERS, lab("cut", "NODE"), lab("heal", "NODE")),
    Fault(
        "30 % loss",
        ANYBODY,
        on("tc qdisc replace dev eth0 root netem loss 30%"),
        on("tc qdisc delete dev eth0 root"),
    ),
    Fault(
        "delay of 200 ms",
        ANYBODY,
        on("tc qdisc replace dev eth0 root netem delay 200ms 50ms"),
        on("tc qdisc delete dev eth0 root"),
    ),
    Fault("clock an hour ahead", ANYBODY, on("date -s '+1 hour'"), on("date -s '-1 hour'")),
    Fault(
        "disk full",
        ANYBODY,
        on("fallocate -l $(df --output=avail -B1 / | tail -1) /full"),
        on("rm -f /full"),
    ),
    Fault("site.yml again", DIRECTORS, build_again),
    Fault("heartbeat reloads", DIRECTORS, on("systemctl reload heartbeat")),
    Fault("apache2 reloads", WEBSERVERS, on("systemctl reload apache2")),
]


def storm(seed: int, count: int, cluster: Cluster) -> Iterator[tuple[Fault, str]]:
    """The same faults for the same seed: whom they hit does not depend on what happened before."""
    chance = random.Random(seed)
    for _ in range(count):
        fault = chance.choice(KINDS)
        yield fault, chance.choice(list(getattr(cluster, fault.group)))


def broken(cluster: Cluster, boots: dict[str, float], victim: str) -> list[str]:
    """What does not hold, in words."""
    found = []
    owners = cluster.lab.who_has(cluster.address)
    if len(owners) != 1:
        found.append(f"{cluster.address} is claimed by {sorted(owners) or 'nobody'}")
    asked = cluster.lab.ask(cluster.url, seconds=0.5)
    if asked.failed:
        found.append(f"{asked.failed} of {asked.asked} requests fail")
    tables = {name: cluster.table(name) for name in cluster.directors}
    if any(table != set(cluster.webservers) for table in tables.values()):
        found.append(f"the tables are {tables}")
    for name, director in cluster.directors.items():
        for process in ("ldirectord", "heartbeat"):
            count = len(director.run(f"pgrep -P 1 -x {process}").stdout.split())
            if count != 1:
                found.append(f"{name} runs {count} {process}")
    found += [
        f"{name} has booted by itself"
        for name in cluster.hosts
        if name != victim and cluster.uptime(name) < boots[name]
    ]
    return found


@pytest.fixture(autouse=True)
def whole(cluster: Cluster) -> None:
    cluster.make_whole()


def test_storm(cluster: Cluster, say: Callable[[str], None]) -> None:
    say(f"seed {SEED}, {FAULTS} faults")
    sins = []
    for number, (fault, victim) in enumerate(storm(SEED, FAULTS, cluster), 1):
        boots = {name: cluster.uptime(name) for name in cluster.hosts}
        with cluster.lab.watching_arp(cluster.address, seconds=HOLD) as claims:
            fault.strike(cluster, victim)
        fault.heal(cluster, victim)
        healed = time.monotonic()
        wrong: list[str] = []

        def holds() -> bool:
            wrong[:] = broken(cluster, boots, victim)  # noqa: B023
            return not wrong  # noqa: B023

        with suppress(AssertionError):
            wait_for("all holds", holds, BOOT)
        seconds = time.monotonic() - healed
        if claims.at_once > 1:
            wrong.append(f"{claims.at_once} claimed {cluster.address} at once")
        say(f"{number}. {fault.name}, {victim}: {'; '.join(wrong) or f'all holds {seconds:.1f} s later'}")
        sins += [f"{number}. {fault.name}, {victim}: {sentence}" for sentence in wrong]
        if wrong:
            cluster.make_whole()
    assert sins == []
