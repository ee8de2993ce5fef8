# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An ldirectord.cf that is known to be good, in the shape that templates walk through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address

from ansible_collections.haweb.cluster.plugins.module_utils._ldirectord import VIRTUAL_OPTIONS
from ansible_collections.haweb.cluster.plugins.module_utils._ldirectord_place import Place


@dataclass(frozen=True)
class Line:
    name: str
    value: str


@dataclass(frozen=True)
class Virtual:
    comment: str
    place: Place
    protocol: str  # of the packets; ldirectord calls that of a firewall mark fwm
    options: tuple[Line, ...]

    def shape(self) -> dict[str, object]:
        return {
            "comment": self.comment,
            "virtual": self.place.virtual,
            "options": [asdict(option) for option in self.options],
        }

    def value(self, name: str) -> str | None:
        """Return what an option of this service says, if it stands here."""
        return next((option.value for option in self.options if option.name == name), None)

    def places(self) -> list[dict[str, object]]:
        """What clients ask, one entry for each port."""
        return [
            {"protocol": self.protocol, "address": str(self.place.address), "port": int(port)}
            for port in self.place.ports
        ]

    def marks(self) -> list[dict[str, str]]:
        """The packets that the kernel has to mark, one entry for each port."""
        if self.place.mark is None:
            return []
        packets = {"mark": self.place.mark, "address": str(self.place.address), "protocol": self.protocol}
        return [{**packets, "port": port} for port in self.place.ports]


@dataclass(frozen=True)
class Config:
    options: tuple[Line, ...]
    virtuals: tuple[Virtual, ...]

    def shape(self) -> dict[str, object]:
        options = [option for virtual in self.virtuals for option in virtual.options]
        return {
            # Whether there is anything to hide in the file.
            "secret": any(
                option.name in VIRTUAL_OPTIONS and VIRTUAL_OPTIONS[option.name].secret for option in options
            ),
            "options": [asdict(option) for option in self.options],
            "virtuals": [virtual.shape() for virtual in self.virtuals],
            "places": [place for virtual in self.virtuals for place in virtual.places()],
            "marks": [mark for virtual in self.virtuals for mark in virtual.marks()],
            "fallback_ports": self._fallback_ports(),
        }

    def _fallback_ports(self) -> list[int]:
        """The TCP ports whose clients come to this host itself while there is no real server."""
        general = _leads_home(self.options)
        ports = {
            int(port)
            for virtual in self.virtuals
            if virtual.protocol == "tcp" and _leads_home(virtual.options, general)
            for port in virtual.place.ports
        }
        return sorted(ports)


def _leads_home(options: Iterable[Line], otherwise: bool = False) -> bool:
    for option in options:
        if option.name == "fallback":
            return IPv4Address(option.value.split()[0].partition(":")[0]).is_loopback
    return otherwise
