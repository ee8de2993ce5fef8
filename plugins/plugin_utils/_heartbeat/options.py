# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""List the directives of ha.cf: their values and their defaults.

A new directive of heartbeat is one new line in DIRECTIVES.
"""

from __future__ import annotations

from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.values import (
    IPFAIL,
    apiauth,
    as_time,
    auto_failback,
    bare,
    bare_path,
    duration,
    environment,
    interface,
    mcast,
    on_off,
    only_none,
    ping_group,
    program,
    ucast,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import LINES, WORDS, Option, Settled
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import line, number, one_of, port

MEDIA = ("serial", "bcast", "mcast", "ucast", "mcast6", "ucast6")
PINGS = ("ping", "ping_group")
LOGS = ("logfacility", "logfile", "debugfile")
BAUDS = ("9600", "19200", "38400", "57600", "115200", "230400", "460800")
FACILITIES = (
    *("auth", "authpriv", "daemon", "syslog", "user", "none"),
    *(f"local{unit}" for unit in range(8)),
)
# The tutorial's multicast group, with heartbeat's own port.
GROUP, UDPPORT = "225.0.0.1", 694
SHORTEST_INITDEAD = 15000


def default_facility(settled: Settled) -> str | None:
    return None if settled.get("use_logd") is True else "local0"


def default_warntime(settled: Settled) -> str | None:
    return as_time(max(1, settled["deadtime"].ms // 2)) if "deadtime" in settled else None


def default_initdead(settled: Settled) -> str | None:
    # A machine that has just booted may have to wait for its switch.
    return as_time(max(SHORTEST_INITDEAD, 2 * settled["deadtime"].ms)) if "deadtime" in settled else None


def default_respawn(settled: Settled) -> str | None:
    return f"hacluster {IPFAIL}" if any(name in settled for name in PINGS) else None


def default_apiauth(settled: Settled) -> str | None:
    return "ipfail gid=haclient uid=hacluster" if runs_ipfail(settled) else None


def runs_ipfail(settled: Settled) -> bool:
    return any(started.is_ipfail for started in settled.get("respawn", ()))


# This is the order in the file. heartbeat executes each line as it reads it: logging, udpport and baud must
# stand before the media, and the media before directives that use them.
DIRECTIVES = (
    Option("use_logd", on_off),
    Option("logfacility", one_of(*FACILITIES), default=default_facility),
    Option("logfile", bare_path),
    Option("debugfile", bare_path),
    Option("conn_logd_time", duration),
    Option("syslogmsgfmt", on_off),
    Option("log_badpack", on_off),
    Option("debug", number(0, 255)),
    Option("coredumps", on_off),
    Option("coreroot", bare_path),
    Option("cluster", bare),
    Option("udpport", port),
    Option("baud", one_of(*BAUDS)),
    Option("msgfmt", one_of("classic", "netstring")),
    Option("compression", one_of("zlib", "bz2")),
    Option("compression_threshold", number(1, 1000000)),
    Option("traditional_compression", on_off),
    Option("keepalive", duration, default="250ms"),
    Option("deadtime", duration, default="2"),
    Option("warntime", duration, default=default_warntime),
    Option("initdead", duration, default=default_initdead),
    Option("deadping", duration),
    Option("serial", bare_path, repeated=WORDS),
    Option("bcast", interface, repeated=WORDS),
    Option("mcast", mcast, repeated=LINES),
    Option("ucast", ucast, repeated=LINES),
    Option("mcast6", line, repeated=LINES),
    Option("ucast6", line, repeated=LINES),
    Option("ping", bare, repeated=WORDS),
    Option("ping_group", ping_group, repeated=LINES),
    Option("auto_failback", auto_failback, default="off"),
    Option("autojoin", only_none),
    Option("uuidfrom", one_of("file", "nodename")),
    Option("hbgenmethod", one_of("file", "time")),
    Option("hopfudge", number(0, 255)),
    Option("max_rexmit_delay", number(1, 1000000)),
    Option("memreserve", number(1, 1000000)),
    Option("realtime", on_off),
    Option("rtprio", number(1, 99)),
    Option("use_apphbd", on_off),
    Option("watchdog", bare_path),
    # Their parameters often contain the password of a power switch.
    Option("stonith", line, secret=True),
    Option("stonith_host", line, repeated=LINES, secret=True),
    # A program may get its password from the environment.
    Option("env", environment, repeated=LINES, secret=True),
    Option("respawn", program, default=default_respawn, repeated=LINES),
    Option("failfast", program, repeated=LINES),
    Option("apiauth", apiauth, default=default_apiauth, repeated=LINES),
)
KNOWN = tuple(directive.name for directive in DIRECTIVES)
