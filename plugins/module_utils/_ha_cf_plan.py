# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turn the directives of the inventory into the lines of an ha.cf, and say what speaks against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.haweb.cluster.plugins.module_utils._ha_cf import (
    DIRECTIVES,
    KNOWN,
    MEDIA,
    MOST_MEDIA,
    PINGS,
    REFUSED,
    WORDS,
    Directive,
    Lines,
    as_time,
    interface,
    milliseconds,
    runs_ipfail,
)
from ansible_collections.haweb.cluster.plugins.module_utils._nodes import read_nodes
from ansible_collections.haweb.cluster.plugins.module_utils._values import Problems, guess, is_list, shown

# What heartbeat takes where a directive is absent.
OWN_MS = {"keepalive": 1000, "deadtime": 30000}


def _ms(lines: Lines, name: str) -> int | None:
    return milliseconds(lines[name][0]) if name in lines else OWN_MS.get(name)


def _dead_in_time(name: str, lines: Lines) -> str | None:
    dead, twice = _ms(lines, name), 2 * (_ms(lines, "keepalive") or 0)
    if dead is None or dead > twice:
        return None
    return (
        f"{name} is {dead} ms, but must be more than twice keepalive ({twice // 2} ms), or one late "
        f"heartbeat would be a death; use more than {twice} ms, or a shorter keepalive"
    )


def _deadtime(lines: Lines) -> str | None:
    return _dead_in_time("deadtime", lines)


def _deadping(lines: Lines) -> str | None:
    return _dead_in_time("deadping", lines)


def _initdead(lines: Lines) -> str | None:
    first, dead = _ms(lines, "initdead"), _ms(lines, "deadtime") or 0
    if first is None or first >= dead:
        return None
    return (
        f"initdead is {first} ms, but must not be below deadtime ({dead} ms), since a node that has just "
        f"booted waits longer for its network; use {as_time(2 * dead)} or more"
    )


def _warntime(lines: Lines) -> str | None:
    warn, dead = _ms(lines, "warntime"), _ms(lines, "deadtime") or 0
    if warn is None or warn <= dead:
        return None
    return (
        f"warntime is {warn} ms, but must not be above deadtime ({dead} ms), or no warning would come before "
        f"the takeover; use {as_time(dead // 2)}"
    )


def _program_folder(lines: Lines) -> str | None:
    for command in (*lines.get("respawn", []), *lines.get("failfast", [])):
        if "/usr/lib/heartbeat/" in command:
            cure = command.replace("/usr/lib/heartbeat/", "/usr/libexec/heartbeat/")
            return f"respawn is '{command}', but Debian keeps heartbeat's programs elsewhere; write {cure}"
    return None


def _ipfail_without_ping(lines: Lines) -> str | None:
    if not runs_ipfail(lines) or any(name in lines for name in PINGS):
        return None
    return (
        "respawn starts ipfail, but nothing is pinged, so that it has no connection to compare; "
        "name a router in ping or ping_group, or remove ipfail"
    )


def _ipfail_and_legacy(lines: Lines) -> str | None:
    if not runs_ipfail(lines) or lines.get("auto_failback") != ["legacy"]:
        return None
    return "auto_failback is legacy, which ipfail refuses; set auto_failback to off or on"


def _some_log(lines: Lines) -> str | None:
    if lines.get("use_logd") != ["off"] or any(
        name in lines for name in ("logfacility", "logfile", "debugfile")
    ):
        return None
    return (
        "use_logd is off and no other log is named, with which heartbeat does not start; "
        "set logfacility, logfile or debugfile"
    )


def _links(lines: Lines) -> str | None:
    links = sum(len(lines.get(name, [])) for name in (*MEDIA, *PINGS))
    if links <= MOST_MEDIA:
        return None
    names = ", ".join((*MEDIA, *PINGS))
    return f"there are {links} links ({names}), but heartbeat takes {MOST_MEDIA}; remove some"


# What only makes sense, or makes none, together.
RULES = (
    _deadtime,
    _deadping,
    _initdead,
    _warntime,
    _program_folder,
    _ipfail_without_ping,
    _ipfail_and_legacy,
    _some_log,
    _links,
)


@dataclass(frozen=True)
class Line:
    name: str
    value: str


@dataclass(frozen=True)
class Plan:
    """What ha.cf is to say, and what speaks against it; only without problems is it complete."""

    lines: tuple[Line, ...]
    problems: tuple[str, ...]


def plan(directives: object, nodes: object, device: object) -> Plan:
    problems = Problems("heartbeat's directives", [])
    names = read_nodes(nodes, problems.about("heartbeat's nodes"))
    lines = read_directives(directives, device, problems)
    rendered = [Line(name, value) for name, values in lines.items() for value in values]
    rendered += [Line("node", name) for name in names.values()]
    return Plan(tuple(rendered), tuple(problems.sentences))


def read_directives(directives: object, device: object, problems: Problems) -> dict[str, list[str]]:
    given = {} if directives is None else directives
    if not isinstance(given, Mapping):
        problems.say(f"found {shown(directives)}, but they must be a dictionary of directive: value")
        return {}
    for name in given:
        if name in REFUSED:
            problems.say(f"{name} cannot stand here: {REFUSED[name]}")
        elif name not in KNOWN:
            problems.say(f"{shown(name)} is unknown", guess(name, KNOWN))
    if not any(_is_said(given.get(name)) for name in MEDIA):
        given = {**given, **_tutorial_media(given, device, problems)}
    already = len(problems.sentences)
    lines: dict[str, list[str]] = {}
    for directive in DIRECTIVES:
        values = _read(directive, given, lines, problems)
        if values:
            lines[directive.name] = values
    if len(problems.sentences) == already:
        for sentence in filter(None, (rule(lines) for rule in RULES)):
            problems.say(sentence)
    return lines


def _is_said(value: object) -> bool:
    """Whether a directive has a value; a list of nulls has none."""
    return any(one is not None for one in value) if is_list(value) else bool(value)


def _tutorial_media(given: Mapping[object, object], device: object, problems: Problems) -> dict[str, str]:
    """Return broadcast and multicast on the interface of the cluster: two ways to hear of each other."""
    found = problems.about("heartbeat").read(interface, "interface", device)
    # udpport does not apply to mcast, which names its own.
    return (
        {}
        if found is None
        else {"bcast": found, "mcast": f"{found} 225.0.0.1 {given.get('udpport', 694)} 1 0"}
    )


def _read(
    directive: Directive, given: Mapping[object, object], above: Lines, problems: Problems
) -> list[str]:
    default = directive.default(above) if callable(directive.default) else directive.default
    value = given.get(directive.name, default)
    values: list[object] = [value]
    if directive.repeated and is_list(value):
        values = list(value)
    elif directive.repeated == WORDS and isinstance(value, str):
        values = list(value.split() or [value])
    texts = (
        problems.read(directive.read, directive.name, one, directive.secret)
        for one in values
        if one is not None
    )
    return [text for text in texts if text is not None]
