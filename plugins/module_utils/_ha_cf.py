# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Know ha.cf: which directives there are, and what they may say.

A new directive of heartbeat is one new line in DIRECTIVES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from ansible_collections.haweb.cluster.plugins.module_utils._values import (
    Reader,
    UnfitError,
    host_address,
    line,
    number,
    one_of,
    path,
    port,
    word,
)

Lines = Mapping[str, list[str]]

IPFAIL = "/usr/libexec/heartbeat/ipfail"
MOST_MEDIA = 64
MOST_HOPS = 4
LONGEST_INTERFACE = 15  # what the kernel allows
BAUDS = ("9600", "19200", "38400", "57600", "115200", "230400", "460800")
FACILITIES = (
    *("auth", "authpriv", "daemon", "syslog", "user", "none"),
    *(f"local{number}" for number in range(8)),
)
TRUE, FALSE = ("true", "on", "yes", "y", "1"), ("false", "off", "no", "n", "0")


def milliseconds(text: str) -> int:
    """Return a time that heartbeat understands: 2, 1.7 or 500ms."""
    return round(float(text.removesuffix("ms")) * (1 if text.endswith("ms") else 1000))


def duration(value: object) -> str:
    text = "" if isinstance(value, bool) else str(value).strip()
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?(ms)?", text) or milliseconds(text) < 1:
        raise UnfitError("must be a time: seconds such as 2 or 1.7, or milliseconds such as 500ms")
    return text


def as_time(ms: int) -> str:
    return f"{ms}ms" if ms % 1000 else str(ms // 1000)


def on_off(value: object) -> str:
    # YAML has already turned a bare on into true.
    text = str(value).lower()
    if text not in (*TRUE, *FALSE):
        raise UnfitError("must be on or off")
    return "on" if text in TRUE else "off"


def auto_failback(value: object) -> str:
    try:
        return "legacy" if value == "legacy" else on_off(value)
    except UnfitError:
        raise UnfitError("must be on, off or legacy") from None


def bare(value: object) -> str:
    """Read one value of a directive that takes several: heartbeat splits them at blanks and commas."""
    found = word(value)
    if "," in found:
        raise UnfitError("must not contain a comma, at which heartbeat would split it")
    return found


def bare_path(value: object) -> str:
    return bare(path(value))


def interface(value: object) -> str:
    found = bare(value)
    if len(found) > LONGEST_INTERFACE or "/" in found:
        raise UnfitError(f"must be the name of a network interface, at most {LONGEST_INTERFACE} characters")
    return found


def mcast(value: object) -> str:
    words = line(value).split()
    try:
        device, group, udp, ttl, loop = words
        if not IPv4Address(group).is_multicast:
            raise UnfitError(f"the group must be from 224.0.0.0 to 239.255.255.255, not {group}")
    except (ValueError, AddressValueError) as why:
        if isinstance(why, UnfitError):
            raise
        raise UnfitError(
            "must be device, group, port, ttl and loop, such as eth0 225.0.0.1 694 1 0"
        ) from None
    number(1, MOST_HOPS)(ttl)
    return " ".join((interface(device), group, port(udp), ttl, one_of("0", "1")(loop)))


def ucast(value: object) -> str:
    words = line(value).split()
    if len(words) != len(("device", "address")):
        raise UnfitError("must be a device and the address of a node, such as eth0 192.168.0.103")
    return f"{interface(words[0])} {host_address(words[1])}"


def ping_group(value: object) -> str:
    words = line(value).split()
    if len(words) < len(("name", "address")):
        raise UnfitError("must be a name and at least one address, such as gateways 192.168.0.1 192.168.0.2")
    return " ".join(words)


def respawn(value: object) -> str:
    user, _blank, command = line(value).partition(" ")
    if not command.strip().startswith("/"):
        raise UnfitError(f"must be a user and a command with its full path, such as hacluster {IPFAIL}")
    return f"{user} {command.strip()}"


def apiauth(value: object) -> str:
    words = line(value).split()
    if len(words) < len(("name", "who")) or not all(re.fullmatch(r"[ug]id=\S+", who) for who in words[1:]):
        raise UnfitError("must be a name and who may use it, such as ipfail gid=haclient uid=hacluster")
    return " ".join(words)


def environment(value: object) -> str:
    found = word(value)
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*=.*", found):
        raise UnfitError("must look like name=value")
    return found


def only_none(value: object) -> str:
    if value != "none":
        raise UnfitError("heartbeat moves addresses only among nodes that it is told: it must be none")
    return "none"


def default_facility(lines: Lines) -> str | None:
    return None if lines.get("use_logd") == ["on"] else "local0"


def default_warntime(lines: Lines) -> str | None:
    return as_time(max(1, milliseconds(lines["deadtime"][0]) // 2)) if "deadtime" in lines else None


def default_initdead(lines: Lines) -> str | None:
    # A machine that has just booted may have to wait for its switch.
    return as_time(max(15000, 2 * milliseconds(lines["deadtime"][0]))) if "deadtime" in lines else None


def default_respawn(lines: Lines) -> str | None:
    return f"hacluster {IPFAIL}" if "ping" in lines or "ping_group" in lines else None


def default_apiauth(lines: Lines) -> str | None:
    return "ipfail gid=haclient uid=hacluster" if runs_ipfail(lines) else None


def runs_ipfail(lines: Lines) -> bool:
    return any(command.endswith("/ipfail") for command in lines.get("respawn", []))


LINES, WORDS = "lines", "words"


@dataclass(frozen=True)
class Directive:
    """A directive of ha.cf under its own name.

    One that may be repeated takes a list; a single text is then one line (LINES) or as many as it has words
    (WORDS). A default may be worked out from the directives above it; None writes no line.
    """

    name: str
    read: Reader
    default: str | Callable[[Lines], str | None] | None = None
    repeated: str = ""
    secret: bool = False


# The order is the order in the file, and heartbeat obeys each line as it meets it: logging, udpport and baud
# before the media, the media before what talks through them.
DIRECTIVES = (
    Directive("use_logd", on_off),
    Directive("logfacility", one_of(*FACILITIES), default=default_facility),
    Directive("logfile", bare_path),
    Directive("debugfile", bare_path),
    Directive("conn_logd_time", duration),
    Directive("syslogmsgfmt", on_off),
    Directive("log_badpack", on_off),
    Directive("debug", number(0, 255)),
    Directive("coredumps", on_off),
    Directive("coreroot", bare_path),
    Directive("cluster", bare),
    Directive("udpport", port),
    Directive("baud", one_of(*BAUDS)),
    Directive("msgfmt", one_of("classic", "netstring")),
    Directive("compression", one_of("zlib", "bz2")),
    Directive("compression_threshold", number(1, 1000000)),
    Directive("traditional_compression", on_off),
    Directive("keepalive", duration, default="250ms"),
    Directive("deadtime", duration, default="2"),
    Directive("warntime", duration, default=default_warntime),
    Directive("initdead", duration, default=default_initdead),
    Directive("deadping", duration),
    Directive("serial", bare_path, repeated=WORDS),
    Directive("bcast", interface, repeated=WORDS),
    Directive("mcast", mcast, repeated=LINES),
    Directive("ucast", ucast, repeated=LINES),
    Directive("mcast6", line, repeated=LINES),
    Directive("ucast6", line, repeated=LINES),
    Directive("ping", bare, repeated=WORDS),
    Directive("ping_group", ping_group, repeated=LINES),
    Directive("auto_failback", auto_failback, default="off"),
    Directive("autojoin", only_none),
    Directive("uuidfrom", one_of("file", "nodename")),
    Directive("hbgenmethod", one_of("file", "time")),
    Directive("hopfudge", number(0, 255)),
    Directive("max_rexmit_delay", number(1, 1000000)),
    Directive("memreserve", number(1, 1000000)),
    Directive("realtime", on_off),
    Directive("rtprio", number(1, 99)),
    Directive("use_apphbd", on_off),
    Directive("watchdog", bare_path),
    Directive("stonith", line),
    # Its parameters are often the password of a power switch.
    Directive("stonith_host", line, repeated=LINES, secret=True),
    Directive("env", environment, repeated=LINES),
    Directive("respawn", respawn, default=default_respawn, repeated=LINES),
    Directive("failfast", respawn, repeated=LINES),
    Directive("apiauth", apiauth, default=default_apiauth, repeated=LINES),
)
KNOWN = {directive.name: directive for directive in DIRECTIVES}
MEDIA = ("serial", "bcast", "mcast", "ucast", "mcast6", "ucast6")
PINGS = ("ping", "ping_group")
REFUSED = {
    "node": "the names come from the nodes; put the host there",
    "pacemaker": "heartbeat itself moves the addresses here; remove it",
    "crm": "heartbeat itself moves the addresses here; remove it",
    "nice_failback": "it is obsolete; use auto_failback",
}
