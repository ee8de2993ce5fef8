# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the problems of a running cluster in the reports of its nodes."""

from __future__ import annotations

from ansible_collections.haweb.cluster.plugins.module_utils._ipvs import lacking
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problem, Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._view.read import (
    Both,
    Cluster,
    Heartbeat,
    Node,
    Table,
)

# heartbeat's word for a node that works, and haweb-both's word for a director that takes no packets.
ACTIVE = "active"
NOTHING = "nothing"
# The states of the kernel's two sync daemons.
MASTER, BACKUP = "master", "backup"

NO_REPORT = Kind(
    "no_report",
    "it has not reported. It is unreachable, has failed above, or --limit excludes it; without the "
    "report of each node it is unknown whether the cluster is whole",
)
HEARTBEAT_STOPPED = Kind(
    "heartbeat_stopped", "heartbeat does not run; start it with `systemctl start heartbeat`"
)
NODE_NOT_ACTIVE = Kind(
    "node_not_active",
    "heartbeat reports that {name} is {state}, but it must be active. Look whether heartbeat runs on {name} "
    "(`systemctl status heartbeat`); where it runs, open the UDP port of the heartbeats between the nodes "
    "(694, or udpport in ha.cf), and compare /etc/ha.d/authkeys",
)
ON_SEVERAL_NODES = Kind(
    "on_several_nodes",
    "is on {holders}, but must be on exactly one node. The nodes do not receive each other's heartbeats "
    "(firewall, UDP port, secret); look into `journalctl --unit heartbeat` on {hosts}",
    joint=" ",
)
ON_OTHER_MACHINES = Kind(
    "on_other_machines",
    "is on {holder} and, as ARP shows, on {others}, but must be on exactly one node; remove it from a "
    "machine that is no node of the cluster, or look into `journalctl --unit heartbeat` on {hosts}",
    joint=" ",
)
ON_NO_NODE = Kind(
    "on_no_node",
    "is on no node, but must be on exactly one. Run site.yml, which adds it again, and look into `journalctl "
    "--unit heartbeat` on {hosts}",
    joint=" ",
)
NOT_SERVED = Kind(
    "not_served",
    "its IPVS table has no working real server for {services}. Look into `journalctl --unit ldirectord` and "
    "`ipvsadm --list --numeric` there",
)
SYNC_STOPPED = Kind(
    "sync_stopped",
    "its {state} sync daemon does not run, so that connections end when the address moves; restart it with "
    "`systemctl restart haweb-sync`, or run site.yml",
)
BOTH_STOPPED = Kind(
    "both_stopped",
    "haweb-both does not run, so that this director takes no packets; start it with `systemctl start "
    "haweb-both`, or run site.yml",
)
TAKES_NOTHING = Kind(
    "takes_nothing",
    "this director takes no packets, {why}. Until it does, a failure of the other one is an outage. Compare "
    "`ipvsadm --list --numeric` on both, and look into `journalctl --unit haweb-both`",
)


def cluster_problems(cluster: Cluster) -> list[Problem]:
    """Return the problems; none if the cluster is whole and serves."""
    problems = Problems("The cluster")
    for node in cluster.nodes:
        _check_heartbeat(node.heartbeat, problems.about(node.host))
    for address in cluster.addresses:
        _check_owners(address, cluster, problems.about(address))
    for node in cluster.nodes:
        if node.ipvs is not None and cluster.services:
            _check_director(node, node.ipvs, cluster, problems.about(node.host))
        if node.both is not None:
            _check_both(node.both, problems.about(node.host))
    return problems.found


def _check_heartbeat(heartbeat: Heartbeat | None, problems: Problems) -> None:
    if heartbeat is None:
        problems.add(NO_REPORT)
        return
    if not heartbeat.running:
        problems.add(HEARTBEAT_STOPPED)
        return
    for name, state in heartbeat.nodes.items():
        if state != ACTIVE:
            problems.add(NODE_NOT_ACTIVE, name=name, state=state)


def _check_owners(address: str, cluster: Cluster, problems: Problems) -> None:
    reports = [node.heartbeat for node in cluster.nodes if node.heartbeat is not None]
    holders = [node.host for node in cluster.nodes if node.holds(address)]
    hosts = " and ".join(node.host for node in cluster.nodes)
    if len(holders) > 1:
        problems.add(ON_SEVERAL_NODES, holders=" and on ".join(holders), hosts=hosts)
        return
    # Machines that ARP has found, in addition to the nodes that have reported.
    others = {machine for report in reports for machine in report.contested.get(address, ())}
    others -= {node.name for node in cluster.nodes if node.heartbeat is not None}
    if holders and others:
        joined = " and on ".join(sorted(others))
        problems.add(ON_OTHER_MACHINES, holder=holders[0], others=joined, hosts=hosts)
    elsewhere = any(address not in report.unheld for report in reports)
    if not holders and (len(reports) == len(cluster.nodes) or not elsewhere):
        problems.add(ON_NO_NODE, hosts=hosts)


def _check_director(node: Node, table: Table, cluster: Cluster, problems: Problems) -> None:
    if cluster.warm or cluster.active(node):
        missing = lacking(cluster.services, table.services)
        if missing:
            problems.add(NOT_SERVED, services=tuple(missing))
    for state in sorted(_sync_states(node, cluster) - table.daemons):
        problems.add(SYNC_STOPPED, state=state)


def _sync_states(node: Node, cluster: Cluster) -> set[str]:
    """Return the kernel's sync daemons that must run here."""
    if cluster.warm:
        return {MASTER, BACKUP}
    swapped = any(word.startswith("LVSSyncDaemonSwap") for word in cluster.resources)
    return {MASTER} if swapped and cluster.active(node) else {BACKUP}


def _check_both(both: Both, problems: Problems) -> None:
    if not both.runs:
        problems.add(BOTH_STOPPED)
    elif both.takes == NOTHING:
        problems.add(TAKES_NOTHING, why=both.why)
