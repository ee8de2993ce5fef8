# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Interpret the state that cl_status reports for heartbeat on this node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# The states of a node with resources: those that prefer it (local), all others (foreign), or both.
HOLDS = ("local", "foreign", "all")
ACTIVE = "active"
# The state of a node is known if it is active, or if it was declared dead or has left.
KNOWN = (ACTIVE, "dead")


@dataclass(frozen=True)
class State:
    """The state that heartbeat reports on one node at one moment."""

    running: bool
    nodename: str
    nodes: Mapping[str, str] = field(default_factory=dict)
    resources: str | None = None
    addresses: tuple[str, ...] = ()
    unheld: tuple[str, ...] = ()  # virtual addresses that no node has
    # Virtual addresses that more than one machine has, and these machines (with or without this node).
    contested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missed: tuple[str, ...] = ()  # nodes that run heartbeat, but that it reports as not active
    error: str = ""  # why cl_status failed

    @property
    def settled(self) -> bool:
        """Whether the state of every node is known and some node has the resources.

        With auto_failback off, a node that returns has no resources while another one is active.
        """
        if not self.running or self.error or self.unheld or self.contested or self.missed:
            return False
        if self.nodes.get(self.nodename) != ACTIVE:
            return False
        if any(status not in KNOWN for status in self.nodes.values()):
            return False
        others = [status for name, status in self.nodes.items() if name != self.nodename]
        return self.resources in HOLDS or (self.resources == "none" and ACTIVE in others)

    def problem(self, host: str, timeout: float, udpport: int = 694) -> str:
        """Return why the wait has failed, and where to look."""
        where = "look at `systemctl status heartbeat` and `journalctl --unit heartbeat`"
        unheard = (
            f"Nodes that both run do not receive each other's heartbeats: open UDP port {udpport} between "
            "them in both directions, give them the same secret (authkeys) and the same links (bcast, mcast, "
            f"ucast in ha.cf); {where}."
        )
        if not self.running:
            return f"{host}: heartbeat does not run after {timeout:g} s; {where}."
        if self.error:
            return (
                f"{host}: heartbeat runs, but after {timeout:g} s cl_status reports: {self.error}; {where}."
            )
        if self.contested:
            owners = "; ".join(
                f"{address} is on {' and on '.join(machines)}" for address, machines in self.contested.items()
            )
            return (
                f"{host}: after {timeout:g} s more than one machine has a virtual address: {owners}. "
                f"{unheard} If one of the machines is no node of the cluster, remove the address there (a "
                "real server that answers ARP for it lacks arp_ignore=1 and arp_announce=2)."
            )
        if self.missed:
            missed = ", ".join(f"{name} is {self.nodes.get(name, 'unknown')}" for name in self.missed)
            held = ", ".join(self.addresses) or "none"
            return (
                f"{host}: after {timeout:g} s heartbeat still reports that {missed}, though heartbeat runs "
                f"there in this run; virtual addresses here: {held}. {unheard}"
            )
        if self.unheld:
            return (
                f"{host}: after {timeout:g} s heartbeat has settled, but no machine on the network has "
                f"{', '.join(self.unheld)}: the nodes have lost a message, or a resource cannot start. "
                f"Run `/usr/share/heartbeat/hb_takeover` on one of them; {where}."
            )
        nodes = ", ".join(f"{name} is {status}" for name, status in self.nodes.items()) or "none"
        held = ", ".join(self.addresses) or "none"
        return (
            f"{host}: after {timeout:g} s heartbeat has not settled; nodes: {nodes}; resources: "
            f"{self.resources}; virtual addresses here: {held}. If a node stays in another state than "
            "active or dead, its heartbeats do not arrive on every link (firewall, broadcast address, key); "
            f"{where}."
        )
