# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The places that clients connect to, and the places that serve them while there is no real server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ansible_collections.haweb.cluster.plugins.plugin_utils._model.service import Fallback, Place, Service


def virtual(place: Place) -> str:
    """Return the name of a service in the IPVS table: a firewall mark, or address and port."""
    return str(place.mark) if place.mark else f"{place.address.ip}:{place.ports[0]}"


def places(services: Iterable[Service]) -> Iterator[dict[str, object]]:
    """Return protocol, address and port of each place that clients connect to."""
    for service in services:
        for port in service.place.ports:
            yield {
                "protocol": service.transport,
                "address": str(service.place.address.ip),
                "port": port,
            }


def marks(services: Iterable[Service]) -> Iterator[dict[str, object]]:
    """Return the packets that the kernel must mark, and their marks."""
    for service in services:
        for place in places([service]) if service.place.mark else ():
            yield {"mark": service.place.mark, **place}


def fallback_ports(services: Iterable[Service], general: Fallback | None) -> list[int]:
    """Return the TCP ports that the director itself serves while there is no real server.

    general: the fallback of services that have none of their own.
    """
    ports = {
        port
        for service in services
        if service.transport == "tcp" and _leads_home(service.fallback or general)
        for port in service.place.ports
    }
    return sorted(ports)


def _leads_home(fallback: Fallback | None) -> bool:
    return fallback is not None and bool(fallback.address.is_loopback())
