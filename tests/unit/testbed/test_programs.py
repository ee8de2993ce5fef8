"""The frames that the programs for the client host send and receive."""

from __future__ import annotations

import socket

import pytest
from testbed.programs.arp import ARP, ETHERNET, ETHERTYPE_ARP, REPLY, REQUEST, answer
from testbed.programs.path_mtu import checksum, too_big

ADDRESS = socket.inet_aton("192.168.0.105")
MAC = bytes.fromhex("0200c0a80069")


def frame(operation: int, sender: bytes) -> bytes:
    payload = ARP.pack(1, 0x0800, 6, 4, operation, MAC, sender, bytes(6), bytes(4))
    return ETHERNET.pack(bytes(6), MAC, ETHERTYPE_ARP) + payload


@pytest.mark.parametrize(
    ("operation", "sender", "claims"),
    [
        (REPLY, ADDRESS, "02:00:c0:a8:00:69"),
        (REPLY, socket.inet_aton("192.168.0.103"), None),
        (REQUEST, ADDRESS, None),
    ],
)
def test_claim_of_an_address(operation: int, sender: bytes, claims: str | None) -> None:
    assert answer(frame(operation, sender), ADDRESS) == claims


def test_narrow_way_is_reported_with_the_beginning_of_the_packet() -> None:
    packet = bytes(range(60))
    mtu = 1200
    message = too_big(packet, mtu)
    assert message[:2] == bytes([3, 4])
    assert int.from_bytes(message[6:8]) == mtu
    assert message[8:] == packet[:28]
    assert checksum(message) == 0, "a receiver would drop it"
