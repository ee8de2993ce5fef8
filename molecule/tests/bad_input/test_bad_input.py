"""Bad input gets a clear sentence before anything changes, and what runs goes on untouched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
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
}
BOOT_FILE = "/etc/systemd/network/90-address.network"


def service(**options: Any) -> dict[str, Any]:
    """Extra variables: the example's service with other options."""
    return {"haweb_services": [SERVICE | options]}


def directives(**values: Any) -> dict[str, Any]:
    """Extra variables: these directives of ha.cf."""
    return {"haweb_ha_cf": values}


@dataclass(frozen=True)
class Case:
    """Variables and the machines' state that are wrong, and words that the sentence about them must have."""

    name: str
    words: list[str]
    variables: dict[str, Any] = field(default_factory=dict)
    # Where something is done first (a node, or "client"), what, and what undoes it.
    place: tuple[str, str, str] | None = None
    hosts: str = "all"


CASES = [
    Case("no secret", ["loadb1", "secret"], {"haweb_heartbeat_secret": ""}),
    Case(
        "node name is not uname -n",
        ["loadb1", "balancer1", "uname -n"],
        {"haweb_nodes": {"loadb1": "balancer1", "loadb2": "loadb2"}},
    ),
    Case("no director", ["loadb1", "not among the nodes", "empty"], {"haweb_nodes": {}}),
    Case("one director", ["only loadb1", "two"], {"haweb_nodes": {"loadb1": "loadb1"}}, hosts="all:!loadb2"),
    Case("address outside the network", ["loadb1", "10.1.2.3", "eth0"], service(address="10.1.2.3/24")),
    Case("address of a node", ["192.168.0.104", "loadb2"], service(address="192.168.0.104/24")),
    Case(
        "address of a stranger",
        ["192.168.0.150", "answer"],
        service(address="192.168.0.150/24"),
        ("client", "ip address add 192.168.0.150/24 dev eth0", "ip address delete 192.168.0.150/24 dev eth0"),
    ),
    Case(
        "address that somebody has put there",
        ["loadb1", "192.168.0.151"],
        service(address="192.168.0.151/24"),
        ("loadb1", "ip address add 192.168.0.151/24 dev eth0", "ip address delete 192.168.0.151/24 dev eth0"),
    ),
    Case(
        "address that the operating system configures",
        ["loadb1", "192.168.0.105", BOOT_FILE],
        {},
        ("loadb1", f"printf '[Network]\\nAddress=192.168.0.105/24\\n' > {BOOT_FILE}", f"rm {BOOT_FILE}"),
    ),
    Case("no real server", ["www", "real_servers"], service(real_servers=[])),
    Case("unknown scheduler", ["www", "scheduler", "fastest"], service(scheduler="fastest")),
    Case("unknown check type", ["www", "checktype", "guess"], service(checktype="guess")),
    Case("deadtime too short", ["deadtime", "keepalive"], directives(keepalive=1, deadtime=2)),
    Case("initdead too short", ["initdead", "deadtime"], directives(deadtime=5, initdead=3)),
    Case("no such interface", ["loadb1", "eth7"], {"haweb_interface": "eth7"}),
    Case("no broadcast address", ["loadb1", "lo ", "broadcast"], directives(bcast="lo")),
    # Only ldirectord can know that it cannot write to this file there.
    Case(
        "refused by ldirectord",
        ["loadb1: ldirectord refuses monitorfile", "/nowhere/www: No such file", "services"],
        service(monitorfile="/nowhere/www"),
    ),
]


@pytest.fixture(scope="module", autouse=True)
def untouched(cluster: Cluster) -> Iterator[None]:
    """After all this the machines are as they were before."""
    before = fingerprint(cluster)
    yield
    assert fingerprint(cluster) == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input(cluster: Cluster, case: Case) -> None:
    with ExitStack() as stack:
        if case.place:
            stack.enter_context(cluster.lab.done_at(*case.place))
        run = run_site(cluster, f"--limit={case.hosts}", **case.variables)
    assert run.returncode != 0, f"nobody has noticed:\n{run.output}"
    sentences = run.errors()
    assert all(word in sentences for word in case.words), sentences
    assert run.changed == 0, run.output
    assert cluster.lab.ask(cluster.url, seconds=0.5).failed == 0
