# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The conditions for both directors to send every packet to the same real server."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problem, Problems, shown
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.service import Service

ONE, BOTH = "one", "both"

# It depends only on the packet: net/netfilter/ipvs/ip_vs_mh.c hashes with the same key on all machines.
SCHEDULER = "mh"


def _kind(code: str, problem: str, cure: str) -> Kind:
    return Kind(
        code,
        f"{problem}, and haweb_active is both, where both directors must choose the same real server; "
        f"{cure}, or remove haweb_active",
    )


OTHER_SCHEDULER = _kind(
    "other_scheduler",
    "scheduler is {scheduler}",
    "use scheduler: mh with schedflags: [mh-port, mh-fallback]",
)
MARK = _kind("mark", "fwmark is {mark}", "make a service of each port")
NOT_TCP = _kind(
    "not_tcp",
    "protocol is {protocol}, of which each packet would arrive twice",
    "give it a virtual address on other directors",
)
PERSISTENT = _kind(
    "persistent",
    "persistent is set, which each director stores separately",
    "use schedflags: [mh-fallback] without mh-port, which keeps a client where it is by its address",
)
NOT_GATE = _kind("not_gate", "forwarding is {forwarding}", "use gate")
LIMIT = _kind("limit", "lower or upper is set, which each director counts separately", "remove them")


def problems(services: Iterable[Service]) -> list[Problem]:
    """Return the reasons for which the directors would choose different real servers."""
    found = Problems("The services")
    for service in services:
        _check(service, found.about(f"Service {service.name}"))
    return found.found


def _check(service: Service, problems: Problems) -> None:
    if service.scheduler != SCHEDULER:
        problems.add(OTHER_SCHEDULER, scheduler=service.scheduler or shown(None))
    if service.place.mark:
        problems.add(MARK, mark=service.place.mark)
    if service.transport != "tcp":
        problems.add(NOT_TCP, protocol=service.transport)
    if service.persistent:
        problems.add(PERSISTENT)
    for real in service.real_servers:
        about = problems.about(f"{problems.where}, real server {real.address}")
        if real.forwarding != "gate":
            about.add(NOT_GATE, forwarding=real.forwarding)
        if real.lower or real.upper:
            about.add(LIMIT)
