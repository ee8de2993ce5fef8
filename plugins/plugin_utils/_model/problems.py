# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The problems of a service that do not depend on the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.service import Place, Service
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.words import called

EXAMPLE = "{name: www, address: 192.168.0.105/24, port: 80, real_servers: [192.168.0.101]}"

NOT_A_LIST = Kind("not_a_list", "found {found}, but they must be a list")
NO_SERVICE = Kind("no_service", "there is none; name at least one with its address, port and real_servers")
IN_THE_OPTIONS = Kind("in_the_options", "{name} cannot stand in a service; move it into {elsewhere}")
IN_ANOTHER_SECTION = Kind("in_another_section", "{name} cannot stand here; write it as {right}")
SAID_TWICE = Kind("said_twice", "{name} and {other} are the same option; remove one of them")
PORTS_WITHOUT_MARK = Kind(
    "ports_without_mark",
    "ports is set, but fwmark is not, and only a firewall mark makes several ports one service; set fwmark, "
    "or write port for a single one",
)
PORT_WITH_MARK = Kind(
    "port_with_mark",
    "port is set, but a service with fwmark has a list; write ports, as in ports: [80, 443]",
)
REAL_SERVERS_NOT_A_LIST = Kind("real_servers_not_a_list", "real_servers is {found}, but must be a list")
NO_REAL_SERVER = Kind("no_real_server", "there is no real server; name at least one in real_servers")
MARK_KEEPS_PORTS = Kind(
    "mark_keeps_ports",
    "{name} has port {port}, but a service with fwmark forwards all its ports, each to the same port; "
    "remove the port",
)
FORWARDING_KEEPS_PORT = Kind(
    "forwarding_keeps_port",
    "{name} has port {port}, but {forwarding} forwards packets unchanged, so that it must be the service's "
    "port {expected}; use that, or forwarding masq",
)
VIRTUAL_ADDRESS_ITSELF = Kind(
    "virtual_address_itself",
    "this is the virtual address itself; name the address that the web server has of its own",
)
REAL_SERVER_TWICE = Kind("real_server_twice", "it is in the list more than once; remove the others")
LOWER_ABOVE_UPPER = Kind(
    "lower_above_upper",
    "lower is {lower}, above upper {upper}; a server that is full at upper gets connections again below "
    "lower, so that lower must be the smaller one",
)
TAKEN = Kind("taken", "{claim} already belongs to service {owner}; {cure}")
OPS_WITHOUT_UDP = Kind(
    "ops_without_udp",
    "ops is yes, but one-packet scheduling exists for udp only; remove ops, or set protocol: udp",
)
NETMASK_WITHOUT_PERSISTENT = Kind(
    "netmask_without_persistent",
    "netmask is set, but persistent is not, and only a persistent service has a use for it; set persistent, "
    "or remove netmask",
)
HEAD_WITH_RECEIVE = Kind(
    "head_with_receive",
    "{receive} is set, but the answer to {method} HEAD has no text to search; set {method}: GET, or remove "
    "{receive}",
)
SCHEDFLAGS_OF_ANOTHER = Kind(
    "schedflags_of_another",
    "schedflags are of another scheduler than this service's; use sh-port and sh-fallback with scheduler sh, "
    "mh-port and mh-fallback with scheduler mh",
)


@dataclass(frozen=True)
class Rule:
    """Two options of a service that are valid only together, or only separately."""

    broken: Callable[[Service], object]
    kind: Kind
    names: tuple[str, ...] = ()  # options of the check that the sentence names


RULES = (
    Rule(lambda s: s.ops and s.transport != "udp" and not s.place.mark, OPS_WITHOUT_UDP),
    Rule(lambda s: s.netmask is not None and s.persistent is None, NETMASK_WITHOUT_PERSISTENT),
    Rule(
        lambda s: s.check.method == "HEAD" and s.check.receive,
        HEAD_WITH_RECEIVE,
        ("method", "receive"),
    ),
    Rule(
        lambda s: not all(flag.startswith(f"{s.scheduler}-") for flag in s.schedflags or ()),
        SCHEDFLAGS_OF_ANOTHER,
    ),
)


def check_service(service: Service, problems: Problems) -> None:
    """Add the problems between the options of one service."""
    for rule in RULES:
        if rule.broken(service):
            problems.add(rule.kind, **{name: called(service, name) for name in rule.names})
    if service.fallback:
        check_port("fallback", service.fallback.port, service.fallback.forwarding, service.place, problems)
    _check_real_servers(service, problems)


def check_port(name: str, port: int | None, forwarding: str, place: Place, problems: Problems) -> None:
    """Add a problem if packets cannot be forwarded to this port of a real server or fallback."""
    if port is None:
        return
    if place.mark:
        problems.add(MARK_KEEPS_PORTS, name=name, port=port)
    elif forwarding != "masq" and port != place.ports[0]:
        problems.add(
            FORWARDING_KEEPS_PORT, name=name, port=port, forwarding=forwarding, expected=place.ports[0]
        )


def _check_real_servers(service: Service, problems: Problems) -> None:
    seen = set()
    for real in service.real_servers:
        about = problems.about(f"{problems.where}, real server {real.address}")
        check_port("it", real.port, real.forwarding, service.place, about)
        if real.address == service.place.address.ip:
            about.add(VIRTUAL_ADDRESS_ITSELF)
        # Behind a firewall mark packets keep their port.
        target = (real.address, None if service.place.mark else real.port or service.place.ports[0])
        if target in seen:
            about.add(REAL_SERVER_TWICE)
        seen.add(target)
        if real.upper and real.lower > real.upper:
            about.add(LOWER_ABOVE_UPPER, lower=real.lower, upper=real.upper)


@dataclass
class Taken:
    """The owner of each port of an address, and of each mark: only one service can have it."""

    owners: dict[str, str] = field(default_factory=dict)

    def take(self, service: Service, problems: Problems) -> None:
        for claim, cure in self._claims(service):
            if claim in self.owners:
                problems.add(TAKEN, claim=claim, owner=self.owners[claim], cure=cure)
            self.owners[claim] = service.name

    def _claims(self, service: Service) -> Iterable[tuple[str, str]]:
        place = service.place
        for port in place.ports:
            yield (
                f"{service.transport} {place.address.ip}:{port}",
                "give one of the two another address or port",
            )
        if place.mark:
            yield f"fwmark {place.mark}", "give one of the two another mark"
