# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of a service that have the same meaning for every engine, and their values.

A new option is a new line in SERVICE or CHECK, and a field of the same name in service.py. An option of the
check also has a short name, with which it can stand in the service itself: `checktype: ping` is
`check: {type: ping}`. The short names are ldirectord's.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.haweb.cluster.plugins.module_utils._problems import UnfitError
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.service import (
    Fallback,
    Service,
    transport_of,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import Option, Settled
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import (
    expected,
    host_address,
    line,
    netmask,
    number,
    one_of,
    path,
    port,
    quotable,
    several_of,
    text,
    yes_no,
)

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh")
SCHEDFLAGS = ("sh-port", "sh-fallback", "mh-port", "mh-fallback")
FORWARDINGS = ("gate", "masq", "ipip")
CHECKTYPES = ("connect", "external", "external-perl", "negotiate", "off", "on", "ping")
# ldirectord derives the service from the port in the same way. For other TCP ports we use HTTP, it uses none.
SERVICE_OF_PORT = {
    21: "ftp",
    25: "smtp",
    53: "dns",
    80: "http",
    110: "pop",
    119: "nntp",
    143: "imap",
    389: "ldap",
    443: "https",
    587: "submission",
    636: "ldaps",
    993: "imaps",
    995: "pops",
    1521: "oracle",
    1812: "radius",
    3128: "http_proxy",
    3306: "mysql",
    5060: "sip",
    5432: "pgsql",
}
PORT_OF_SERVICE = {service: port for port, service in SERVICE_OF_PORT.items()}
CHECKED_SERVICES = tuple(sorted({*SERVICE_OF_PORT.values(), "none", "simpletcp"}))
# Words of a check that asks something, and does more than to look whether somebody is there.
QUESTIONS = (
    "service",
    "request",
    "receive",
    "method",
    "virtualhost",
    "login",
    "passwd",
    "database",
    "secret",
)

MOST_SECONDS = 2678400  # 31 days, the kernel's longest timeout
MOST_TIMES = 10000
MOST_WEIGHT = 65535
MOST_CONNECTIONS = 4294967295
MOST_MARK = 4294967295  # the kernel's marks have 32 bits
FALLBACK_WORDS = 2

seconds = number(1, MOST_SECONDS)
times = number(1, MOST_TIMES)
weight = number(0, MOST_WEIGHT)
connections = number(0, MOST_CONNECTIONS)
fwmark = number(1, MOST_MARK)
forwarding = one_of(*FORWARDINGS)


def protocol(value: object) -> str:
    if value == "fwm":
        raise UnfitError("a firewall mark has a word of its own; set fwmark, and here tcp or udp")
    return one_of("tcp", "udp")(value)


def checktype(value: object) -> str | int:
    if isinstance(value, bool):
        # YAML has already turned a bare on into true.
        return "on" if value else "off"
    try:
        return times(value)
    except UnfitError:
        pass
    try:
        return one_of(*CHECKTYPES)(value)
    except UnfitError as why:
        raise UnfitError(f"{why} (or a number N: one negotiate check after N connect checks)") from None


def fallback(value: object) -> Fallback:
    """Read `127.0.0.1:80 gate`; port and forwarding are optional."""
    words = line(value).split()
    if len(words) > FALLBACK_WORDS:
        raise UnfitError("must look like 127.0.0.1:80 gate")
    address, colon, mapped = words[0].partition(":")
    return Fallback(
        host_address(address),
        port(mapped) if colon else None,
        forwarding(words[1] if len(words) == FALLBACK_WORDS else "gate"),
    )


def negotiates(check: Settled) -> bool:
    return check.get("type") == "negotiate" or isinstance(check.get("type"), int)


def asks_for_a_page(check: Settled) -> bool:
    return check.get("service") in ("http", "https")


def default_protocol(service: Settled) -> object:
    return transport_of(service["ports"][0], service["mark"]) if service["ports"] else "tcp"


def default_type(check: Settled) -> object:
    """Return the check that a service gets without a word about it.

    What UDP carries on a port without a well-known service is known to nobody, so that the host alone can be
    checked. With a firewall mark ldirectord would ask for sip by TCP.
    """
    if check["transport"] != "udp" or check["asks"]:
        return "negotiate"
    known = SERVICE_OF_PORT.get(_checked_port(check, check["own_port"]) or 0)
    return "ping" if known is None or (check["mark"] and known == "sip") else "negotiate"


def default_port(check: Settled) -> object:
    # A firewall mark has no port, so one of the service's ports is checked for all.
    return _checked_port(check, None) if check["mark"] else None


def default_service(check: Settled) -> object:
    if not negotiates(check):
        return None
    other = "http" if check["transport"] == "tcp" else None
    return SERVICE_OF_PORT.get(_checked_port(check, check.get("port")) or 0, other)


def _checked_port(check: Settled, own: int | None) -> int | None:
    """Return the port that tells which service is checked, or, of several ports, that of this service.

    own: the port that the check has of its own.
    """
    ports: tuple[int, ...] = check["ports"]
    if not check["mark"]:
        return ports[0] if ports else None
    known = PORT_OF_SERVICE.get(check["own_service"])
    return own or (known if known in ports else ports[0])


def default_request(check: Settled) -> object:
    return "ldirector.html" if asks_for_a_page(check) else None


def default_receive(check: Settled) -> object:
    # The response to HEAD has no body to search.
    return "Test Page" if asks_for_a_page(check) and check.get("method") != "HEAD" else None


@dataclass(frozen=True, kw_only=True)
class CheckOption(Option):
    """An option of the check, with its short name."""

    short: str


SERVICE = (
    Option("fallback", fallback),
    Option("protocol", protocol, default=default_protocol),
    Option("scheduler", one_of(*SCHEDULERS), default="rr"),
    Option("schedflags", several_of(*SCHEDFLAGS)),
    Option("persistent", seconds),
    Option("netmask", netmask),
    Option("ops", yes_no),
)
# If the default of an option depends on another one, the other one stands above it.
CHECK = (
    CheckOption("timeout", seconds, short="checktimeout"),
    CheckOption("interval", seconds, short="checkinterval"),
    CheckOption("failures", times, short="failurecount"),
    CheckOption("type", checktype, default=default_type, short="checktype"),
    CheckOption("command", path, short="checkcommand"),
    CheckOption("port", port, default=default_port, short="checkport"),
    CheckOption("service", one_of(*CHECKED_SERVICES), default=default_service, short="service"),
    CheckOption("method", one_of("GET", "HEAD"), short="httpmethod"),
    CheckOption("virtualhost", quotable, short="virtualhost"),
    CheckOption("request", text, default=default_request, short="request"),
    CheckOption("receive", expected, default=default_receive, short="receive"),
    CheckOption("login", text, secret=True, short="login"),
    CheckOption("passwd", text, secret=True, short="passwd"),
    CheckOption("database", text, short="database"),
    CheckOption("secret", text, secret=True, short="secret"),
)
# Here null means our default: IPVS has none.
REAL_SERVER = (
    Option("port", port),
    Option("forwarding", forwarding, default="gate"),
    Option("weight", weight, default=1),
    Option("lower", connections, default=0),
    Option("upper", connections, default=0),
    Option("request", text),
    Option("receive", expected),
)
SERVICE_WORDS = (
    *("name", "address", "port", "fwmark", "ports", "real_servers", "check"),
    *(option.name for option in SERVICE),
)
CHECK_WORDS = tuple(option.name for option in CHECK)
SHORT = {option.short: option.name for option in CHECK}
REAL_SERVER_WORDS = ("address", *(option.name for option in REAL_SERVER))


def called(service: Service, option: str) -> str:
    """Return what the inventory calls an option of the check; if it lacks it, in the form of the others."""
    written = service.written or {}
    short = next(known.short for known in CHECK if known.name == option)
    in_section = f"check.{option}"
    has_section = any(name.startswith("check.") for name in written.values())
    return written.get(option, in_section if has_section else short)
