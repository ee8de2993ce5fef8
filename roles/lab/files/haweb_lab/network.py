# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connect the guests: bridges, cards and the client host."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
from collections.abc import Collection
from pathlib import Path

from .description import LAN, Lab, Node
from .errors import LabError
from .host import replace_by, run

OFFLOADS = ("tso", "gso", "gro", "tx", "sg")


class Network:
    """Creates the parts of the network that are missing."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.ip = ("ip", "-netns", lab.namespace)

    def build(self, nodes: Collection[Node]) -> None:
        self.add_namespaces()
        links = self.links()
        bridges = {LAN} | {card.network for node in nodes for card in node.interfaces}
        for bridge in sorted(bridges - links):
            self.add_bridge(bridge)
        if "host" not in links:
            self.add_host()
        if "to-client" not in links:
            self.add_client()
        for node in nodes:
            for number, card in enumerate(node.interfaces):
                tap = tap_name(node.name, number)
                if tap not in links:
                    self.add_tap(tap, card.network)

    def links(self) -> set[str]:
        return {link["ifname"] for link in json.loads(run(*self.ip, "-json", "link", "show"))}

    def add_namespaces(self) -> None:
        present = namespaces()
        for namespace in (self.lab.namespace, self.lab.client_namespace):
            if namespace not in present:
                run("ip", "netns", "add", namespace)
                run("ip", "-netns", namespace, "link", "set", "lo", "up")

    def add_bridge(self, bridge: str) -> None:
        # No spanning tree and no snooping, so that a port forwards immediately.
        options = ("stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
        run(*self.ip, "link", "add", bridge, "type", "bridge", *options)
        self.finish(bridge)

    def add_host(self) -> None:
        run(*self.ip, "link", "add", "host", "type", "veth", "peer", "name", "to-host")
        self.finish("to-host", master=LAN)
        self.finish("host", address=self.lab.on_lan(self.lab.host_address))

    def add_client(self) -> None:
        peer = ("peer", "name", "eth0", "netns", self.lab.client_namespace)
        run(*self.ip, "link", "add", "to-client", "type", "veth", *peer)
        self.finish("to-client", master=LAN)
        address = self.lab.on_lan(self.lab.client_address)
        self.finish("eth0", address=address, namespace=self.lab.client_namespace)

    def add_tap(self, tap: str, bridge: str) -> None:
        run(*self.ip, "tuntap", "add", tap, "mode", "tap")
        self.finish(tap, master=bridge)

    def finish(self, link: str, *, master: str = "", address: str = "", namespace: str = "") -> None:
        namespace = namespace or self.lab.namespace
        ip = ("ip", "-netns", namespace)
        if master:
            run(*ip, "link", "set", link, "master", master)
        if address:
            run(*ip, "address", "add", address, "broadcast", "+", "dev", link)
        # With offloads a guest's TCP is very slow: frames arrive larger than its card's limit, or without a
        # checksum.
        off = [word for offload in OFFLOADS for word in (offload, "off")]
        run("ip", "netns", "exec", namespace, "ethtool", "--offload", link, *off)
        run(*ip, "link", "set", link, "up")


def digest(node: str, card: int) -> str:
    return hashlib.sha256(f"{node}/{card}".encode()).hexdigest()


def tap_name(node: str, card: int) -> str:
    """Return the name of the host's end: readable, unique, and within the kernel's 15 characters."""
    return f"{node[:6]}-{digest(node, card)[:6]}-{card}"


def mac_address(node: str, card: int) -> str:
    """Return the address of a card, which is always the same; 02 means locally administered."""
    tail = digest(node, card)[:10]
    return ":".join(["02", *(tail[i : i + 2] for i in range(0, 10, 2))])


def namespaces() -> set[str]:
    return {entry["name"] for entry in json.loads(run("ip", "-json", "netns", "list") or "[]")}


def remove(lab: Lab) -> bool:
    """End all processes in the lab's namespaces, delete these, and return whether one existed."""
    present = {lab.namespace, lab.client_namespace} & namespaces()
    for namespace in present:
        # Other processes in the namespace, for example a client, would keep it.
        for pid in run("ip", "netns", "pids", namespace).split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        run("ip", "netns", "delete", namespace)
    return bool(present)


def enter_client_host(lab: Lab, *command: str) -> None:
    """Start the command again in the namespace of the client host, in place of this process."""
    there = Path("/run/netns") / lab.client_namespace
    if not there.exists():
        raise LabError(f"Lab {lab.name} has no network yet. Start a node first.")
    if there.stat().st_ino != Path("/proc/self/ns/net").stat().st_ino:
        replace_by("ip", "netns", "exec", lab.client_namespace, *command)
