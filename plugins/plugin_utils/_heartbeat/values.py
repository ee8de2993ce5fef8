# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the values that only heartbeat has: times, switches, media, and programs that it starts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ansible_collections.haweb.cluster.plugins.module_utils._problems import UnfitError
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import (
    host_address,
    line,
    number,
    one_of,
    path,
    port,
    word,
)

if TYPE_CHECKING:
    from netaddr import IPAddress

IPFAIL = "/usr/libexec/heartbeat/ipfail"
LEGACY = "legacy"
NONE = "none"
MOST_HOPS = 4
LONGEST_MS = 86400000  # a day
LONGEST_INTERFACE = 15  # the kernel's limit
TRUE, FALSE = ("true", "on", "yes", "y", "1"), ("false", "off", "no", "n", "0")

# The kernel takes more signs, but some program in between would read each of them in its own way.
INTERFACE = re.compile(r"[A-Za-z0-9_.:@+-]+")

hops = number(1, MOST_HOPS)
zero_one = one_of("0", "1")


@dataclass(frozen=True)
class Duration:
    """A time as it is written in the inventory: 2, 1.7 or 500ms."""

    text: str

    @property
    def ms(self) -> int:
        return round(Decimal(self.text.removesuffix("ms")) * (1 if self.text.endswith("ms") else 1000))


@dataclass(frozen=True)
class Multicast:
    device: str
    group: IPAddress
    port: int
    ttl: int
    loop: bool


@dataclass(frozen=True)
class Unicast:
    device: str
    address: IPAddress


@dataclass(frozen=True)
class Program:
    """A program that heartbeat starts as a user."""

    user: str
    command: str

    @property
    def is_ipfail(self) -> bool:
        return self.command.endswith("/ipfail")


def duration(value: object) -> Duration:
    text = "" if isinstance(value, bool) else str(value).strip()
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?(ms)?", text) or not 1 <= Duration(text).ms <= LONGEST_MS:
        raise UnfitError(
            "must be a time: seconds such as 2 or 1.7, or milliseconds such as 500ms, and a day at most"
        )
    return Duration(text)


def as_time(ms: int) -> str:
    """Return a time in the form of the inventory."""
    return f"{ms}ms" if ms % 1000 else str(ms // 1000)


def on_off(value: object) -> bool:
    # YAML has already converted on without quotes to true.
    found = str(value).lower()
    if found not in (*TRUE, *FALSE):
        raise UnfitError("must be on or off")
    return found in TRUE


def auto_failback(value: object) -> bool | str:
    try:
        return LEGACY if value == LEGACY else on_off(value)
    except UnfitError:
        raise UnfitError("must be on, off or legacy") from None


def bare(value: object) -> str:
    """Read one value of a directive with several values: heartbeat splits them at blanks and commas."""
    found = word(value)
    if "," in found:
        raise UnfitError("must not contain a comma, at which heartbeat would split it")
    return found


def bare_path(value: object) -> str:
    return bare(path(value))


def interface(value: object) -> str:
    found = bare(value)
    if len(found) > LONGEST_INTERFACE or not INTERFACE.fullmatch(found):
        raise UnfitError(f"must be the name of a network interface, at most {LONGEST_INTERFACE} characters")
    return found


def mcast(value: object) -> Multicast:
    words = line(value).split()
    try:
        device, address, udp, ttl, loop = words
        group = host_address(address)
    except ValueError:  # not five words, or an UnfitError
        raise UnfitError(
            "must be device, group, port, ttl and loop, such as eth0 225.0.0.1 694 1 0"
        ) from None
    if not group.is_multicast():
        raise UnfitError(f"the group must be from 224.0.0.0 to 239.255.255.255, not {group}")
    return Multicast(
        ttl=hops(ttl), device=interface(device), group=group, port=port(udp), loop=zero_one(loop) == "1"
    )


def ucast(value: object) -> Unicast:
    words = line(value).split()
    if len(words) != len(("device", "address")):
        raise UnfitError("must be a device and the address of a node, such as eth0 192.168.0.103")
    return Unicast(interface(words[0]), host_address(words[1]))


def ping_group(value: object) -> tuple[str, ...]:
    words = line(value).split()
    if len(words) < len(("name", "address")):
        raise UnfitError("must be a name and at least one address, such as gateways 192.168.0.1 192.168.0.2")
    return tuple(words)


def program(value: object) -> Program:
    user, _blank, command = line(value).partition(" ")
    if not command.strip().startswith("/"):
        raise UnfitError(f"must be a user and a command with its full path, such as hacluster {IPFAIL}")
    return Program(user, command.strip())


def apiauth(value: object) -> tuple[str, ...]:
    words = line(value).split()
    if len(words) < len(("name", "who")) or not all(re.fullmatch(r"[ug]id=\S+", who) for who in words[1:]):
        raise UnfitError("must be a name and who may use it, such as ipfail gid=haclient uid=hacluster")
    return tuple(words)


def environment(value: object) -> str:
    found = word(value)
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*=.*", found):
        raise UnfitError("must look like name=value")
    return found


def only_none(value: object) -> str:
    if value != NONE:
        raise UnfitError("must be none: heartbeat moves addresses only between the nodes in ha.cf")
    return NONE


def resource(value: object) -> str:
    """Read a word of haresources."""
    try:
        return word(value)
    except UnfitError as why:
        raise UnfitError(f"{why}; arguments are joined with ::, as in ldirectord::ldirectord.cf") from None
