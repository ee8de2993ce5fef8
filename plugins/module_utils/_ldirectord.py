# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Know ldirectord.cf: which options there are, what they may say, and which of them contradict each other.

A new option of ldirectord is one new line in OPTIONS.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError

from ansible_collections.haweb.cluster.plugins.module_utils._options import Option, Settled
from ansible_collections.haweb.cluster.plugins.module_utils._values import (
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
        raise UnfitError("a firewall mark has a word of its own; set fwmark, and here tcp or udp")
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


def default_checkport(settled: Settled) -> str | None:
    # Behind a firewall mark ldirectord knows no port; one of them has to speak for all.
    return str(settled["port"]) if settled["fwmark"] else None


def default_service(settled: Settled) -> str | None:
    checked = settled.get("checkport") if settled["fwmark"] else settled["port"]
    return SERVICE_OF_PORT.get(str(checked), "http") if negotiates(settled) else None


def default_request(settled: Settled) -> str | None:
    return "ldirector.html" if asks_for_a_page(settled) else None


def default_receive(settled: Settled) -> str | None:
    # The answer to HEAD has no text in which anything could be found.
    return "Test Page" if asks_for_a_page(settled) and settled.get("httpmethod") != "HEAD" else None


@dataclass(frozen=True, kw_only=True)
class PlacedOption(Option):
    """An option of ldirectord.cf under its own name.

    Where one may stand both globally and in a service, our default is written globally.
    """

    where: str

    @property
    def is_global(self) -> bool:
        return self.where in (GLOBAL, BOTH)

    @property
    def is_virtual(self) -> bool:
        return self.where in (VIRTUAL, BOTH)


GLOBAL, VIRTUAL, BOTH = "global", "virtual", "both"

# The order is the order in the file; an option whose default depends on another stands below it.
OPTIONS = (
    PlacedOption("checktimeout", seconds, default=2, where=BOTH),
    PlacedOption("negotiatetimeout", seconds, default=2, where=BOTH),
    PlacedOption("checkinterval", seconds, default=1, where=BOTH),
    PlacedOption("checkcount", times, where=BOTH),
    PlacedOption("failurecount", times, default=2, where=BOTH),
    # A reload that is lost, because a run was killed before it, comes by itself.
    PlacedOption("autoreload", yes_no, default=True, where=GLOBAL),
    PlacedOption("callback", quoted, where=GLOBAL),
    PlacedOption("quiescent", yes_no, default=False, where=BOTH),
    # Otherwise each start and reload sends clients to every real server that is out, until a check fails.
    PlacedOption("readdquiescent", yes_no, default=True, where=GLOBAL),
    PlacedOption("cleanstop", yes_no, default=False, where=BOTH),
    PlacedOption("maintenancedir", path, where=GLOBAL),
    PlacedOption("fallback", fallback, where=BOTH),
    PlacedOption("fallbackcommand", path, where=BOTH),
    PlacedOption("logfile", quoted, default="local0", where=GLOBAL),
    PlacedOption("emailalert", quoted, where=BOTH),
    PlacedOption("emailalertfrom", line, where=GLOBAL),
    PlacedOption("emailalertfreq", number(0, MOST_SECONDS), where=BOTH),
    PlacedOption("emailalertstatus", email_states, where=BOTH),
    PlacedOption("smtp", host, where=BOTH),
    PlacedOption("execute", word, where=GLOBAL),
    PlacedOption("fork", yes_no, where=GLOBAL),
    PlacedOption("supervised", yes_no, where=GLOBAL),
    PlacedOption("protocol", protocol, default="tcp", where=VIRTUAL),
    PlacedOption("scheduler", one_of(*SCHEDULERS), default="rr", where=VIRTUAL),
    PlacedOption("schedflags", several_of(*SCHEDFLAGS), where=VIRTUAL),
    PlacedOption("persistent", seconds, where=VIRTUAL),
    PlacedOption("netmask", netmask, where=VIRTUAL),
    PlacedOption("ops", yes_no, where=VIRTUAL),
    PlacedOption("checktype", checktype, default="negotiate", where=VIRTUAL),
    PlacedOption("checkcommand", path, where=VIRTUAL),
    PlacedOption("checkport", port, default=default_checkport, where=VIRTUAL),
    PlacedOption("service", one_of(*SERVICES), default=default_service, where=VIRTUAL),
    PlacedOption("httpmethod", one_of("GET", "HEAD"), where=VIRTUAL),
    PlacedOption("virtualhost", quoted, where=VIRTUAL),
    PlacedOption("request", quoted, default=default_request, where=VIRTUAL),
    PlacedOption("receive", quoted, default=default_receive, where=VIRTUAL),
    PlacedOption("login", quoted, secret=True, where=VIRTUAL),
    PlacedOption("passwd", quoted, secret=True, where=VIRTUAL),
    PlacedOption("database", quoted, where=VIRTUAL),
    PlacedOption("secret", quoted, secret=True, where=VIRTUAL),
    PlacedOption("monitorfile", path, where=VIRTUAL),
    PlacedOption("servicename", line, where=VIRTUAL),
    PlacedOption("comment", line, where=VIRTUAL),
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
        lambda s: s.get("ops") == "yes" and s.get("protocol") == "fwm",
        "ops is yes, but with fwmark ldirectord does not heed it; remove ops, or fwmark",
    ),
    Rule(
        lambda s: s.get("ops") == "yes" and s.get("protocol") not in ("udp", "fwm"),
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
