# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turn the services of the inventory into the shape of an ldirectord.cf, and say what speaks against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from ansible_collections.haweb.cluster.plugins.module_utils._ldirectord import (
    FORWARDINGS,
    GLOBAL_OPTIONS,
    MOST_CONNECTIONS,
    MOST_WEIGHT,
    RULES,
    VIRTUAL_OPTIONS,
    split_fallback,
)
from ansible_collections.haweb.cluster.plugins.module_utils._ldirectord_config import Config, Line, Virtual
from ansible_collections.haweb.cluster.plugins.module_utils._ldirectord_place import (
    Place,
    Taken,
    read_place,
)
from ansible_collections.haweb.cluster.plugins.module_utils._options import Settled, settle
from ansible_collections.haweb.cluster.plugins.module_utils._values import (
    Problems,
    guess,
    host_address,
    is_list,
    line,
    number,
    one_of,
    port,
    quoted,
    shown,
)

# Our own words; all others in a service are ldirectord's.
SERVICE_WORDS = ("name", "address", "port", "fwmark", "ports", "real_servers")
REAL_SERVER_WORDS = ("address", "port", "forwarding", "weight", "lower", "upper", "request", "receive")
SERVICE_EXAMPLE = "{name: www, address: 192.168.0.105/24, port: 80, real_servers: [192.168.0.101]}"

weight = number(0, MOST_WEIGHT)
connections = number(0, MOST_CONNECTIONS)


@dataclass(frozen=True)
class Plan:
    """What ldirectord.cf is to say, and what speaks against it; only without problems is it complete."""

    config: Config
    problems: tuple[str, ...]


def plan(services: object, options: object) -> Plan:
    problems = Problems("ldirectord's options", [])
    settled = _read_global_options(options, problems)
    virtuals = _read_services(services, settled, problems.about("The services"))
    return Plan(Config(_lines(settled), virtuals), tuple(problems.sentences))


def _read_global_options(options: object, problems: Problems) -> dict[str, str]:
    given = {} if options is None else options
    if not isinstance(given, Mapping):
        problems.say(f"found {shown(options)}, but they must be a dictionary of option: value")
        return {}
    for name in given:
        if name in GLOBAL_OPTIONS:
            continue
        if name in VIRTUAL_OPTIONS:
            problems.say(f"{name} cannot stand here; move it into the services that need it")
        else:
            problems.say(f"{shown(name)} is unknown", guess(name, GLOBAL_OPTIONS))
    return settle(GLOBAL_OPTIONS.values(), given, {}, problems)


def _lines(settled: Mapping[str, str]) -> tuple[Line, ...]:
    return tuple(Line(name, value) for name, value in settled.items())


def _read_services(services: object, general: Settled, problems: Problems) -> tuple[Virtual, ...]:
    if not is_list(services):
        problems.say(f"found {shown(services)}, but they must be a list")
        return ()
    if not services:
        problems.say("there is none; name at least one with its address, port and real_servers")
    virtuals = []
    taken = Taken()
    for position, service in enumerate(services, start=1):
        about = problems.about(_title(service, position))
        virtual = _read_service(service, general, about)
        if virtual is not None:
            taken.take(virtual.place, virtual.protocol, virtual.comment, about)
            virtuals.append(virtual)
    return tuple(virtuals)


def _title(service: object, position: int) -> str:
    name = service.get("name") if isinstance(service, Mapping) else None
    return f"Service {name}" if isinstance(name, str) and name.isprintable() else f"Service number {position}"


def _read_service(service: object, general: Settled, problems: Problems) -> Virtual | None:
    """Return the service, or None when anything speaks against it."""
    if not isinstance(service, Mapping):
        problems.say(f"found {shown(service)}, but it must be a dictionary such as {SERVICE_EXAMPLE}")
        return None
    already = len(problems.sentences)
    _check_names(service, problems)
    comment = problems.read(line, "name", service.get("name"))
    place = read_place(service, problems)
    context = {"port": place.ports[0] if place else None, "fwmark": place.mark if place else None}
    settled = settle(VIRTUAL_OPTIONS.values(), service, context, problems)
    reals = _read_real_servers(service.get("real_servers"), settled, problems)
    if comment is None or place is None or len(problems.sentences) > already:
        return None
    protocol = settled.get("protocol", "tcp")
    if place.mark:
        settled["protocol"] = "fwm"
    _check_together(settled, place, general, problems)
    _check_real_servers(reals, place, problems)
    if len(problems.sentences) > already:
        return None
    lines = (*(real.line(place) for real in reals), *_lines(settled))
    return Virtual(comment, place, protocol, lines)


def _check_names(service: Mapping[object, object], problems: Problems) -> None:
    for name in service:
        if name in VIRTUAL_OPTIONS or name in SERVICE_WORDS:
            continue
        if name in GLOBAL_OPTIONS:
            problems.say(f"{name} cannot stand in a service; move it into ldirectord's options")
        else:
            problems.say(f"{shown(name)} is unknown", guess(name, (*SERVICE_WORDS, *VIRTUAL_OPTIONS)))


def _check_together(settled: Mapping[str, str], place: Place, general: Settled, problems: Problems) -> None:
    for rule in RULES:
        if rule.broken(settled):
            problems.say(rule.sentence)
    if "checkinterval" in settled and general.get("fork") != "yes":
        problems.say(
            "checkinterval is set, but in a service ldirectord heeds it only with fork: true in its options; "
            "set that, or move checkinterval into the options"
        )
    if "fallback" in settled:
        _address, mapped, forwarding = split_fallback(settled["fallback"])
        _check_mapping("fallback", mapped, forwarding, place, problems)
    elif place.mark and "fallback" in general:
        problems.say(
            "it has a fwmark and no fallback, and ldirectord cannot use the fallback in its options for a "
            "firewall mark; give this service a fallback of its own"
        )


def _check_mapping(name: str, mapped: str | None, forwarding: str, place: Place, problems: Problems) -> None:
    if mapped and place.mark:
        problems.say(
            f"{name} has port {mapped}, but a service with fwmark hands on all its ports, each to the same "
            "port there; remove the port"
        )
    elif mapped and forwarding != "masq" and mapped != place.ports[0]:
        problems.say(
            f"{name} has port {mapped}, but {forwarding} hands packets on unchanged, so that it must be the "
            f"service's port {place.ports[0]}; use that, or forwarding masq"
        )


@dataclass(frozen=True)
class RealServer:
    address: IPv4Address
    port: str | None  # None: the service's own
    forwarding: str
    weight: str
    check: str
    lower: str
    upper: str

    def line(self, place: Place) -> Line:
        # The weight is always said: without one ldirectord takes the first number in the request for it.
        words = [place.behind(self.address, self.port), self.forwarding, self.weight, self.check]
        words += [
            f"{letter}:{limit}" for letter, limit in (("l", self.lower), ("u", self.upper)) if limit != "0"
        ]
        return Line("real", " ".join(word for word in words if word))


def _read_real_servers(reals: object, settled: Settled, problems: Problems) -> list[RealServer]:
    if reals is not None and not is_list(reals):
        problems.say(f"real_servers is {shown(reals)}, but must be a list")
        return []
    if not reals:
        problems.say("there is no real server; name at least one in real_servers")
        return []
    found = (
        _read_real_server(real, settled, problems.about(f"{problems.where}, real server {position}"))
        for position, real in enumerate(reals, start=1)
    )
    return [real for real in found if real]


def _read_real_server(given: object, settled: Settled, problems: Problems) -> RealServer | None:
    already = len(problems.sentences)
    entry = given if isinstance(given, Mapping) else {"address": given}
    for name in entry:
        if name not in REAL_SERVER_WORDS:
            problems.say(f"{shown(name)} is unknown", guess(name, REAL_SERVER_WORDS))
    address = problems.read(host_address, "address", entry.get("address"))
    own_port = entry.get("port")
    mapped = None if own_port is None else problems.read(port, "port", own_port)
    forwarding = problems.read(one_of(*FORWARDINGS), "forwarding", entry.get("forwarding", "gate")) or ""
    share = problems.read(weight, "weight", entry.get("weight", 1)) or ""
    lower = problems.read(connections, "lower", entry.get("lower", 0)) or ""
    upper = problems.read(connections, "upper", entry.get("upper", 0)) or ""
    check = _read_check(entry, settled, problems)
    if address is None or len(problems.sentences) > already:
        return None
    return RealServer(address, mapped, forwarding, share, check, lower, upper)


def _read_check(entry: Mapping[str, object], settled: Settled, problems: Problems) -> str:
    """Return request and receive: ldirectord takes both or none, so the service lends the other one."""
    if "request" not in entry and "receive" not in entry:
        return ""
    pair = {"request": settled.get("request", '"/"'), "receive": settled.get("receive", '""')}
    for name in pair:
        if name in entry:
            pair[name] = problems.read(quoted, name, entry[name])
    return ",".join(str(half) for half in pair.values())


def _check_real_servers(reals: list[RealServer], place: Place, problems: Problems) -> None:
    seen: set[str] = set()
    for real in reals:
        about = problems.about(f"{problems.where}, real server {real.address}")
        _check_mapping("it", real.port, real.forwarding, place, about)
        if real.address == place.address:
            about.say(
                "this is the virtual address itself; name the address that the web server has of its own"
            )
        target = place.behind(real.address, real.port)
        if target in seen:
            about.say("it is in the list more than once; remove the others")
        seen.add(target)
        if real.upper != "0" and int(real.lower) > int(real.upper):
            about.say(
                f"lower is {real.lower}, above upper {real.upper}; a server that is full at upper is asked "
                "again below lower, so that lower must be the smaller one"
            )
