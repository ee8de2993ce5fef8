# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check whether this machine can have virtual addresses, before any configuration is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface

from ansible_collections.haweb.cluster.plugins.module_utils._arp import shared_macs
from ansible_collections.haweb.cluster.plugins.module_utils._interfaces import Interface
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problems

INTERFACE, LOOPBACK = "interface", "loopback"

ADDRESS_OF_NODE = Kind(
    "address_of_node",
    "{address} is the address of a node of the cluster itself; a virtual address is one that no machine has "
    "of its own, so choose another",
)
NO_INTERFACE = Kind(
    "no_interface",
    "there is no interface {interface}; there are: {others}; name one of them in the inventory",
)
INTERFACE_DOWN = Kind(
    "interface_down",
    "{interface} is down; bring it up with `ip link set {interface} up`, and at every boot",
)
ONLY_ADDRESS = Kind(
    "only_address",
    "{address} is the only address of {interface}; a virtual address is one that no machine has of its own, "
    "so choose another, or give {interface} an address of its own",
)
NO_OWN_ADDRESS = Kind(
    "no_own_address",
    "{interface} has no IPv4 address of its own, and heartbeat needs one to receive the other nodes' "
    "heartbeats; configure one",
)
OUTSIDE_NETWORK = Kind(
    "outside_network",
    "{address} is outside the network of {interface} ({networks}), so that nobody there would find it; "
    "choose an address inside it, or another interface",
)
NO_SENDER = Kind(
    "no_sender",
    "{interface} has no IPv4 address, without which nothing can broadcast; configure one",
)
NO_BROADCAST = Kind(
    "no_broadcast",
    "{address} on {interface} has no broadcast address, so that heartbeat's bcast would reach nobody and "
    "every node would take the virtual address; add `broadcast {broadcast}` where the address is configured "
    "(/etc/network/interfaces, or `Broadcast={broadcast}` in a .network file) and restart {interface}; "
    "by hand an address gets one only when it is added, with "
    "`ip address add {address} broadcast + dev {interface}`",
)
CONFIGURED_AT_BOOT = Kind(
    "configured_at_boot",
    "{path} gives {address} to this machine at every boot, but heartbeat alone must decide who has it; "
    "remove it there",
)
HELD_WITHOUT_HEARTBEAT = Kind(
    "held_without_heartbeat",
    "{address} is already on {interface}, though no heartbeat that runs here carries it; find out who put it "
    "there (a heartbeat that was killed leaves it behind), and remove it with "
    "`ip address del {held} dev {interface}`",
)
OFF_LOOPBACK = Kind(
    "off_loopback",
    "{address} is on {interface}, where a real server would answer ARP for it and take the director's place; "
    "it belongs on the loopback only: remove it with `ip address del {held} dev {interface}`, and from what "
    "configures it at boot; if it is this machine's own address, choose another virtual address",
)
CLAIMED_BY_STRANGER = Kind(
    "claimed_by_stranger",
    "{address} is already answered on {interface} by {macs}, which is no node of the cluster; choose an "
    "address that is free, or take it from that machine (a real server that answers lacks arp_ignore=1 and "
    "arp_announce=2), or, if it is the other node after all, name the nodes' own addresses",
)
NO_RIGHT_TO_PROBE = Kind(
    "no_right_to_probe",
    "ARP probes need the capability CAP_NET_RAW, which is missing here; run the task as root (become: true), "
    "or set probe to false",
)


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
    files: Mapping[str, str]  # network configuration for each boot: path -> text
    haresources: str = ""

    def interface(self, name: str | None) -> Interface | None:
        return next((interface for interface in self.interfaces if interface.name == name), None)

    def holders(self, address: IPv4Address) -> list[Interface]:
        """Return the interfaces, other than loopbacks, that have an address."""
        return [found for found in self.interfaces if not found.is_loopback and address in found]

    def carries(self, address: IPv4Address) -> bool:
        """Whether heartbeat may have put an address here."""
        return self.heartbeat_runs and bool(files_with(address, {"haresources": self.haresources}))


def judge(wanted: Wanted, machine: Machine, problems: Problems) -> None:
    if wanted.place == LOOPBACK:
        # On a director that is also a real server, heartbeat may have added an address to an interface.
        for address in wanted.addresses:
            _check_holders(OFF_LOOPBACK, address.ip, machine, problems)
        return
    device = _existing(wanted.interface, machine, problems) if wanted.interface else None
    for name in wanted.broadcast_interfaces:
        # One sentence is enough if both options name a missing interface.
        known = machine.interface(name)
        sender = known if known or name == wanted.interface else _existing(name, machine, problems)
        if sender is not None:
            _check_broadcast(sender, problems)
    for address in wanted.addresses:
        if address.ip in wanted.peers:
            problems.add(ADDRESS_OF_NODE, address=address.ip)
            continue
        if device is not None:
            _check_network(address, device, wanted, problems)
        _check_configured(address, machine, problems)


def _existing(name: str, machine: Machine, problems: Problems) -> Interface | None:
    found = machine.interface(name)
    if found is None:
        others = tuple(other.name for other in machine.interfaces if not other.is_loopback)
        problems.add(NO_INTERFACE, interface=name, others=others or "none")
    elif not found.is_up:
        problems.add(INTERFACE_DOWN, interface=name)
    return found


def _check_network(address: IPv4Interface, device: Interface, wanted: Wanted, problems: Problems) -> None:
    virtual = {other.ip for other in wanted.addresses}
    own = [found for found in device.addresses if found.ip not in virtual]
    if not own and address in device.addresses:
        problems.add(ONLY_ADDRESS, address=address.ip, interface=device.name)
    elif not own:
        problems.add(NO_OWN_ADDRESS, interface=device.name)
    elif not any(address.ip in found.network for found in own):
        networks = tuple(found.network for found in own)
        problems.add(OUTSIDE_NETWORK, address=address.ip, interface=device.name, networks=networks)


def _check_broadcast(device: Interface, problems: Problems) -> None:
    if not device.addresses:
        problems.add(NO_SENDER, interface=device.name)
    elif not device.has_broadcast:
        first = device.addresses[0]
        broadcast = first.network.broadcast_address
        problems.add(NO_BROADCAST, address=first, interface=device.name, broadcast=broadcast)


def _check_configured(address: IPv4Interface, machine: Machine, problems: Problems) -> None:
    for path in files_with(address.ip, machine.files):
        problems.add(CONFIGURED_AT_BOOT, path=path, address=address.ip)
    _check_holders(HELD_WITHOUT_HEARTBEAT, address.ip, machine, problems)


def _check_holders(kind: Kind, address: IPv4Address, machine: Machine, problems: Problems) -> None:
    """Add a problem for each interface that has an address, unless heartbeat may have added it."""
    if machine.carries(address):
        return
    for device in machine.holders(address):
        held = _as_held(address, device)
        problems.add(kind, address=address, interface=device.name, held=held)


def _as_held(address: IPv4Address, device: Interface) -> IPv4Interface:
    return next(found for found in device.addresses if found.ip == address)


def files_with(address: IPv4Address, files: Mapping[str, str]) -> list[str]:
    """Return the files that contain an address outside of comments."""
    pattern = re.compile(rf"(?<![\d.]){re.escape(str(address))}(?![\d.])")
    return [path for path, text in files.items() if pattern.search(re.sub(r"(?m)^\s*[#;].*$", "", text))]


def strangers(
    claims: Mapping[IPv4Address, Iterable[str]], wanted: Wanted, machine: Machine
) -> dict[IPv4Address, list[str]]:
    """Return the MACs that claim a virtual address and are neither this machine's nor a node's."""
    ours = {interface.mac for interface in machine.interfaces}
    ours.update(mac for peer in wanted.peers for mac in claims.get(peer, ()))
    virtual = {address.ip for address in wanted.addresses} - set(wanted.peers)
    foreign = {ip: sorted(set(macs) - ours - shared_macs(ip)) for ip, macs in claims.items() if ip in virtual}
    return {ip: macs for ip, macs in foreign.items() if macs}


def check_strangers(
    claims: Mapping[IPv4Address, Iterable[str]], wanted: Wanted, machine: Machine, problems: Problems
) -> None:
    for ip, macs in strangers(claims, wanted, machine).items():
        problems.add(CLAIMED_BY_STRANGER, address=ip, interface=wanted.interface, macs=tuple(macs))
