# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A virtual service, which clients connect to, and the real servers behind it, as values.

None means that the inventory leaves the value to the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netaddr import IPAddress, IPNetwork


DNS = 53


def transport_of(port: int, mark: int | None) -> str:
    """Return the protocol of a service that has named none."""
    return "udp" if port == DNS and not mark else "tcp"


@dataclass(frozen=True)
class Place:
    """The place of a service: one port of its address, or several that a firewall mark combines."""

    address: IPNetwork  # with the prefix of its interface
    ports: tuple[int, ...]
    mark: int | None = None


@dataclass(frozen=True)
class Check:
    """How a real server is checked. Times are seconds.

    receive: empty, if every answer is good.
    """

    type: str | int | None = None  # a number N: one negotiate check after N connect checks
    command: str | None = None
    port: int | None = None
    service: str | None = None
    method: str | None = None
    virtualhost: str | None = None
    request: str | None = None
    receive: str | None = None
    login: str | None = None
    passwd: str | None = None
    database: str | None = None
    secret: str | None = None
    timeout: int | None = None
    interval: int | None = None
    failures: int | None = None


@dataclass(frozen=True)
class Fallback:
    """The server for clients while there is no real server."""

    address: IPAddress
    port: int | None  # None: the service's own
    forwarding: str


@dataclass(frozen=True)
class RealServer:
    address: IPAddress
    port: int | None = None  # None: the service's own
    forwarding: str = "gate"
    weight: int = 1
    # From `upper` connections on it gets no new ones until it has fewer than `lower`; 0 means no limit.
    lower: int = 0
    upper: int = 0
    # Its own values, if they differ from those of the service's check.
    request: str | None = None
    receive: str | None = None

    @property
    def has_own_question(self) -> bool:
        return self.request is not None or self.receive is not None

    def question(self, check: Check) -> tuple[str | None, str | None]:
        """Return request and receive: its own, or that of the service's check."""
        receive = check.receive if self.receive is None else self.receive
        return self.request or check.request, receive or None


@dataclass(frozen=True)
class Service:
    name: str
    place: Place
    real_servers: tuple[RealServer, ...]
    protocol: str | None = None  # of the packets
    scheduler: str | None = None
    schedflags: tuple[str, ...] | None = None
    persistent: int | None = None  # seconds
    netmask: str | None = None
    ops: bool | None = None
    fallback: Fallback | None = None
    check: Check = Check()
    written: Mapping[str, str] | None = None  # option of the check -> its name in the inventory
    options: Mapping[str, Any] | None = None  # the engine's own, with its names

    @property
    def transport(self) -> str:
        """Protocol of the packets, also where the inventory leaves it to the engine."""
        return self.protocol or transport_of(self.place.ports[0], self.place.mark)

    @property
    def gets_clients(self) -> bool:
        """Whether a real server can get clients at all."""
        return self.check.type != "off" and any(real.weight for real in self.real_servers)
