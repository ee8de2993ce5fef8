# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the services from the inventory."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.haweb.cluster.plugins.module_utils._problems import (
    NOT_WHAT,
    Problems,
    UnfitError,
    is_list,
    kind_of,
    shown,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.problems import (
    EXAMPLE,
    IN_ANOTHER_SECTION,
    IN_THE_OPTIONS,
    NO_REAL_SERVER,
    NO_SERVICE,
    NOT_A_LIST,
    PORT_WITH_MARK,
    PORTS_WITHOUT_MARK,
    REAL_SERVERS_NOT_A_LIST,
    SAID_TWICE,
    Taken,
    check_service,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.service import (
    Check,
    Place,
    RealServer,
    Service,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.words import (
    CHECK,
    CHECK_WORDS,
    QUESTIONS,
    REAL_SERVER,
    REAL_SERVER_WORDS,
    SERVICE,
    SERVICE_WORDS,
    SHORT,
    default_protocol,
    fwmark,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import Option, settle
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import (
    host_address,
    line,
    port,
    virtual_address,
)


@dataclass(frozen=True)
class Engine:
    """The program that keeps the services, and its own options for a service."""

    name: str  # the section of a service that contains them
    options: Iterable[Option]
    elsewhere: Collection[str] = ()  # its options that a service cannot have
    place: str = ""  # where these belong

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(option.name for option in self.options)

    @property
    def places(self) -> dict[str, str]:
        """Name of an option in the short form -> its place in a service with sections."""
        return {
            **{option.name: f"{option.name}, in the service itself" for option in SERVICE},
            **{short: f"check.{name}" for short, name in SHORT.items()},
            **{word: f"{self.name}.{word}" for word in self.words},
        }


def read_services(
    given: object, engine: Engine, check: Callable[[Service, Problems], None], problems: Problems
) -> tuple[Service, ...]:
    """Return the services without problems.

    check: adds the problems of a service that the engine cannot keep.
    """
    if not is_list(given):
        problems.add(NOT_A_LIST, found=kind_of(given))
        return ()
    if not given:
        problems.add(NO_SERVICE)
    services = []
    taken = Taken()
    for position, one in enumerate(given, start=1):
        about = problems.about(_title(one, position))
        already = len(problems.found)
        service = _read_service(one, engine, about)
        if service is None:
            continue
        check_service(service, about)
        check(service, about)
        if len(problems.found) == already:
            taken.take(service, about)
            services.append(service)
    return tuple(services)


def read_addresses(given: object, problems: Problems) -> list[object]:
    """Return the addresses of services as the inventory has them, each once."""
    if not is_list(given):
        problems.add(NOT_A_LIST, found=kind_of(given))
        return []
    addresses: list[object] = []
    for position, service in enumerate(given, start=1):
        about = problems.about(_title(service, position))
        if not isinstance(service, Mapping):
            about.add(NOT_WHAT, found=kind_of(service), must=f"a dictionary such as {EXAMPLE}")
            continue
        address = about.read(lambda value: value, "address", service.get("address"))
        if address is not None and address not in addresses:
            addresses.append(address)
    return addresses


def _title(service: object, position: int) -> str:
    name = service.get("name") if isinstance(service, Mapping) else None
    return f"Service {name}" if isinstance(name, str) and name.isprintable() else f"Service number {position}"


def _read_service(given: object, engine: Engine, problems: Problems) -> Service | None:
    if not isinstance(given, Mapping):
        problems.add(NOT_WHAT, found=kind_of(given), must=f"a dictionary such as {EXAMPLE}")
        return None
    already = len(problems.found)
    given_check, given_options = _sort(given, engine, problems)
    name = problems.read(line, "name", given.get("name"))
    place = _read_place(given, problems)
    where = {"ports": place.ports if place else (), "mark": place.mark if place else None}
    own = settle(SERVICE, given, where, problems)
    context = {
        **where,
        "transport": own.get("protocol") or default_protocol(where),
        **given_check.hints,
    }
    check = settle(CHECK, given_check.values, context, problems, given_check.written)
    options = settle(engine.options, given_options.values, {}, problems, given_options.written)
    reals = _read_real_servers(given.get("real_servers"), problems)
    if name is None or place is None or len(problems.found) > already:
        return None
    return Service(
        name, place, reals, **own, check=Check(**check), written=given_check.written, options=options
    )


@dataclass(frozen=True)
class Given:
    """Options as they are written in the inventory."""

    values: dict[str, object] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)  # name of an option -> its name in the inventory

    @property
    def hints(self) -> dict[str, object]:
        """Return what the defaults of a check need to know of it before its turn comes."""
        own_port, own_service = self.values.get("port"), self.values.get("service")
        digits = str(own_port)
        return {
            "asks": any(self.values.get(word) is not None for word in QUESTIONS),
            "own_port": int(digits) if re.fullmatch(r"[0-9]{1,5}", digits) else None,
            "own_service": str(own_service),
        }

    def put(self, name: str, written: str, value: object, problems: Problems) -> None:
        if name in self.values:
            problems.add(SAID_TWICE, name=self.written[name], other=written)
        self.values[name] = value
        self.written[name] = written


def _sort(service: Mapping[Any, object], engine: Engine, problems: Problems) -> tuple[Given, Given]:
    """Return the options of the check and of the engine, both from the short form and from the sections."""
    check, own = Given(), Given()
    known = (*SERVICE_WORDS, engine.name, *SHORT, *engine.words)
    for name, value in service.items():
        if name in SHORT:
            check.put(SHORT[name], name, value, problems)
        elif name in engine.words:
            own.put(name, name, value, problems)
        elif name in known:
            continue
        elif name in engine.elsewhere:
            problems.add(IN_THE_OPTIONS, name=name, elsewhere=engine.place)
        else:
            problems.add_unknown(name, known)
    for section, given, names in (("check", check, CHECK_WORDS), (engine.name, own, engine.words)):
        for name, value in _section(service, section, names, engine, problems):
            given.put(name, f"{section}.{name}", value, problems)
    return check, own


def _section(
    service: Mapping[Any, object], section: str, names: Sequence[str], engine: Engine, problems: Problems
) -> Iterable[tuple[str, object]]:
    given = service.get(section)
    if given is None:
        return
    about = problems.about(f"{problems.where}, {section}")
    if not isinstance(given, Mapping):
        about.add(NOT_WHAT, found=kind_of(given), must=f"a dictionary such as {{{names[0]}: ...}}")
        return
    for name, value in given.items():
        if name in names:
            yield name, value
        elif name in engine.places:
            about.add(IN_ANOTHER_SECTION, name=name, right=engine.places[name])
        elif name in engine.elsewhere:
            about.add(IN_THE_OPTIONS, name=name, elsewhere=engine.place)
        else:
            about.add_unknown(name, names)


def _read_place(service: Mapping[Any, object], problems: Problems) -> Place | None:
    already = len(problems.found)
    address = problems.read(virtual_address, "address", service.get("address"))
    given = service.get("fwmark")
    mark = None if given is None else problems.read(fwmark, "fwmark", given)
    ports = _read_port(service, problems) if given is None else _read_ports(service, problems)
    if address is None or len(problems.found) > already:
        return None
    return Place(address, ports, mark)


def _read_port(service: Mapping[Any, object], problems: Problems) -> tuple[int, ...]:
    if service.get("ports") is not None:
        problems.add(PORTS_WITHOUT_MARK)
        return ()
    own = problems.read(port, "port", service.get("port"))
    return (own,) if own else ()


def _read_ports(service: Mapping[Any, object], problems: Problems) -> tuple[int, ...]:
    if service.get("port") is not None:
        problems.add(PORT_WITH_MARK)
        return ()
    return problems.read(_ports, "ports", service.get("ports")) or ()


def _ports(value: object) -> tuple[int, ...]:
    if not is_list(value) or not value:
        raise UnfitError("must be a list of ports such as [80, 443]")
    found = []
    for one in value:
        try:
            found.append(port(one))
        except UnfitError as why:
            raise UnfitError(f"each of its ports {why}") from None
    if len(set(found)) < len(found):
        raise UnfitError("must name each port once")
    return tuple(found)


def _read_real_servers(reals: object, problems: Problems) -> tuple[RealServer, ...]:
    if reals is not None and not is_list(reals):
        problems.add(REAL_SERVERS_NOT_A_LIST, found=shown(reals))
        return ()
    if not reals:
        problems.add(NO_REAL_SERVER)
        return ()
    found = (
        _read_real_server(real, problems.about(f"{problems.where}, real server {position}"))
        for position, real in enumerate(reals, start=1)
    )
    return tuple(real for real in found if real)


def _read_real_server(given: object, problems: Problems) -> RealServer | None:
    already = len(problems.found)
    entry = given if isinstance(given, Mapping) else {"address": given}
    for name in entry:
        if name not in REAL_SERVER_WORDS:
            problems.add_unknown(name, REAL_SERVER_WORDS)
    address = problems.read(host_address, "address", entry.get("address"))
    settled = settle(REAL_SERVER, entry, {}, problems)
    if address is None or len(problems.found) > already:
        return None
    return RealServer(address, **settled)
