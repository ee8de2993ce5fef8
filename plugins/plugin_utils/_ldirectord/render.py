# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Convert services and options to the structure for the template of ldirectord.cf."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.options import (
    GLOBAL_OPTIONS,
    VIRTUAL_LINES,
    FromModel,
    pair,
    quote,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.read import Config
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.places import virtual
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.service import (
    Fallback,
    Place,
    RealServer,
    Service,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.words import CHECK

Line = dict[str, str]


def shape(config: Config) -> dict[str, object]:
    return {
        # Whether the file contains a secret.
        "secret": any(map(_has_secret, config.services)),
        "options": [
            _line(name, value, GLOBAL_OPTIONS[name].quoted) for name, value in config.options.items()
        ],
        "virtuals": [
            {
                "comment": service.name,
                "virtual": virtual(service.place),
                "options": list(_lines(service)),
            }
            for service in config.services
        ],
    }


def _endpoint(real: RealServer, place: Place) -> str:
    # With a mark there is no port: packets keep their port.
    return str(real.address) if place.mark else f"{real.address}:{real.port or place.ports[0]}"


def _lines(service: Service) -> Iterator[Line]:
    for real in service.real_servers:
        yield {"name": "real", "value": _real(real, service)}
    for line in VIRTUAL_LINES:
        value = _value(service, line.attribute) if isinstance(line, FromModel) else _own(service, line.name)
        # An empty text: it has no word for that.
        if value not in (None, ""):
            yield _line(line.name, value, line.quoted)


def _value(service: Service, attribute: str) -> object:
    value = attrgetter(attribute)(service)
    if not service.place.mark:
        return value
    # ldirectord's own word for packets with a firewall mark.
    if attribute == "protocol":
        return "fwm"
    # It pings instead of a connection by UDP, but does not know that packets with a mark are UDP.
    if attribute == "check.type" and value == "connect" and service.transport == "udp":
        return "ping"
    return value


def _own(service: Service, name: str) -> object:
    return (service.options or {}).get(name)


def _line(name: str, value: object, quoted: bool) -> Line:
    return {"name": name, "value": quote(value) if quoted else _text(value)}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, Fallback):
        port = "" if value.port is None else f":{value.port}"
        return f"{value.address}{port} {value.forwarding}"
    return str(value)


def _real(real: RealServer, service: Service) -> str:
    # The weight is always written: without it ldirectord reads the first number of the request as the
    # weight.
    words = [_endpoint(real, service.place), real.forwarding, str(real.weight), _check(real, service)]
    words += [f"{letter}:{limit}" for letter, limit in (("l", real.lower), ("u", real.upper)) if limit]
    return " ".join(filter(None, words))


def _check(real: RealServer, service: Service) -> str:
    """Return request and receive. ldirectord needs both or none, so a missing one comes from the service."""
    if not real.has_own_question:
        return ""
    request, receive = real.question(service.check)
    return pair(request or "", receive or "")


def _has_secret(service: Service) -> bool:
    return any(getattr(service.check, option.name) is not None for option in CHECK if option.secret)
