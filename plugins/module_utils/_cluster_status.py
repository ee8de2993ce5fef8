# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge a cluster by what its nodes report: heartbeat_info, ipvs_info and both_info of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.haweb.cluster.plugins.module_utils._ipvs import RealServer, Service, lacking

Report = Mapping[str, Any]


@dataclass(frozen=True)
class Node:
    """A node, and what it reports; None where it could not be asked."""

    host: str  # in the inventory
    name: str  # to heartbeat
    heartbeat: Report | None = None
    ipvs: Report | None = None
    both: Report | None = None  # what it takes, where both directors take packets

    def holds(self, address: str) -> bool:
        return bool(self.heartbeat) and address in (self.heartbeat or {}).get("addresses", ())


@dataclass(frozen=True)
class Cluster:
    """What the inventory says of the cluster, and what its nodes report."""

    nodes: tuple[Node, ...]
    addresses: tuple[str, ...]
    services: tuple[str, ...] = ()  # ADDRESS:PORT or firewall mark; empty where the nodes are no directors
    resources: tuple[str, ...] = ()  # words of haresources

    @property
    def warm(self) -> bool:
        """Whether ldirectord and both sync daemons run on each node, heartbeat or not."""
        return not any(word.startswith("ldirectord::") for word in self.resources)

    def active(self, node: Node) -> bool:
        return any(node.holds(address) for address in self.addresses)


def problems_of(cluster: Cluster) -> list[str]:
    """Return a sentence for each finding; none where the cluster is whole and serves."""
    found: list[str] = []
    for node in cluster.nodes:
        if node.heartbeat is None:
            found.append(
                f"{node.host}: it could not be asked. It is unreachable, has failed above, or --limit leaves "
                "it out; without the answer of each node nobody can tell whether the cluster is whole"
            )
        else:
            found += _heartbeat(node, node.heartbeat)
    for address in cluster.addresses:
        found += _owners(address, cluster)
    for node in cluster.nodes:
        if node.ipvs is not None and cluster.services:
            found += _director(node, node.ipvs, cluster)
        if node.both is not None:
            found += _takes(node, node.both)
    return [f"{sentence}." for sentence in found]


def _heartbeat(node: Node, report: Report) -> Iterator[str]:
    if not report["running"]:
        yield f"{node.host}: heartbeat does not run; start it with `systemctl start heartbeat`"
        return
    for name, status in report["nodes"].items():
        if status != "active":
            yield (
                f"{node.host}: heartbeat reports that {name} is {status}, but it must be active. Look "
                f"whether heartbeat runs on {name} (`systemctl status heartbeat`); where it runs, open the "
                "UDP port of the heartbeats between the nodes (694, or udpport in ha.cf), and compare "
                "/etc/ha.d/authkeys"
            )


def _owners(address: str, cluster: Cluster) -> Iterator[str]:
    asked = [node for node in cluster.nodes if node.heartbeat is not None]
    holders = [node.host for node in asked if node.holds(address)]
    where = f"look into `journalctl --unit heartbeat` on {' and '.join(node.host for node in cluster.nodes)}"
    if len(holders) > 1:
        yield (
            f"{address} is on {' and on '.join(holders)}, but must be on exactly one node. The nodes do not "
            f"receive each other's heartbeats (firewall, UDP port, secret); {where}"
        )
        return
    # What ARP has found beyond the nodes that were asked.
    others = {
        machine
        for node in asked
        for machine in (node.heartbeat or {}).get("contested", {}).get(address, ())
        if machine not in {node.name for node in asked}
    }
    if holders and others:
        yield (
            f"{address} is on {holders[0]} and, as ARP shows, on {' and on '.join(sorted(others))}, but must "
            f"be on exactly one node; remove it from a machine that is no node of the cluster, or {where}"
        )
    elsewhere = any(address not in (node.heartbeat or {}).get("unheld", ()) for node in asked)
    if not holders and (len(asked) == len(cluster.nodes) or not elsewhere):
        yield (
            f"{address} is on no node, but must be on exactly one. Run site.yml, which adds it again, and "
            f"{where}"
        )


def _director(node: Node, report: Report, cluster: Cluster) -> Iterator[str]:
    if cluster.warm or cluster.active(node):
        missing = lacking(cluster.services, map(_service, report["services"]))
        if missing:
            yield (
                f"{node.host}: its IPVS table has no working real server for {', '.join(missing)}. Look into "
                "`journalctl --unit ldirectord` and `ipvsadm --list --numeric` there"
            )
    running = {daemon["state"] for daemon in report["daemons"]}
    for state in sorted(_sync_states(node, cluster) - running):
        yield (
            f"{node.host}: its {state} sync daemon does not run, so that connections end when the address "
            "moves; restart it with `systemctl restart haweb-sync`, or run site.yml"
        )


def _takes(node: Node, report: Report) -> Iterator[str]:
    if not report["runs"]:
        yield (
            f"{node.host}: haweb-both does not run, so that this director takes no packets; start it with "
            "`systemctl start haweb-both`, or run site.yml"
        )
    elif report["takes"] == "nothing":
        yield (
            f"{node.host}: this director takes no packets, {report['why']}. Until it does, the death of the "
            "other one is an outage. Compare `ipvsadm --list --numeric` on both, and look into `journalctl "
            "--unit haweb-both`"
        )


def _service(report: Report) -> Service:
    reals = tuple(RealServer(**real) for real in report["real_servers"])
    return Service(**{**report, "real_servers": reals})


def _sync_states(node: Node, cluster: Cluster) -> set[str]:
    """Return which of the kernel's sync daemons must run here."""
    if cluster.warm:
        return {"master", "backup"}
    swapped = any(word.startswith("LVSSyncDaemonSwap") for word in cluster.resources)
    return {"master"} if swapped and cluster.active(node) else {"backup"}


def read_cluster(
    nodes: Mapping[str, str],
    heartbeats: Sequence[Report | None],
    tables: Sequence[Report | None],
    addresses: Iterable[str],
    services: Iterable[str],
    resources: Iterable[str],
    boths: Sequence[Report | None],
) -> Cluster:
    """Bring the inventory and the reports, which have the order of the nodes, together."""

    def answered(report: Report | None, key: str) -> Report | None:
        # What a failed or unreachable host has registered has no such key.
        return report if report and key in report and not report.get("failed") else None

    return Cluster(
        nodes=tuple(
            Node(
                host,
                name.lower(),
                answered(heartbeat, "running"),
                answered(table, "services"),
                answered(both, "takes"),
            )
            for (host, name), heartbeat, table, both in zip(
                nodes.items(), heartbeats, tables, boths or [None] * len(nodes), strict=True
            )
        ),
        addresses=tuple(dict.fromkeys(address.partition("/")[0] for address in addresses)),
        services=tuple(services),
        resources=tuple(resources),
    )
