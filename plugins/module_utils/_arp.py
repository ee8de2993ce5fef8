# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the machines that have an address by ARP, without claiming it (RFC 5227). No program is needed."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterable
from ipaddress import IPv4Address

ETHERTYPE = 0x0806
FRAME = struct.Struct("!6s6sH HHBBH 6s4s6s4s")
HEADER = (1, 0x0800, 6, 4)  # Ethernet, IPv4, and the lengths of their addresses
REQUEST, REPLY = 1, 2
BROADCAST = b"\xff" * 6
NOBODY = b"\x00" * 6
# A probe can be lost, especially the first one after a switch has learned the port.
ROUNDS = 3


# The first byte of a locally administered MAC (second bit), for one card or for several (first bit).
UNICAST, MULTICAST = "unicast", "multicast"
FIRST_BYTE = {UNICAST: 2, MULTICAST: 3}


def shared_mac(address: IPv4Address, kind: str = UNICAST) -> str:
    """Return the MAC by which an address reaches both directors; it contains the address."""
    return (bytes([FIRST_BYTE[kind], 0]) + address.packed).hex(":")


def shared_macs(address: IPv4Address) -> set[str]:
    return {shared_mac(address, kind) for kind in FIRST_BYTE}


def probe(mac: bytes, target: IPv4Address) -> bytes:
    """Return an ARP request from 0.0.0.0, which other hosts do not store in their ARP caches."""
    return FRAME.pack(BROADCAST, mac, ETHERTYPE, *HEADER, REQUEST, mac, bytes(4), NOBODY, target.packed)


def answer(frame: bytes) -> tuple[IPv4Address, str] | None:
    """Return the address that a frame claims, and the MAC that claims it."""
    if len(frame) < FRAME.size:
        return None
    _to, _from, ethertype, *header, operation, mac, address, _target_mac, _target = FRAME.unpack(
        frame[: FRAME.size]
    )
    if ethertype != ETHERTYPE or tuple(header) != HEADER or operation not in (REQUEST, REPLY):
        return None
    # A request from an address claims it, too; a probe from 0.0.0.0 claims none.
    return (IPv4Address(address), mac.hex(":")) if any(address) else None


def who_has(device: str, targets: Iterable[IPv4Address], timeout: float) -> dict[IPv4Address, set[str]]:
    """Return the MACs that claim each of the addresses within the timeout, in seconds."""
    claims: dict[IPv4Address, set[str]] = {target: set() for target in targets}
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE)) as wire:
        wire.bind((device, ETHERTYPE))
        mac = wire.getsockname()[4]
        for _round in range(ROUNDS):
            for target in claims:
                wire.send(probe(mac, target))
            _listen(wire, claims, time.monotonic() + timeout / ROUNDS)
    return claims


def _listen(wire: socket.socket, claims: dict[IPv4Address, set[str]], end: float) -> None:
    while (left := end - time.monotonic()) > 0:
        wire.settimeout(left)
        try:
            claim = answer(wire.recv(2048))
        except TimeoutError:
            return
        if claim and claim[0] in claims:
            claims[claim[0]].add(claim[1])
