#!/usr/bin/env python3
"""Send ARP requests for an IPv4 address, and print the hardware addresses of all machines that answer.

    arp.py INTERFACE ADDRESS SECONDS

Sends five requests a second, and prints one line of JSON for each: the list of machines that answered.

The purpose is to see whether more than one machine answers, which the kernel's resolver does not report.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import time

ETHERTYPE_ARP = 0x0806
ETHERNET = struct.Struct("!6s6sH")
ARP = struct.Struct("!HHBBH6s4s6s4s")
REQUEST, REPLY = 1, 2
EVERY = 0.2  # seconds


def ask(wire: socket.socket, address: bytes) -> None:
    """Broadcast the request without an own address, so that no machine learns one from it."""
    mac = wire.getsockname()[4]
    frame = ETHERNET.pack(b"\xff" * 6, mac, ETHERTYPE_ARP)
    frame += ARP.pack(1, 0x0800, 6, 4, REQUEST, mac, bytes(4), bytes(6), address)
    wire.send(frame)


def answer(frame: bytes, address: bytes) -> str | None:
    """Return the hardware address of the machine that claims the address in this frame."""
    *_, operation, mac, sender, _target_mac, _target = ARP.unpack_from(frame, ETHERNET.size)
    return mac.hex(":") if operation == REPLY and sender == address else None


def answers(wire: socket.socket, address: bytes, end: float) -> list[str]:
    """Return all machines that claim the address until the end."""
    found: set[str] = set()
    while (rest := end - time.monotonic()) > 0:
        wire.settimeout(rest)
        try:
            mac = answer(wire.recv(64), address)
        except TimeoutError:
            break
        if mac:
            found.add(mac)
    return sorted(found)


def main(interface: str, text: str, seconds: float) -> None:
    address = socket.inet_aton(text)
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE_ARP))
    wire.bind((interface, ETHERTYPE_ARP))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ask(wire, address)
        print(json.dumps(answers(wire, address, time.monotonic() + EVERY)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
