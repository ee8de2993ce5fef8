# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""List the options of ldirectord.cf: their values and their order.

A new option of ldirectord is one new line in LINES.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ansible_collections.haweb.cluster.plugins.module_utils._problems import UnfitError
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.read import Engine
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.words import (
    MOST_SECONDS,
    fallback,
    seconds,
    times,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import Option, Settled
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import (
    line,
    number,
    path,
    quotable,
    several_of,
    word,
    yes_no,
)

EMAIL_STATES = ("all", "none", "starting", "running", "stopping", "reloading")

GLOBAL, VIRTUAL, BOTH = "global", "virtual", "both"
TIMEOUTS = ("checktimeout", "negotiatetimeout")
TIMEOUT = 2  # seconds


def email_states(value: object) -> tuple[str, ...]:
    states = several_of(*EMAIL_STATES)(value)
    if "none" in states and states != ("none",):
        raise UnfitError("none must stand alone, or not at all")
    return states


def quote(value: object) -> str:
    return f'"{value}"'


def pair(request: str, receive: str) -> str:
    """Return request and receive as they stand in the line of a real server."""
    # ldirectord adds the slash itself, and ignores the receive of a request that begins with one.
    return f"{quote(request.lstrip('/'))},{quote(receive)}"


def host(value: object) -> str:
    found = line(value)
    if not re.fullmatch(r"[0-9A-Za-z._+-]+", found):
        raise UnfitError("must be the name or the address of a host")
    return found


def default_timeout(settled: Settled) -> object:
    # To ldirectord each of the two is the default of the other.
    return None if settled["has_timeout"] else TIMEOUT


@dataclass(frozen=True, kw_only=True)
class PlacedOption(Option):
    """An option of ldirectord.cf, with ldirectord's name.

    If an option can be both global and in a service, our default is written as the global one.
    """

    where: str

    @property
    def quoted(self) -> bool:
        return self.read is quotable


@dataclass(frozen=True)
class FromModel:
    """An option of a service whose value is in the model: an attribute of Service, or of its check."""

    name: str
    attribute: str
    quoted: bool = False


# How ldirectord reads request and receive in the line of a real server: each .* is as long as possible.
PAIR = re.compile(r'"(.*)"[, ]\s*"(.*)"')

# This is the order in the file.
LINES: tuple[PlacedOption | FromModel, ...] = (
    PlacedOption("checktimeout", seconds, default=default_timeout, where=GLOBAL),
    FromModel("checktimeout", "check.timeout"),
    PlacedOption("negotiatetimeout", seconds, default=default_timeout, where=BOTH),
    PlacedOption("checkinterval", seconds, default=1, where=GLOBAL),
    FromModel("checkinterval", "check.interval"),
    PlacedOption("checkcount", times, where=BOTH),
    PlacedOption("failurecount", times, default=2, where=GLOBAL),
    FromModel("failurecount", "check.failures"),
    # If a run is killed before the reload, ldirectord reads the new file by itself.
    PlacedOption("autoreload", yes_no, default=True, where=GLOBAL),
    PlacedOption("callback", quotable, where=GLOBAL),
    PlacedOption("quiescent", yes_no, default=False, where=BOTH),
    # Otherwise each start and reload sends clients to every failed real server, until a check fails.
    PlacedOption("readdquiescent", yes_no, default=True, where=GLOBAL),
    PlacedOption("cleanstop", yes_no, default=False, where=BOTH),
    PlacedOption("maintenancedir", path, where=GLOBAL),
    PlacedOption("fallback", fallback, where=GLOBAL),
    FromModel("fallback", "fallback"),
    PlacedOption("fallbackcommand", path, where=BOTH),
    PlacedOption("logfile", quotable, default="local0", where=GLOBAL),
    PlacedOption("emailalert", quotable, where=BOTH),
    PlacedOption("emailalertfrom", line, where=GLOBAL),
    PlacedOption("emailalertfreq", number(0, MOST_SECONDS), where=BOTH),
    PlacedOption("emailalertstatus", email_states, where=BOTH),
    PlacedOption("smtp", host, where=BOTH),
    PlacedOption("execute", word, where=GLOBAL),
    PlacedOption("fork", yes_no, where=GLOBAL),
    PlacedOption("supervised", yes_no, where=GLOBAL),
    FromModel("protocol", "protocol"),
    FromModel("scheduler", "scheduler"),
    FromModel("schedflags", "schedflags"),
    FromModel("persistent", "persistent"),
    FromModel("netmask", "netmask"),
    FromModel("ops", "ops"),
    FromModel("checktype", "check.type"),
    FromModel("checkcommand", "check.command"),
    FromModel("checkport", "check.port"),
    FromModel("service", "check.service"),
    FromModel("httpmethod", "check.method"),
    FromModel("virtualhost", "check.virtualhost", quoted=True),
    FromModel("request", "check.request", quoted=True),
    FromModel("receive", "check.receive", quoted=True),
    FromModel("login", "check.login", quoted=True),
    FromModel("passwd", "check.passwd", quoted=True),
    FromModel("database", "check.database", quoted=True),
    FromModel("secret", "check.secret", quoted=True),
    PlacedOption("monitorfile", path, where=VIRTUAL),
    PlacedOption("servicename", line, where=VIRTUAL),
    PlacedOption("comment", line, where=VIRTUAL),
)
GLOBAL_OPTIONS = {
    option.name: option
    for option in LINES
    if isinstance(option, PlacedOption) and option.where in (GLOBAL, BOTH)
}
# Options that are not in the model.
VIRTUAL_OPTIONS = {
    option.name: option if option.where == VIRTUAL else replace(option, default=None)
    for option in LINES
    if isinstance(option, PlacedOption) and option.where in (VIRTUAL, BOTH)
}
VIRTUAL_LINES = tuple(
    option for option in LINES if isinstance(option, FromModel) or option.where in (VIRTUAL, BOTH)
)

LDIRECTORD = Engine(
    name="ldirectord",
    options=tuple(VIRTUAL_OPTIONS.values()),
    elsewhere=tuple(GLOBAL_OPTIONS),
    place="ldirectord's options",
)
