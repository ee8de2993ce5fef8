"""Bad input gets a clear sentence before anything changes, on empty machines and on a running cluster alike."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest
from cluster import Cluster
from playbook import fingerprint, run_site

SERVICE = {
    "name": "www",
    "address": "192.168.0.105/24",
    "port": 80,
    "real_servers": ["192.168.0.101", "192.168.0.102"],
    "scheduler": "rr",
    "checktype": "negotiate",
    "service": "http",
    "request": "ldirector.html",
    "receive": "Test Page",
    "fallback": "127.0.0.1:80 gate",
}


def service(**options: Any) -> dict[str, Any]:
    """The example's service with other options, as extra variables."""
    return {"haweb_services": [SERVICE | options]}


@dataclass(frozen=True)
class Case:
    """Extra variables, and words that the error's sentence must have: who, what is found, what is expected."""

    name: str
    variables: dict[str, Any]
    words: list[str]


CASES = [
    Case("no secret", {"haweb_heartbeat_secret": ""}, ["loadb1", "secret"]),
    Case(
        "node name is not uname -n",
        {"haweb_nodes": {"loadb1": "balancer1", "loadb2": "loadb2"}},
        ["loadb1", "balancer1", "uname -n"],
    ),
    Case("no director", {"haweb_nodes": {}}, ["two"]),
    Case("one director", {"haweb_nodes": {"loadb1": "loadb1"}}, ["loadb1", "two"]),
    Case("address outside the network", service(address="10.1.2.3/24"), ["loadb1", "10.1.2.3", "eth0"]),
    Case("address of a node", service(address="192.168.0.104/24"), ["192.168.0.104", "loadb2"]),
    Case("no real server", service(real_servers=[]), ["www", "real_servers"]),
    Case("unknown scheduler", service(scheduler="fastest"), ["www", "scheduler", "fastest", "wrr"]),
    Case("unknown check type", service(checktype="guess"), ["www", "checktype", "guess", "negotiate"]),
    Case(
        "deadtime too short",
        {"haweb_ha_cf": {"keepalive": 1, "deadtime": 2}},
        ["deadtime", "2", "keepalive"],
    ),
    Case("initdead too short", {"haweb_ha_cf": {"deadtime": 5, "initdead": 3}}, ["initdead", "3", "deadtime"]),
    Case("no such interface", {"haweb_interface": "eth7"}, ["eth7"]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_variables(cluster: Cluster, case: Case) -> None:
    """..."""
