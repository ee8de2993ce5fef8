# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge whether virtual addresses can live on this machine, before anything is told to carry them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface

from ansible_collections.haweb.cluster.plugins.module_utils._arp import shared_macs
from ansible_collections.haweb.cluster.plugins.module_utils._interfaces import Interface
from ansible_collections.haweb.cluster.plugins.module_utils._values import Problems

INTERFACE, LOOPBACK = "interface", "loopback"


@dataclass(frozen=True)
class Wanted:
    addresses: tuple[IPv4Interface, ...]
    place: str
    interface: str | None
    broadcast_interfaces: tuple[str, ...]
    peers: tuple[IPv4Address, ...]


@dataclass(frozen=True)
class Machine:
    interfaces: tuple[Interface, ...]
    heartbeat_runs: bool
    files: Mapping[str, str]  # what configures the network at boot: path -> text
    haresources: str = ""

    def interface(self, name: str | None) -> Interface | None:
        return next((interface for interface in self.interfaces if interface.name == name), None)

    def holders(self, address: IPv4Address) -> list[Interface]:
        """Return the interfaces, other than loopbacks, that have an address."""
        return [found for found in self.interfaces if not found.is_loopback and address in found]

    def carries(self, address: IPv4Address) -> bool:
        """Say whether heartbeat may have put an address here."""
        return self.heartbeat_runs and bool(files_with(address, {"haresources": self.haresources}))


def judge(wanted: Wanted, machine: Machine, problems: Problems) -> None:
    if wanted.place == LOOPBACK:
        for address in wanted.addresses:
            _check_loopback(address, machine, problems)
        return
    device = _existing(wanted.interface, machine, problems) if wanted.interface else None
    for name in wanted.broadcast_interfaces:
        # Said once is enough when both options name it.
        known = machine.interface(name)
        sender = known if known or name == wanted.interface else _existing(name, machine, problems)
        if sender is not None:
            _check_broadcast(sender, problems)
    for address in wanted.addresses:
        if address.ip in wanted.peers:
            problems.say(
                f"{address.ip} is the address of a node of the cluster itself; a virtual address is one that "
                "no machine has of its own, so choose another"
            )
            continue
        if device is not None:
            _check_network(address, device, wanted, problems)
        _check_configured(address, machine, problems)


def _existing(name: str, machine: Machine, problems: Problems) -> Interface | None:
    found = machine.interface(name)
    if found is None:
        names = ", ".join(other.name for other in machine.interfaces if not other.is_loopback) or "none"
        problems.say(f"there is no interface {name}; there are: {names}; name one of them in the inventory")
    elif not found.is_up:
        problems.say(f"{name} is down; bring it up with `ip link set {name} up`, and at every boot")
    return found


def _check_network(address: IPv4Interface, device: Interface, wanted: Wanted, problems: Problems) -> None:
    virtual = {other.ip for other in wanted.addresses}
    own = [found for found in device.addresses if found.ip not in virtual]
    if not own and address in device.addresses:
        problems.say(
            f"{address.ip} is the only address of {device.name}; a virtual address is one that no machine "
            f"has of its own, so choose another, or give {device.name} an address of its own"
        )
    elif not own:
        problems.say(
            f"{device.name} has no IPv4 address of its own, and heartbeat needs one to hear the other nodes; "
            "configure one"
        )
    elif not any(address.ip in found.network for found in own):
        networks = ", ".join(str(found.network) for found in own)
        problems.say(
            f"{address.ip} is outside the network of {device.name} ({networks}), so that nobody there would "
            "find it; choose an address inside it, or another interface"
        )


def _check_broadcast(device: Interface, problems: Problems) -> None:
    if not device.addresses:
        problems.say(f"{device.name} has no IPv4 address, without which nothing can broadcast; configure one")
    elif not device.has_broadcast:
        first = device.addresses[0]
        broadcast = first.network.broadcast_address
        problems.say(
            f"{first} on {device.name} has no broadcast address, so that heartbeat's bcast would reach "
            f"nobody and every node would take the virtual address; add `broadcast {broadcast}` where the "
            f"address is configured (/etc/network/interfaces, or `Broadcast={broadcast}` in a .network "
            f"file) and set {device.name} up anew; by hand an address gets one only when it is added, with "
            f"`ip address add {first} broadcast + dev {device.name}`"
        )


def _check_configured(address: IPv4Interface, machine: Machine, problems: Problems) -> None:
    for path in files_with(address.ip, machine.files):
        problems.say(
            f"{path} gives {address.ip} to this machine at every boot, but heartbeat alone must decide who "
            "has it; remove it there"
        )
    if machine.carries(address.ip):
        return
    for device in machine.holders(address.ip):
        problems.say(
            f"{address.ip} is already on {device.name}, though no heartbeat that runs here carries it; find "
            "out who put it there (a heartbeat that was killed leaves it behind), and remove it with "
            f"`ip address del {_as_held(address.ip, device)} dev {device.name}`"
        )


def _check_loopback(address: IPv4Interface, machine: Machine, problems: Problems) -> None:
    # On a director that is a real server as well, it is heartbeat that may have put it there.
    if machine.carries(address.ip):
        return
    for device in machine.holders(address.ip):
        problems.say(
            f"{address.ip} is on {device.name}, where a real server would answer ARP for it and take the "
            "director's place; it belongs on the loopback only: remove it with "
            f"`ip address del {_as_held(address.ip, device)} dev {device.name}`, and from what configures it "
            "at boot; if it is this machine's own address, choose another virtual address"
        )


def _as_held(address: IPv4Address, device: Interface) -> IPv4Interface:
    return next(found for found in device.addresses if found.ip == address)


def files_with(address: IPv4Address, files: Mapping[str, str]) -> list[str]:
    """Return the files that name an address outside comments."""
    pattern = re.compile(rf"(?<![\d.]){re.escape(str(address))}(?![\d.])")
    return [path for path, text in files.items() if pattern.search(re.sub(r"(?m)^\s*[#;].*$", "", text))]


def strangers(
    claims: Mapping[IPv4Address, Iterable[str]], wanted: Wanted, machine: Machine
) -> dict[IPv4Address, list[str]]:
    """Return who claims a virtual address and is neither this machine nor a node of the cluster."""
    ours = {interface.mac for interface in machine.interfaces}
    ours.update(mac for peer in wanted.peers for mac in claims.get(peer, ()))
    virtual = {address.ip for address in wanted.addresses} - set(wanted.peers)
    foreign = {ip: sorted(set(macs) - ours - shared_macs(ip)) for ip, macs in claims.items() if ip in virtual}
    return {ip: macs for ip, macs in foreign.items() if macs}


def check_strangers(
    claims: Mapping[IPv4Address, Iterable[str]], wanted: Wanted, machine: Machine, problems: Problems
) -> None:
    for ip, macs in strangers(claims, wanted, machine).items():
        problems.say(
            f"{ip} is already answered on {wanted.interface} by {', '.join(macs)}, which is no node of the "
            "cluster; choose an address that is free, or take it from that machine (a real server that "
            "answers lacks arp_ignore=1 and arp_announce=2), or, if it is the other node after all, name the "
            "nodes' own addresses"
        )
