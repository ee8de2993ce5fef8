"""Both directors take every packet: how to detect that, and traffic that must have no loss."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus

from testbed.cluster import Cluster
from testbed.lab import Answers, Held
from testbed.waiting import wait_for

EVERY = 0.01  # seconds
HELD = 300
# Seconds that a director may need to take packets, from the start of its kernel, on a busy machine.
LONGEST_BOOT = 90

# Apache ends idle processes with their held connections, and each connection after a hundred requests, even
# without directors.
KEEP = "/etc/apache2/conf-enabled/keep.conf"
KEEP_THEM = f"""
printf '%s\\n' 'MaxSpareThreads 400' 'MaxKeepAliveRequests 0' >{KEEP}
sync
systemctl reload apache2
"""


# Commands that find traces of this form on a director.
TRACES = {
    "the program": "ls /usr/local/sbin/haweb-both",
    "its configuration": "ls /etc/ha.d/haweb-both.*",
    "its state": "ls -d /run/haweb-both",
    "its unit": "ls /etc/systemd/system/haweb-both.service",
    "a rule of tc for what comes": "tc filter show dev eth0 ingress | grep .",
    "a rule of tc for what goes": "tc filter show dev eth0 egress | grep .",
    "the place for rules": "tc qdisc show dev eth0 | grep clsact",
    "the shared MAC": "bridge fdb show dev eth0 | grep 02:00:c0:a8:00:69",
    "the address on the loopback": "ip -oneline address show dev lo | grep 192.168.0.105",
    "connections that begin elsewhere": "grep 1 /proc/sys/net/ipv4/vs/sloppy_tcp",
}


@contextmanager
def patient_web_servers(cluster: Cluster) -> Iterator[None]:
    """Configure the web servers to keep all connections of clients open, while the body runs."""
    for webserver in cluster.webservers.values():
        webserver.check_output(KEEP_THEM)
    yield
    for webserver in cluster.webservers.values():
        webserver.check_output(f"rm {KEEP} && systemctl reload apache2")


def shared_mac(cluster: Cluster) -> str:
    """The MAC of the virtual address, which no card has."""
    return f"02:00:{bytes(map(int, cluster.address.split('.'))).hex(':')}"


def both_take(cluster: Cluster) -> None:
    for name in cluster.directors:
        wait_for(f"{name} takes packets", partial(cluster.takes, name), LONGEST_BOOT)


@dataclass
class Traffic:
    """The results of the clients, which are complete when the clients have ended."""

    answers: Answers = field(default_factory=Answers)
    held: Held = field(default_factory=Held)

    @property
    def lost(self) -> list[str]:
        """Describe lost requests and connections in words; the list is empty if nothing was lost."""
        found = []
        if not self.answers.saw_it_all:
            found.append("the client stopped asking before it was over")
        if self.answers.failed:
            failed = [one for one in self.answers.each if one["status"] != HTTPStatus.OK]
            seen = f"{self.answers.failed} of {self.answers.asked} requests failed"
            found.append(f"{seen}, since {self.answers.begun:.2f}: {failed[:3]}")
        if self.held.broken:
            found.append(f"{len(self.held.broken)} held connections broke: {self.held.broken[:3]}")
        return found

    def __str__(self) -> str:
        slowest = max((one["duration"] for one in self.answers.each), default=0.0)
        held = f"{len(self.held.broken)} of {len(self.held.each)} held connections broke"
        return f"{self.answers}, slowest answer {slowest:.2f} s; {held}"


@contextmanager
def traffic(cluster: Cluster, seconds: float, held: int = HELD) -> Iterator[Traffic]:
    """Send a request every 10 ms and hold connections while the body causes a fault, at most for `seconds`.

    The body begins a second after the clients.
    """
    seen = Traffic()
    with (
        cluster.lab.holding(cluster.url, held, over=3) as seen.held,
        cluster.lab.asking(cluster.url, seconds, every=EVERY, at_most=True) as seen.answers,
    ):
        time.sleep(1)
        yield seen
