#!/usr/bin/env python3
"""Open a connection, and report by ICMP to its server that the route back has a small MTU, as a router does.

    path_mtu.py ADDRESS PORT MTU

Prints the own address, and the server's name from its page.
"""

from __future__ import annotations

import socket
import struct
import sys

ICMP = struct.Struct("!BBHHH")
DESTINATION_UNREACHABLE, FRAGMENTATION_NEEDED = 3, 4  # RFC 1191


def checksum(data: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total


def too_big(packet: bytes, mtu: int) -> bytes:
    """Return the ICMP message about a packet: its IP header, and the first 8 bytes of TCP's."""

    def message(check: int) -> bytes:
        return ICMP.pack(DESTINATION_UNREACHABLE, FRAGMENTATION_NEEDED, check, 0, mtu) + packet

    packet = packet[: 20 + 8]
    return message(checksum(message(0)))


def from_port(wire: socket.socket, port: int) -> bytes:
    """Return the next TCP packet with data from this port: the kernel accepts errors only about these."""
    while True:
        packet = wire.recv(1 << 16)
        source, length = struct.unpack_from("!H", packet, 20)[0], struct.unpack_from("!H", packet, 2)[0]
        if source == port and length > 20 + 4 * (packet[20 + 12] >> 4):
            return packet


def main(address: str, port: int, mtu: int) -> None:
    with (
        socket.create_connection((address, port)) as connection,
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP) as wire,
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as router,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        packet = from_port(wire, port)
        page = connection.recv(1 << 16).decode()
        # The packet has already been acknowledged; the kernel also accepts the next number.
        (number,) = struct.unpack_from("!I", packet, 24)
        packet = packet[:24] + struct.pack("!I", (number + len(page)) % (1 << 32))
        router.sendto(too_big(packet, mtu), (address, 0))
        print(connection.getsockname()[0], page.split("Served by ")[1].split()[0])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
