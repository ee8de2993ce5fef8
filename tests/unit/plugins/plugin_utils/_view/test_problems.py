# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each kind of problem of a running cluster, as data.

The tests of the filter compare sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._ipvs import RealServer, Service
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind
from ansible_collections.haweb.cluster.plugins.plugin_utils._view import problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._view.read import (
    Both,
    Cluster,
    Heartbeat,
    Node,
    Table,
)

VIP = "192.168.0.105"
STRANGER = "02:00:00:00:00:09"
REAL = RealServer("192.168.0.101", 80, "gate", weight=1, active=0, inactive=0)
SERVICE = Service("tcp", VIP, 80, "rr", (), None, None, (REAL,))
STATES = {"loadb1": "active", "loadb2": "active"}
TABLE = Table((SERVICE,), frozenset({"master", "backup"}))
TAKES = Both(runs=True, takes="services", why="after loadb1; the tables are equal")
ACTIVE = Node("loadb1", "loadb1", Heartbeat(True, STATES, (VIP,)), TABLE, TAKES)
STANDBY = Node("lb2.example.com", "loadb2", Heartbeat(True, STATES), TABLE, TAKES)
HOSTS = "loadb1 and lb2.example.com"

Found = tuple[str, str, Mapping[str, object]]

# Changes of the active node and of the standby -> where, code and data of the resulting problem.
CASES: list[tuple[dict[str, Any], dict[str, Any], Found]] = [
    ({}, {"heartbeat": None}, ("lb2.example.com", "no_report", {})),
    ({}, {"heartbeat": Heartbeat(False)}, ("lb2.example.com", "heartbeat_stopped", {})),
    (
        {"heartbeat": Heartbeat(True, {**STATES, "loadb2": "dead"}, (VIP,))},
        {},
        ("loadb1", "node_not_active", {"name": "loadb2", "state": "dead"}),
    ),
    (
        {},
        {"heartbeat": Heartbeat(True, STATES, (VIP,))},
        (VIP, "on_several_nodes", {"holders": "loadb1 and on lb2.example.com", "hosts": HOSTS}),
    ),
    (
        {"heartbeat": Heartbeat(True, STATES, (VIP,), contested={VIP: ("loadb1", STRANGER)})},
        {},
        (VIP, "on_other_machines", {"holder": "loadb1", "others": STRANGER, "hosts": HOSTS}),
    ),
    ({"heartbeat": Heartbeat(True, STATES)}, {}, (VIP, "on_no_node", {"hosts": HOSTS})),
    ({"ipvs": replace(TABLE, services=())}, {}, ("loadb1", "not_served", {"services": (f"{VIP}:80",)})),
    (
        {"ipvs": replace(TABLE, daemons=frozenset({"master"}))},
        {},
        ("loadb1", "sync_stopped", {"state": "backup"}),
    ),
    ({}, {"both": replace(TAKES, runs=False)}, ("lb2.example.com", "both_stopped", {})),
    (
        {},
        {"both": Both(True, "nothing", "the tables are different")},
        ("lb2.example.com", "takes_nothing", {"why": "the tables are different"}),
    ),
]


def cluster(active: dict[str, Any], standby: dict[str, Any]) -> Cluster:
    return Cluster((replace(ACTIVE, **active), replace(STANDBY, **standby)), (VIP,), (f"{VIP}:80",))


@pytest.mark.parametrize(("active", "standby", "found"), CASES)
def test_cluster(active: dict[str, Any], standby: dict[str, Any], found: Found) -> None:
    (problem,) = problems.cluster_problems(cluster(active, standby))
    assert (problem.where, problem.code, problem.data) == found


def test_nothing_is_wrong_with_what_the_table_changes() -> None:
    assert problems.cluster_problems(cluster({}, {})) == []


def test_table_has_every_kind_once() -> None:
    kinds = [kind.code for kind in vars(problems).values() if isinstance(kind, Kind)]
    assert sorted(code for _active, _standby, (_where, code, _data) in CASES) == sorted(kinds)
