# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the reports of a cluster's nodes: heartbeat_info, ipvs_info and both_info of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.haweb.cluster.plugins.module_utils._ipvs import RealServer, Service

# The result of a module on a node.
Report = Mapping[str, Any]


@dataclass(frozen=True)
class Heartbeat:
    """The report of heartbeat_info."""

    running: bool
    nodes: Mapping[str, str] = field(default_factory=dict)  # name -> state
    addresses: tuple[str, ...] = ()  # those that this node has
    unheld: tuple[str, ...] = ()  # those that no machine has, as ARP shows
    contested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # address -> machines that have it


@dataclass(frozen=True)
class Table:
    """The report of ipvs_info."""

    services: tuple[Service, ...]
    daemons: frozenset[str]  # states of the running sync daemons


@dataclass(frozen=True)
class Both:
    """The report of both_info, if both directors take packets."""

    runs: bool
    takes: str
    why: str


@dataclass(frozen=True)
class Node:
    """A node and its reports; None if it was not reachable, or has no such report."""

    host: str  # its name in the inventory
    name: str  # its name in heartbeat
    heartbeat: Heartbeat | None = None
    ipvs: Table | None = None
    both: Both | None = None

    def holds(self, address: str) -> bool:
        return self.heartbeat is not None and address in self.heartbeat.addresses


@dataclass(frozen=True)
class Cluster:
    """The cluster of the inventory, and the reports of its nodes."""

    nodes: tuple[Node, ...]
    addresses: tuple[str, ...]
    services: tuple[str, ...] = ()  # ADDRESS:PORT or firewall mark; empty if the nodes are not directors
    resources: tuple[str, ...] = ()  # words of haresources

    @property
    def warm(self) -> bool:
        """Whether ldirectord and both sync daemons run on each node, independent of heartbeat."""
        return not any(word.startswith("ldirectord::") for word in self.resources)

    def active(self, node: Node) -> bool:
        return any(node.holds(address) for address in self.addresses)


def read_cluster(
    nodes: Mapping[str, str],
    heartbeats: Sequence[Report | None],
    tables: Sequence[Report | None],
    addresses: Iterable[str],
    services: Iterable[str],
    resources: Iterable[str],
    boths: Sequence[Report | None],
) -> Cluster:
    """Combine the inventory with the reports, which have the order of the nodes."""
    return Cluster(
        nodes=tuple(
            Node(host, name.lower(), _heartbeat(heartbeat), _table(table), _both(both))
            for (host, name), heartbeat, table, both in zip(
                nodes.items(), heartbeats, tables, boths or [None] * len(nodes), strict=True
            )
        ),
        addresses=tuple(dict.fromkeys(address.partition("/")[0] for address in addresses)),
        services=tuple(services),
        resources=tuple(resources),
    )


def _answers(report: Report | None, key: str) -> Report | None:
    # The registered result of a failed or unreachable host does not have this key.
    return report if report and key in report and not report.get("failed") else None


def _heartbeat(given: Report | None) -> Heartbeat | None:
    report = _answers(given, "running")
    if report is None:
        return None
    return Heartbeat(
        running=report["running"],
        nodes=report.get("nodes", {}),
        addresses=tuple(report.get("addresses", ())),
        unheld=tuple(report.get("unheld", ())),
        contested=report.get("contested", {}),
    )


def _table(given: Report | None) -> Table | None:
    report = _answers(given, "services")
    if report is None:
        return None
    return Table(
        services=tuple(_service(service) for service in report["services"]),
        daemons=frozenset(daemon["state"] for daemon in report["daemons"]),
    )


def _service(report: Report) -> Service:
    reals = tuple(RealServer(**real) for real in report["real_servers"])
    return Service(**{**report, "real_servers": reals})


def _both(given: Report | None) -> Both | None:
    report = _answers(given, "takes")
    return None if report is None else Both(report["runs"], report["takes"], report["why"])
