# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turn the services of the inventory into the shape of an ldirectord.cf, and say what speaks against them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address

from ansible_collections.haweb.cluster.plugins.module_utils._ldirectord import (
    FORWARDINGS,
    GLOBAL_OPTIONS,
    MOST_CONNECTIONS,
    MOST_WEIGHT,
    RULES,
    VIRTUAL_OPTIONS,
    Option,
    Settled,
    split_fallback,
)
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
    virtual_address,
)

# Our own words; all others in a service are ldirectord's.
SERVICE_WORDS = ("name", "address", "port", "real_servers")
REAL_SERVER_WORDS = ("address", "port", "forwarding", "weight", "lower", "upper", "request", "receive")
SERVICE_EXAMPLE = "{name: www, address: 192.168.0.105/24, port: 80, real_servers: [192.168.0.101]}"

weight = number(0, MOST_WEIGHT)
connections = number(0, MOST_CONNECTIONS)


@dataclass(frozen=True)
class Line:
    name: str
    value: str


@dataclass(frozen=True)
class Virtual:
    comment: str
    virtual: str
    protocol: str
    options: tuple[Line, ...]


@dataclass(frozen=True)
class Config:
    options: tuple[Line, ...]
    virtuals: tuple[Virtual, ...]

    def shape(self) -> dict[str, object]:
        """Return what a template can walk through, and whether there is anything to hide in it."""
        return {
            "secret": any(
                VIRTUAL_OPTIONS[option.name].secret
                for virtual in self.virtuals
                for option in virtual.options
                if option.name in VIRTUAL_OPTIONS
            ),
            "options": [asdict(option) for option in self.options],
            "virtuals": [
                {
                    "comment": virtual.comment,
                    "virtual": virtual.virtual,
                    "options": [asdict(option) for option in virtual.options],
                }
                for virtual in self.virtuals
            ],
        }


@dataclass(frozen=True)
class Plan:
    """What ldirectord.cf is to say, and what speaks against it; only without problems is it complete."""

    config: Config
    problems: tuple[str, ...]


def plan(services: object, options: object) -> Plan:
    problems = Problems("ldirectord's options", [])
    settled = _read_global_options(options, problems)
    virtuals = _read_services(services, settled.get("fork") == "yes", problems.about("The services"))
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
    return _settle(GLOBAL_OPTIONS.values(), given, {}, problems)


def _settle(known: Iterable[Option], given: Settled, context: Settled, problems: Problems) -> dict[str, str]:
    """Read what is given, add our defaults, and leave out what is given as null."""
    settled: dict[str, str] = {}
    for option in known:
        default = option.default({**context, **settled}) if callable(option.default) else option.default
        value = given.get(option.name, default)
        if value is None:
            continue
        text = problems.read(option.read, option.name, value, option.secret)
        if text is not None:
            settled[option.name] = text
    return settled


def _lines(settled: Mapping[str, str]) -> tuple[Line, ...]:
    return tuple(Line(name, value) for name, value in settled.items())


def _read_services(services: object, forks: bool, problems: Problems) -> tuple[Virtual, ...]:
    if not is_list(services):
        problems.say(f"found {shown(services)}, but they must be a list")
        return ()
    if not services:
        problems.say("there is none; name at least one with its address, port and real_servers")
    virtuals: dict[tuple[str, str], Virtual] = {}
    for position, service in enumerate(services, start=1):
        about = problems.about(_title(service, position))
        virtual = _read_service(service, forks, about)
        if virtual is None:
            continue
        key = (virtual.protocol, virtual.virtual)
        if key in virtuals:
            about.say(
                f"{virtual.protocol} {virtual.virtual} already belongs to service {virtuals[key].comment}; "
                "give one of the two another address or port"
            )
        virtuals[key] = virtual
    return tuple(virtuals.values())


def _title(service: object, position: int) -> str:
    name = service.get("name") if isinstance(service, Mapping) else None
    return f"Service {name}" if isinstance(name, str) and name.isprintable() else f"Service number {position}"


def _read_service(service: object, forks: bool, problems: Problems) -> Virtual | None:
    """Return the service, or None when anything speaks against it."""
    if not isinstance(service, Mapping):
        problems.say(f"found {shown(service)}, but it must be a dictionary such as {SERVICE_EXAMPLE}")
        return None
    already = len(problems.sentences)
    _check_names(service, problems)
    comment = problems.read(line, "name", service.get("name"))
    address = problems.read(virtual_address, "address", service.get("address"))
    own_port = problems.read(port, "port", service.get("port"))
    settled = _settle(VIRTUAL_OPTIONS.values(), service, {"port": own_port}, problems)
    reals = _read_real_servers(service.get("real_servers"), settled, problems)
    if comment is None or address is None or own_port is None or len(problems.sentences) > already:
        return None
    _check_together(settled, own_port, forks, problems)
    _check_real_servers(reals, address.ip, own_port, problems)
    if len(problems.sentences) > already:
        return None
    lines = (*(real.line(own_port) for real in reals), *_lines(settled))
    return Virtual(comment, f"{address.ip}:{own_port}", settled.get("protocol", "tcp"), lines)


def _check_names(service: Mapping[object, object], problems: Problems) -> None:
    for name in service:
        if name in VIRTUAL_OPTIONS or name in SERVICE_WORDS:
            continue
        if name in GLOBAL_OPTIONS:
            problems.say(f"{name} cannot stand in a service; move it into ldirectord's options")
        else:
            problems.say(f"{shown(name)} is unknown", guess(name, (*SERVICE_WORDS, *VIRTUAL_OPTIONS)))


def _check_together(settled: Mapping[str, str], own_port: str, forks: bool, problems: Problems) -> None:
    for rule in RULES:
        if rule.broken(settled):
            problems.say(rule.sentence)
    if "checkinterval" in settled and not forks:
        problems.say(
            "checkinterval is set, but in a service ldirectord heeds it only with fork: true in its options; "
            "set that, or move checkinterval into the options"
        )
    if "fallback" in settled:
        _address, mapped, forwarding = split_fallback(settled["fallback"])
        _check_mapping("fallback", mapped or own_port, forwarding, own_port, problems)


def _check_mapping(name: str, mapped: str, forwarding: str, own_port: str, problems: Problems) -> None:
    if forwarding != "masq" and mapped != own_port:
        problems.say(
            f"{name} has port {mapped}, but {forwarding} hands packets on unchanged, so that it must be the "
            f"service's port {own_port}; use that, or forwarding masq"
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

    def line(self, own_port: str) -> Line:
        # The weight is always said: without one ldirectord takes the first number in the request for it.
        words = [f"{self.address}:{self.port or own_port}", self.forwarding, self.weight, self.check]
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


def _check_real_servers(reals: list[RealServer], own: IPv4Address, own_port: str, problems: Problems) -> None:
    seen: set[tuple[IPv4Address, str]] = set()
    for real in reals:
        about = problems.about(f"{problems.where}, real server {real.address}")
        _check_mapping("it", real.port or own_port, real.forwarding, own_port, about)
        if real.address == own:
            about.say(
                "this is the virtual address itself; name the address that the web server has of its own"
            )
        if (real.address, real.port or own_port) in seen:
            about.say("it is in the list more than once; remove the others")
        seen.add((real.address, real.port or own_port))
        if real.upper != "0" and int(real.lower) > int(real.upper):
            about.say(
                f"lower is {real.lower}, above upper {real.upper}; a server that is full at upper is asked "
                "again below lower, so that lower must be the smaller one"
            )
