# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the output of `ip -json address`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from typing import Any


@dataclass(frozen=True)
class Interface:
    name: str
    mac: str
    is_up: bool
    is_loopback: bool
    addresses: tuple[IPv4Interface, ...]  # programs use the first as the interface's own
    has_broadcast: bool  # of the first address

    def __contains__(self, address: IPv4Address) -> bool:
        return address in (own.ip for own in self.addresses)


def parse_interfaces(text: str) -> tuple[Interface, ...]:
    return tuple(_interface(entry) for entry in json.loads(text) if entry)


def _interface(entry: Mapping[str, Any]) -> Interface:
    inet = [address for address in entry.get("addr_info", ()) if address.get("family") == "inet"]
    flags = entry.get("flags", ())
    return Interface(
        name=entry["ifname"],
        mac=entry.get("address", ""),
        is_up="UP" in flags,
        is_loopback="LOOPBACK" in flags,
        addresses=tuple(IPv4Interface(f"{address['local']}/{address['prefixlen']}") for address in inet),
        has_broadcast=bool(inet) and "broadcast" in inet[0],
    )
