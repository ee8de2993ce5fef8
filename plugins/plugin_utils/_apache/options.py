# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of mod_proxy_balancer and of the sticky cookie, with Apache's names.

A new parameter of Apache is one new line in BALANCER or MEMBER.
"""

from __future__ import annotations

from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.values import (
    MOST_MILLISECONDS,
    SERVER_NAME,
    bare,
    boolean,
    codes,
    domain,
    loadfactor,
    on_off,
    route,
    status,
    sticky,
    time,
    token,
    url_path,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import Option, Settled
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import number, one_of

LBMETHODS = ("byrequests", "bytraffic", "bybusyness", "heartbeat")
HCMETHODS = ("TCP", "OPTIONS", "HEAD", "GET", "OPTIONS11", "HEAD11", "GET11", "NONE")
# Methods whose response has a body to search.
HCMETHODS_WITH_TEXT = ("GET", "GET11")
# The name of the expression that searches the expected text; the template contains it, too.
HCEXPR = "haweb_health"

MOST_SECONDS = 86400
MOST_CONNECTIONS = 100000
MOST_BYTES = 16777216
MOST_MINUTES = 525600  # a year

seconds = number(0, MOST_SECONDS)
some_seconds = number(1, MOST_SECONDS)
connections = number(0, MOST_CONNECTIONS)


def default_hcuri(settled: Settled) -> object:
    return None if settled.get("hcmethod") in (None, "TCP", "NONE") else settled["health_page"]


def default_hcexpr(settled: Settled) -> object:
    return HCEXPR if settled.get("hcmethod") in HCMETHODS_WITH_TEXT and settled["health_text"] else None


# `ProxySet`. There is no `growth`: with BalancerPersist, Apache would restore removed members into its free
# places.
BALANCER = (
    Option("stickysession", sticky, default="BALANCEID"),
    Option("stickysessionsep", bare),
    Option("scolonpathdelim", on_off),
    # Off: users of a failed web server must log in again on another one. On: they get 503 until it is back.
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
    # Apache's default of 60 seconds is right: a passed health check adds the member earlier, and until then
    # no request waits for the dead member.
    Option("retry", seconds),
    # A host without power does not refuse connections: without this a request would wait for a minute.
    Option("connectiontimeout", time, default=2),
    # Without it, requests would have ProxyTimeout, which is that of the health check.
    Option("timeout", some_seconds, default=60),
    Option("ping", time),
    Option("keepalive", on_off),
    # On a kept connection to a host without power, a request waits for the whole timeout.
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
MEMBER_WORDS = ("url", *(option.name for option in MEMBER))
# Words that are valid only for a single member.
OWN_WORDS = ("url", "route")

# The sticky cookie. A new attribute is a line here, a field of the model's Cookie, and a word in render.py.
COOKIE = (
    Option("name", token, default="BALANCEID"),
    Option("domain", domain, default=SERVER_NAME),
    Option("lifetime", number(0, MOST_MINUTES), default=0),
    Option("path", url_path, default="/"),
    Option("secure", boolean, default=False),
    Option("httponly", boolean, default=False),
    Option("samesite", one_of("Lax", "Strict", "None"), default="Lax"),
)
