# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._arp import answer, probe, who_has

OWN = bytes.fromhex("020000000003")
TARGET = IPv4Address("192.168.0.105")
# Captured on a veth pair: 192.168.0.105 answers from ee:81:06:2a:c8:e2, with Ethernet's padding.
REPLY = bytes.fromhex(
    "020000000003ee81062ac8e208060001080006040002ee81062ac8e2c0a8006902000000000300000000"
) + bytes(18)
REQUEST = REPLY.replace(bytes.fromhex("080006040002"), bytes.fromhex("080006040001"))


def test_a_probe_claims_nothing() -> None:
    assert probe(OWN, TARGET).hex() == (
        "ffffffffffff" "020000000003" "0806" "0001" "0800" "06" "04" "0001"
        "020000000003" "00000000" "000000000000" "c0a80069"
    )  # fmt: skip
    assert answer(probe(OWN, TARGET)) is None


@pytest.mark.parametrize(
    ("frame", "claim"),
    [
        (REPLY, (TARGET, "ee:81:06:2a:c8:e2")),
        # A request from the address claims it, too.
        (REQUEST, (TARGET, "ee:81:06:2a:c8:e2")),
        (REPLY[:41], None),
        (b"", None),
        (REPLY[:12] + b"\x08\x00" + REPLY[14:], None),
        (REPLY[:14] + b"\x00\x06" + REPLY[16:], None),
        (REPLY[:20] + b"\x00\x09" + REPLY[22:], None),
    ],
)
def test_answer(frame: bytes, claim: tuple[IPv4Address, str] | None) -> None:
    assert answer(frame) == claim


class Wire:
    """A packet socket on which the given frames arrive."""

    def __init__(self, frames: list[bytes]) -> None:
        self.frames: Iterator[bytes] = iter(frames)
        self.sent: list[bytes] = []
        self.bound: Any = None

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def bind(self, address: object) -> None:
        self.bound = address

    def getsockname(self) -> tuple[str, int, int, int, bytes]:
        return ("eth0", 0x0806, 0, 1, OWN)

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def recv(self, _: int) -> bytes:
        try:
            return next(self.frames)
        except StopIteration:
            raise TimeoutError from None


def test_who_has(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire([b"noise", REPLY, REPLY.replace(TARGET.packed, b"\x0a\x00\x00\x01"), REPLY])
    monkeypatch.setattr(socket, "socket", lambda *_: wire)
    silent = IPv4Address("192.168.0.104")
    assert who_has("eth0", [TARGET, silent], 1) == {TARGET: {"ee:81:06:2a:c8:e2"}, silent: set()}
    assert wire.bound == ("eth0", 0x0806)
    assert wire.sent == [probe(OWN, TARGET), probe(OWN, silent)] * 3
