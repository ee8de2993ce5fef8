# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Know ldirectord.cf: which options there are, what they may say, and which of them contradict each other.

A new option of ldirectord is one new line in OPTIONS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError

from ansible_collections.haweb.cluster.plugins.module_utils._values import (
    Reader,
    UnfitError,
    host_address,
    line,
    number,
    one_of,
    path,
    port,
    quoted,
    several_of,
    word,
)

Settled = Mapping[str, object]

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh")
CHECKTYPES = ("connect", "external", "external-perl", "negotiate", "off", "on", "ping")
FORWARDINGS = ("gate", "masq", "ipip")
# ldirectord deduces the service from the port in just this way; any other port is HTTP to us, nothing to it.
SERVICE_OF_PORT = {
    "21": "ftp",
    "25": "smtp",
    "53": "dns",
    "80": "http",
    "110": "pop",
    "119": "nntp",
    "143": "imap",
    "389": "ldap",
    "443": "https",
    "587": "submission",
    "636": "ldaps",
    "993": "imaps",
    "995": "pops",
    "1521": "oracle",
    "1812": "radius",
    "3128": "http_proxy",
    "3306": "mysql",
    "5060": "sip",
    "5432": "pgsql",
}
SERVICES = tuple(sorted({*SERVICE_OF_PORT.values(), "none", "simpletcp"}))
EMAIL_STATES = ("all", "none", "starting", "running", "stopping", "reloading")
SCHEDFLAGS = ("sh-port", "sh-fallback", "mh-port", "mh-fallback")

MOST_SECONDS = 2678400  # 31 days, the kernel's longest timeout
MOST_WEIGHT = 65535
MOST_CONNECTIONS = 4294967295
MOST_TIMES = 10000
FALLBACK_WORDS = 2

seconds = number(1, MOST_SECONDS)
times = number(1, MOST_TIMES)


def yes_no(value: object) -> str:
    # YAML has already turned a bare yes into true.
    said = ("no", "yes")[value] if isinstance(value, bool) else value
    if not isinstance(said, str) or said not in ("yes", "no"):
        raise UnfitError("must be yes or no")
    return str(said)


def checktype(value: object) -> str:
    try:
        return times(value)
    except UnfitError:
        pass
    try:
        return one_of(*CHECKTYPES)(value)
    except UnfitError as why:
        raise UnfitError(f"{why} (or a number N: one negotiate check after N connect checks)") from None


def netmask(value: object) -> str:
    try:
        mask = str(IPv4Address(line(value)))
        IPv4Network(f"0.0.0.0/{mask}")
    except (AddressValueError, NetmaskValueError):
        raise UnfitError("must be a netmask such as 255.255.255.0") from None
    return mask


def email_states(value: object) -> str:
    states = several_of(*EMAIL_STATES)(value)
    if "none" in states.split(",") and states != "none":
        raise UnfitError("none must stand alone, or not at all")
    return states


def host(value: object) -> str:
    found = line(value)
    if not re.fullmatch(r"[0-9A-Za-z._+-]+", found):
        raise UnfitError("must be the name or the address of a host")
    return found


def protocol(value: object) -> str:
    if value == "fwm":
        raise UnfitError("firewall marks are not supported yet; use tcp or udp")
    return one_of("tcp", "udp")(value)


def fallback(value: object) -> str:
    address, mapped, forwarding = split_fallback(line(value))
    return f"{address}{f':{mapped}' if mapped else ''} {forwarding}"


def split_fallback(text: str) -> tuple[str, str, str]:
    """Take '127.0.0.1:80 gate' apart; port and forwarding may be absent."""
    words = text.split()
    if len(words) > FALLBACK_WORDS:
        raise UnfitError("must look like 127.0.0.1:80 gate")
    address, colon, mapped = words[0].partition(":")
    forwarding = words[1] if len(words) == FALLBACK_WORDS else "gate"
    return (
        str(host_address(address)),
        port(mapped) if colon else "",
        one_of(*FORWARDINGS)(forwarding),
    )


def negotiates(settled: Settled) -> bool:
    kind = str(settled.get("checktype"))
    return kind == "negotiate" or kind.isdigit()


def asks_for_a_page(settled: Settled) -> bool:
    return settled.get("service") in ("http", "https")


def default_service(settled: Settled) -> str | None:
    return SERVICE_OF_PORT.get(str(settled["port"]), "http") if negotiates(settled) else None


def default_request(settled: Settled) -> str | None:
    return "ldirector.html" if asks_for_a_page(settled) else None


def default_receive(settled: Settled) -> str | None:
    # The answer to HEAD has no text in which anything could be found.
    return "Test Page" if asks_for_a_page(settled) and settled.get("httpmethod") != "HEAD" else None


@dataclass(frozen=True)
class Option:
    """An option of ldirectord.cf under its own name.

    Where one may stand both globally and in a service, our default is written globally. A default may be
    worked out from the options above it; None writes no line and leaves the matter to ldirectord.
    """

    name: str
    where: str
    read: Reader
    default: str | int | bool | Callable[[Settled], str | None] | None = None
    secret: bool = False

    @property
    def is_global(self) -> bool:
        return self.where in (GLOBAL, BOTH)

    @property
    def is_virtual(self) -> bool:
        return self.where in (VIRTUAL, BOTH)


GLOBAL, VIRTUAL, BOTH = "global", "virtual", "both"

# The order is the order in the file; an option whose default depends on another stands below it.
OPTIONS = (
    Option("checktimeout", BOTH, seconds, default=2),
    Option("negotiatetimeout", BOTH, seconds, default=2),
    Option("checkinterval", BOTH, seconds, default=1),
    Option("checkcount", BOTH, times),
    Option("failurecount", BOTH, times, default=2),
    Option("autoreload", GLOBAL, yes_no, default=False),
    Option("callback", GLOBAL, quoted),
    Option("quiescent", BOTH, yes_no, default=False),
    Option("readdquiescent", GLOBAL, yes_no),
    Option("cleanstop", BOTH, yes_no, default=False),
    Option("maintenancedir", GLOBAL, path),
    Option("fallback", BOTH, fallback),
    Option("fallbackcommand", BOTH, path),
    Option("logfile", GLOBAL, quoted, default="local0"),
    Option("emailalert", BOTH, quoted),
    Option("emailalertfrom", GLOBAL, line),
    Option("emailalertfreq", BOTH, number(0, MOST_SECONDS)),
    Option("emailalertstatus", BOTH, email_states),
    Option("smtp", BOTH, host),
    Option("execute", GLOBAL, word),
    Option("fork", GLOBAL, yes_no),
    Option("supervised", GLOBAL, yes_no),
    Option("protocol", VIRTUAL, protocol, default="tcp"),
    Option("scheduler", VIRTUAL, one_of(*SCHEDULERS), default="rr"),
    Option("schedflags", VIRTUAL, several_of(*SCHEDFLAGS)),
    Option("persistent", VIRTUAL, seconds),
    Option("netmask", VIRTUAL, netmask),
    Option("ops", VIRTUAL, yes_no),
    Option("checktype", VIRTUAL, checktype, default="negotiate"),
    Option("checkcommand", VIRTUAL, path),
    Option("checkport", VIRTUAL, port),
    Option("service", VIRTUAL, one_of(*SERVICES), default=default_service),
    Option("httpmethod", VIRTUAL, one_of("GET", "HEAD")),
    Option("virtualhost", VIRTUAL, quoted),
    Option("request", VIRTUAL, quoted, default=default_request),
    Option("receive", VIRTUAL, quoted, default=default_receive),
    Option("login", VIRTUAL, quoted, secret=True),
    Option("passwd", VIRTUAL, quoted, secret=True),
    Option("database", VIRTUAL, quoted),
    Option("secret", VIRTUAL, quoted, secret=True),
    Option("monitorfile", VIRTUAL, path),
    Option("servicename", VIRTUAL, line),
    Option("comment", VIRTUAL, line),
)
GLOBAL_OPTIONS = {option.name: option for option in OPTIONS if option.is_global}
VIRTUAL_OPTIONS = {
    option.name: replace(option, default=None) if option.is_global else option
    for option in OPTIONS
    if option.is_virtual
}


def _words(value: object) -> list[str]:
    return str(value).split(",") if value else []


@dataclass(frozen=True)
class Rule:
    """Two options of a service that only make sense, or make none, together."""

    broken: Callable[[Settled], bool]
    sentence: str


RULES = (
    Rule(
        lambda s: s.get("ops") == "yes" and s.get("protocol") != "udp",
        "ops is yes, but one-packet scheduling exists for udp only; remove ops, or set protocol: udp",
    ),
    Rule(
        lambda s: str(s.get("checktype")).startswith("external") and "checkcommand" not in s,
        "checktype is external, but checkcommand is missing, so that ldirectord would run /bin/true and find "
        "every server well; name the command that checks",
    ),
    Rule(
        lambda s: "netmask" in s and "persistent" not in s,
        "netmask is set, but persistent is not, and only a persistent service has a use for it; "
        "set persistent, or remove netmask",
    ),
    Rule(
        lambda s: s.get("httpmethod") == "HEAD" and "receive" in s,
        "receive is set, but the answer to httpmethod HEAD has no text to search; "
        "set httpmethod: GET, or remove receive",
    ),
    Rule(
        lambda s: not all(flag.startswith(f"{s.get('scheduler')}-") for flag in _words(s.get("schedflags"))),
        "schedflags are of another scheduler than this service's; use sh-port and sh-fallback with "
        "scheduler sh, mh-port and mh-fallback with scheduler mh",
    ),
)
