# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cut network cables, by nftables rules on the host's ends of the cards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .description import Lab, Node
from .errors import LabError
from .host import run
from .network import namespaces, tap_name

# Keys are seen from the node, hooks from the bridge: a frame that leaves the bridge through the tap goes to
# the node.
DIRECTIONS = {"in": ("egress",), "out": ("ingress",), "both": ("egress", "ingress")}


def cut(lab: Lab, nodes: Sequence[Node], interface: str | None, direction: str) -> None:
    apply(lab, [cut_rules(tap, direction) for node in nodes for tap in taps(node, interface)])


def heal(lab: Lab, nodes: Sequence[Node], interface: str | None) -> None:
    apply(lab, [heal_rules(tap) for node in nodes for tap in taps(node, interface)])


def apply(lab: Lab, rules: Sequence[str]) -> None:
    nft(lab, "--file", "-", stdin="".join(rules))


def cuts(lab: Lab) -> dict[str, str]:
    """Return tap -> direction, from the current tables."""
    if lab.namespace not in namespaces():
        return {}
    return directions(json.loads(nft(lab, "--json", "list", "chains"))["nftables"])


def nft(lab: Lab, *arguments: str, stdin: str | None = None) -> str:
    return run("ip", "netns", "exec", lab.namespace, "nft", *arguments, stdin=stdin)


def directions(listed: Sequence[dict[str, Any]]) -> dict[str, str]:
    hooks: dict[str, set[str]] = {}
    for chain in (entry["chain"] for entry in listed if "chain" in entry):
        hooks.setdefault(chain["table"], set()).add(chain["hook"])
    return {tap: next(d for d, h in DIRECTIONS.items() if set(h) == seen) for tap, seen in hooks.items()}


def heal_rules(tap: str) -> str:
    """Delete a table that may not exist: create it first."""
    return f"add table netdev {tap}\ndelete table netdev {tap}\n"


def cut_rules(tap: str, direction: str) -> str:
    chains = "".join(
        f"add chain netdev {tap} {hook} {{ type filter hook {hook} device {tap} priority 0; policy drop; }}\n"
        for hook in DIRECTIONS[direction]
    )
    return f"{heal_rules(tap)}add table netdev {tap}\n{chains}"


def taps(node: Node, interface: str | None) -> list[str]:
    names = [card.name for card in node.interfaces]
    if interface is not None and interface not in names:
        raise LabError(f"{node.name} has no interface {interface}. It has: {', '.join(names)}.")
    return [tap_name(node.name, n) for n, name in enumerate(names) if interface in (None, name)]
