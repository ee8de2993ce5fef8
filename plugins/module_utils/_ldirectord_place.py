# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where clients reach a service: at one port of its address, or at several that a firewall mark makes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from ansible_collections.haweb.cluster.plugins.module_utils._values import (
    Problems,
    UnfitError,
    is_list,
    number,
    port,
    virtual_address,
)

MOST_MARK = 4294967295  # the kernel's marks have 32 bits

fwmark = number(1, MOST_MARK)


@dataclass(frozen=True)
class Place:
    address: IPv4Address
    ports: tuple[str, ...]
    mark: str | None = None

    @property
    def virtual(self) -> str:
        """What ldirectord.cf says behind virtual=."""
        return self.mark or f"{self.address}:{self.ports[0]}"

    def behind(self, address: object, mapped: str | None) -> str:
        """A server's address and port. With a mark there is no port: packets keep the one they came for."""
        return str(address) if self.mark else f"{address}:{mapped or self.ports[0]}"


def read_place(service: Mapping[object, object], problems: Problems) -> Place | None:
    already = len(problems.sentences)
    address = problems.read(virtual_address, "address", service.get("address"))
    given = service.get("fwmark")
    mark = None if given is None else problems.read(fwmark, "fwmark", given)
    ports = _read_port(service, problems) if given is None else _read_ports(service, problems)
    if address is None or len(problems.sentences) > already:
        return None
    return Place(address.ip, ports, mark)


def _read_port(service: Mapping[object, object], problems: Problems) -> tuple[str, ...]:
    if service.get("ports") is not None:
        problems.say(
            "ports is set, but fwmark is not, and only a firewall mark makes several ports one service; "
            "set fwmark, or write port for a single one"
        )
        return ()
    own = problems.read(port, "port", service.get("port"))
    return (own,) if own else ()


def _read_ports(service: Mapping[object, object], problems: Problems) -> tuple[str, ...]:
    if service.get("port") is not None:
        problems.say("port is set, but a service with fwmark has a list; write ports, as in ports: [80, 443]")
        return ()
    return problems.read(_ports, "ports", service.get("ports")) or ()


def _ports(value: object) -> tuple[str, ...]:
    if not is_list(value) or not value:
        raise UnfitError("must be a list of ports such as [80, 443]")
    found = []
    for one in value:
        try:
            found.append(port(one))
        except UnfitError as why:
            raise UnfitError(f"each of its ports {why}") from None
    if len(set(found)) < len(found):
        raise UnfitError("must name each port once")
    return tuple(found)


@dataclass
class Taken:
    """Which service has which port of which address, and which mark: each has one owner."""

    owners: dict[str, str] = field(default_factory=dict)

    def take(self, place: Place, protocol: str, owner: str, problems: Problems) -> None:
        claims = {
            f"{protocol} {place.address}:{one}": "give one of the two another address or port"
            for one in place.ports
        }
        if place.mark:
            claims[f"fwmark {place.mark}"] = "give one of the two another mark"
        for claim, cure in claims.items():
            if claim in self.owners:
                problems.say(f"{claim} already belongs to service {self.owners[claim]}; {cure}")
            self.owners[claim] = owner
