# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._cl_status import State

BOTH = {"loadb1": "active", "loadb2": "active"}
ALONE = {"loadb1": "active", "loadb2": "dead"}


def state(**change: Any) -> State:
    return State(**{"running": True, "nodename": "loadb1", "nodes": BOTH, "resources": "local", **change})


@pytest.mark.parametrize(
    ("change", "settled"),
    [
        ({}, True),
        ({"resources": "all"}, True),
        ({"resources": "foreign"}, True),
        # It has returned, and nothing fails back.
        ({"resources": "none"}, True),
        ({"resources": "all", "nodes": ALONE}, True),
        # No node has the resources.
        ({"resources": "none", "nodes": ALONE}, False),
        # Each node reports that the other one has them.
        ({"resources": "local", "unheld": ("192.168.0.105",)}, False),
        # Both have them.
        ({"resources": "all", "contested": {"192.168.0.105": ("loadb1", "192.168.0.104")}}, False),
        ({"resources": "all", "nodes": ALONE, "missed": ("loadb2",)}, False),
        ({"resources": "transition"}, False),
        ({"resources": None}, False),
        ({"nodes": {"loadb1": "active", "loadb2": "init"}}, False),
        ({"nodes": {"loadb1": "up", "loadb2": "active"}}, False),
        ({"nodes": {"loadb2": "active"}}, False),
        ({"running": False}, False),
        ({"error": "Cannot signon with heartbeat"}, False),
    ],
)
def test_settled(change: dict[str, Any], settled: bool) -> None:
    assert state(**change).settled is settled


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"running": False},
            "loadb1: heartbeat does not run after 30 s; look at `systemctl status heartbeat`",
        ),
        (
            {"error": "Cannot signon"},
            "loadb1: heartbeat runs, but after 30 s cl_status reports: Cannot signon; look at `systemctl",
        ),
        (
            {"nodes": ALONE, "resources": "none"},
            "loadb1: after 30 s heartbeat has not settled; nodes: loadb1 is active, loadb2 is dead; "
            "resources: none; "
            "virtual addresses here: none. If a node",
        ),
        (
            {"unheld": ("192.168.0.105", "192.168.0.106")},
            "loadb1: after 30 s heartbeat has settled, but no machine on the network has 192.168.0.105, "
            "192.168.0.106: ",
        ),
        (
            {"contested": {"192.168.0.105": ("loadb1", "192.168.0.104 (02:00:00:00:00:04)")}},
            "loadb1: after 30 s more than one machine has a virtual address: 192.168.0.105 is on loadb1 and "
            "on 192.168.0.104 (02:00:00:00:00:04). Nodes that both run do not receive each other's "
            "heartbeats: "
            "open UDP port 694 between them in both directions, give them the same secret",
        ),
        (
            {"nodes": ALONE, "resources": "all", "missed": ("loadb2",), "addresses": ("192.168.0.105",)},
            "loadb1: after 30 s heartbeat still reports that loadb2 is dead, though heartbeat runs there in "
            "this run; virtual addresses here: 192.168.0.105. Nodes that both run do not receive each "
            "other's heartbeats: open UDP port 694",
        ),
        (
            {"nodes": {}, "resources": "transition", "addresses": ("192.168.0.105",)},
            "loadb1: after 30 s heartbeat has not settled; nodes: none; resources: transition; "
            "virtual addresses here: 192.168.0.105. If a node",
        ),
    ],
)
def test_problem(change: dict[str, Any], sentence: str) -> None:
    assert state(**change).problem("loadb1", 30).startswith(sentence)
