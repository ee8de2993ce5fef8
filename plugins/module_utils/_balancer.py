# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Know mod_proxy_balancer: which parameters a balancer and its members have, and what they may say.

A new parameter of Apache is one new line in BALANCER or MEMBER.
"""

from __future__ import annotations

import re

from ansible_collections.haweb.cluster.plugins.module_utils._apache import (
    bare,
    number_with_unit,
    on_off,
    route,
    sticky,
    url_path,
)
from ansible_collections.haweb.cluster.plugins.module_utils._options import Option, Settled
from ansible_collections.haweb.cluster.plugins.module_utils._values import UnfitError, number, one_of

LBMETHODS = ("byrequests", "bytraffic", "bybusyness", "heartbeat")
HCMETHODS = ("TCP", "OPTIONS", "HEAD", "GET", "OPTIONS11", "HEAD11", "GET11", "NONE")
# Those whose answer has a text in which something can be found.
HCMETHODS_WITH_TEXT = ("GET", "GET11")
# The name of the expression that looks for the expected text; it stands in the template too.
HCEXPR = "haweb_health"

MOST_SECONDS = 86400
MOST_MILLISECONDS = 86400000
MOST_CONNECTIONS = 100000
MOST_BYTES = 16777216
LOADFACTOR = re.compile(r"\d{1,3}(\.\d{1,2})?")
MOST_LOADFACTOR = 100
STATUS = re.compile(r"([+-]?[DSRHIN])+")
# The members that take no new sessions as long as others do, or at all.
NOT_SERVING = re.compile(r"(?<!-)[DSRHN]")

seconds = number(0, MOST_SECONDS)
some_seconds = number(1, MOST_SECONDS)
time = number_with_unit(1, MOST_MILLISECONDS, "ms")
connections = number(0, MOST_CONNECTIONS)


def loadfactor(value: object) -> str:
    found = str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    if not LOADFACTOR.fullmatch(found) or not 1 <= float(found) <= MOST_LOADFACTOR:
        raise UnfitError(f"must be a number from 1 to {MOST_LOADFACTOR}, with two decimals at most")
    return found


def status(value: object) -> str:
    if not isinstance(value, str) or not STATUS.fullmatch(value):
        raise UnfitError(
            "must be flags such as +H (hot standby), +R (hot spare), +N (drain), +D (disabled), +S (stopped) "
            "or +I (ignore errors)"
        )
    return value


def codes(value: object) -> str:
    """Read a list, or a text with commas, of HTTP status codes."""
    one = number(100, 599)
    parts = value if isinstance(value, list) else str(value).split(",")
    return ",".join(one(part) for part in parts)


def default_hcuri(settled: Settled) -> str | None:
    return None if settled.get("hcmethod") in (None, "TCP", "NONE") else str(settled["health_page"])


def default_hcexpr(settled: Settled) -> str | None:
    return HCEXPR if settled.get("hcmethod") in HCMETHODS_WITH_TEXT and settled["health_text"] else None


# `ProxySet`. There is no `growth`: together with BalancerPersist its free places bring members back that the
# inventory has no longer.
BALANCER = (
    Option("stickysession", sticky, default="BALANCEID"),
    Option("stickysessionsep", bare),
    Option("scolonpathdelim", on_off),
    # Off: whose web server is dead logs in again on another one. On: answers 503 until it is back.
    Option("nofailover", on_off, default=False),
    Option("lbmethod", one_of(*LBMETHODS), default="byrequests"),
    Option("maxattempts", number(0, 1000)),
    Option("timeout", seconds),
    Option("failonstatus", codes),
    Option("failontimeout", on_off),
    Option("forcerecovery", on_off),
)

# `BalancerMember`, in the order of the file.
MEMBER = (
    Option("route", route),
    Option("loadfactor", loadfactor),
    Option("lbset", number(0, 99)),
    Option("status", status),
    Option("redirect", route),
    # Apache's own 60 seconds are right: a health check that passes brings the member back before, and until
    # then no request has to find out anew that it is dead.
    Option("retry", seconds),
    # A host without power refuses nothing: without this a request would wait for a minute to hear it.
    Option("connectiontimeout", time, default=2),
    # Without it, requests would take ProxyTimeout instead, which is the health check's.
    Option("timeout", some_seconds, default=60),
    Option("ping", time),
    Option("keepalive", on_off),
    # On a kept connection to a host without power a request waits for the whole timeout.
    Option("disablereuse", on_off, default=True),
    Option("min", connections),
    Option("max", connections),
    Option("smax", connections),
    Option("ttl", seconds),
    Option("acquire", number(1, MOST_MILLISECONDS)),
    Option("iobuffersize", number(1, MOST_BYTES)),
    Option("responsefieldsize", number(1, MOST_BYTES)),
    Option("receivebuffersize", number(0, MOST_BYTES)),
    Option("flushpackets", one_of("on", "off", "auto")),
    Option("flushwait", number(0, 1000)),
    Option("upgrade", bare, default="websocket"),
    Option("hcmethod", one_of(*HCMETHODS), default="GET"),
    Option("hcuri", url_path, default=default_hcuri),
    Option("hcexpr", one_of(HCEXPR), default=default_hcexpr),
    Option("hcinterval", time, default=1),
    Option("hcpasses", number(1, 1000), default=1),
    Option("hcfails", number(1, 1000), default=2),
)
MEMBER_WORDS = ("url", *(parameter.name for parameter in MEMBER))
# What only makes sense once.
OWN_WORDS = ("url", "route")
