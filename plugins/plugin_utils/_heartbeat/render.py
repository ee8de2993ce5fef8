# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Render heartbeat's values as the lines of ha.cf and haresources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ansible_collections.haweb.cluster.plugins.module_utils._haresources import ADDRESS_AGENTS
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.options import DIRECTIVES
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.values import (
    Duration,
    Multicast,
    Program,
    Unicast,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import Settled

if TYPE_CHECKING:
    from netaddr import IPNetwork

# Type of a value -> its text in ha.cf; values of other types are converted by str().
TEXTS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "on" if value else "off",
    tuple: " ".join,
    Duration: lambda value: value.text,
    Multicast: lambda value: f"{value.device} {value.group} {value.port} {value.ttl} {value.loop:d}",
    Unicast: lambda value: f"{value.device} {value.address}",
    Program: lambda value: f"{value.user} {value.command}",
}


def ha_cf_lines(settled: Settled, nodes: Iterable[str]) -> list[dict[str, str]]:
    lines = [
        _line(directive.name, value)
        for directive in DIRECTIVES
        if directive.name in settled
        for value in (settled[directive.name] if directive.repeated else (settled[directive.name],))
    ]
    return lines + [_line("node", name) for name in nodes]


def _line(name: str, value: object) -> dict[str, str]:
    return {"name": name, "value": TEXTS.get(type(value), str)(value)}


def haresources_lines(
    preferred: str, addresses: Sequence[IPNetwork], device: str, resources: Iterable[str]
) -> list[list[str]]:
    """Return one line, which keeps all resources on one node."""
    places = [_place(address, device) for address in addresses]
    line = [preferred]
    for resource in resources:
        line += [f"{resource}::{place}" for place in places] if resource in ADDRESS_AGENTS else [resource]
    return [line]


def _place(address: IPNetwork, device: str) -> str:
    # A network of one or two addresses has no broadcast address.
    return "/".join(str(part) for part in (address, device, address.broadcast) if part is not None)
