# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Test whether the network delivers frames for a MAC that no card has, and ARP replies with that MAC.

All directors run this at the same time: each sends frames to all others, and records those that it
receives.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from ansible_collections.haweb.cluster.plugins.module_utils import _arp

# Reserved for local experiments (IEEE 802, 9.2.3): no other program reads these frames.
ETHERTYPE = 0x88B5
HEAD = struct.Struct("!6s6sH")
BROADCAST = "ff:ff:ff:ff:ff:ff"
# Seconds. A round sends one frame of each kind. More rounds follow for a director that started later.
ROUND = 0.05
MORE = 0.5

# packet(7): a card accepts another MAC as long as a socket is open.
SOL_PACKET, PACKET_ADD_MEMBERSHIP = 263, 1
PACKET_MR_MULTICAST, PACKET_MR_UNICAST = 0, 3
MEMBERSHIP = struct.Struct("=iHH8s")


def packed(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


@dataclass(frozen=True)
class Wanted:
    interface: str
    address: str  # this director's own
    peers: tuple[str, ...]
    macs: Mapping[str, str]  # virtual address -> shared MAC


@dataclass
class Seen:
    """The frames that were received from the other directors."""

    names: dict[bytes, str] = field(default_factory=dict)  # the MAC of a director's card -> its address
    frames: set[tuple[bytes, str]] = field(default_factory=set)  # from which card, to which MAC
    answers: set[tuple[bytes, str]] = field(default_factory=set)  # the same for ARP
    content: set[str] = field(default_factory=set)  # addresses of directors that have received all frames

    def note(self, frame: bytes, macs: Iterable[str]) -> None:
        if len(frame) < HEAD.size:
            return
        to, card, ethertype = HEAD.unpack(frame[: HEAD.size])
        mac = to.hex(":")
        if ethertype == _arp.ETHERTYPE and mac in macs:
            self.answers.add((card, mac))
        elif ethertype == ETHERTYPE and mac in {*macs, BROADCAST}:
            try:
                said = json.loads(frame[HEAD.size :].rstrip(b"\0"))
                self.names[card] = str(said["haweb"])
            except (ValueError, KeyError, TypeError):
                return
            self.frames.add((card, mac))
            if said.get("content"):
                self.content.add(self.names[card])

    def frames_of(self, peer: str) -> set[str]:
        return {mac for card, mac in self.frames if self.names.get(card) == peer}

    def answers_of(self, peer: str) -> set[str]:
        return {mac for card, mac in self.answers if self.names.get(card) == peer}


def has_all(seen: Seen, wanted: Wanted) -> bool:
    macs = {*wanted.macs.values()}
    return all(
        seen.frames_of(peer) == {*macs, BROADCAST} and seen.answers_of(peer) == macs for peer in wanted.peers
    )


def frames(card: bytes, wanted: Wanted, *, content: bool) -> Iterator[bytes]:
    """Return a round: to all hosts and to each shared MAC, as a frame of our own type and as an ARP reply."""
    said = json.dumps({"haweb": wanted.address, "content": content}).encode()
    for mac in (BROADCAST, *wanted.macs.values()):
        yield HEAD.pack(packed(mac), card, ETHERTYPE) + said
    for address, mac in wanted.macs.items():
        ip, shared = IPv4Address(address).packed, packed(mac)
        yield _arp.FRAME.pack(shared, card, _arp.ETHERTYPE, *_arp.HEADER, _arp.REPLY, shared, ip, shared, ip)


def problems(seen: Seen, wanted: Wanted, seconds: float) -> list[str]:
    """Return a sentence for each missing frame."""
    found = []
    for peer in wanted.peers:
        frames_seen, answers_seen = seen.frames_of(peer), seen.answers_of(peer)
        if not frames_seen:
            found.append(
                f"no frame from {peer} arrived on {wanted.interface} within {seconds:g} s, not even a "
                "broadcast. Both directors must be on one Ethernet network: look at director_interface and "
                "at the cabling of both"
            )
            continue
        for address, mac in wanted.macs.items():
            if mac not in frames_seen:
                found.append(
                    f"a frame from {peer} to {mac}, the MAC of {address}, did not arrive on "
                    f"{wanted.interface}, though a broadcast did. The network must flood frames for a MAC "
                    "that no switch has learned to this host. Allow unknown unicast on its switch port (no "
                    "limit, no port security), and promiscuous mode and forged transmits on its hypervisor; "
                    "or try haweb_shared_mac: multicast; or remove haweb_active"
                )
            elif mac not in answers_seen:
                found.append(
                    f"an ARP reply from {peer} with {mac}, the MAC of {address}, did not arrive on "
                    f"{wanted.interface}, though other frames to that MAC did. Allow it in the switches' "
                    "dynamic ARP inspection, or in the hypervisor's protection against ARP spoofing; or "
                    "remove haweb_active"
                )
    return found


def try_network(wanted: Wanted, seconds: float) -> Seen:
    """Send and listen until each director has received all frames, or the time is over."""
    seen = Seen()
    with _wire(ETHERTYPE, wanted) as ours, _wire(_arp.ETHERTYPE, wanted) as arp:
        card = ours.getsockname()[4]
        end, settled = time.monotonic() + seconds, False
        while (now := time.monotonic()) < end:
            complete = has_all(seen, wanted)
            if not settled and complete and seen.content >= {*wanted.peers}:
                # The other directors must still receive that this one has all frames.
                settled, end = True, min(end, now + MORE)
            for frame in frames(card, wanted, content=complete):
                ours.send(frame)
            _listen((ours, arp), seen, wanted, time.monotonic() + ROUND)
    return seen


def _wire(ethertype: int, wanted: Wanted) -> socket.socket:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
    wire.bind((wanted.interface, ethertype))
    index = socket.if_nametoindex(wanted.interface)
    for mac in wanted.macs.values():
        kind = PACKET_MR_MULTICAST if packed(mac)[0] & 1 else PACKET_MR_UNICAST
        wire.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, MEMBERSHIP.pack(index, kind, 6, packed(mac)))
    return wire


def _listen(wires: tuple[socket.socket, ...], seen: Seen, wanted: Wanted, end: float) -> None:
    while (left := end - time.monotonic()) > 0:
        ready, _write, _error = select.select(wires, [], [], left)
        for wire in ready:
            seen.note(wire.recv(2048), wanted.macs.values())
