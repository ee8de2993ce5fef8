"""Bad input gets a clear sentence before anything changes, and the running cluster is not affected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from testbed.cluster import Cluster
from testbed.fingerprint import fingerprint

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
    """Return extra variables: the example's service with other options."""
    return {"haweb_services": [SERVICE | options]}


@dataclass(frozen=True, eq=False)
class Wrong:
    """Variables and a state of the machines with one or more problems."""

    # A problem, and words that the sentence about it must contain.
    words: dict[str, list[str]]
    variables: dict[str, Any] = field(default_factory=dict)
    # A preparation: where (a node, or "client"), the command, and the command that reverts it.
    places: tuple[tuple[str, str, str], ...] = ()
    hosts: str = "all"


# Problems that one task checks are reported together, so one run of site.yml is enough for them.
WRONG = [
    Wrong(
        {
            "no secret": ["loadb1", "it has no secret"],
            "deadtime too short": ["deadtime is 5000 ms", "keepalive (3000 ms)"],
            "initdead too short": ["initdead is 3000 ms", "below deadtime"],
        },
        {"haweb_heartbeat_secret": "", "haweb_ha_cf": {"keepalive": 3, "deadtime": 5, "initdead": 3}},
    ),
    Wrong(
        {"node name is not uname -n": ["loadb1", "balancer1", "uname -n"]},
        {"haweb_nodes": {"loadb1": "balancer1", "loadb2": "loadb2"}},
    ),
    Wrong(
        {"misspelt variable": ["loadb1", "haweb_servces", "did you mean haweb_services?"]},
        {"haweb_servces": []},
    ),
    Wrong({"no director": ["loadb1", "not among the nodes", "empty"]}, {"haweb_nodes": {}}),
    Wrong(
        {"one director": ["only loadb1", "two"]}, {"haweb_nodes": {"loadb1": "loadb1"}}, hosts="all:!loadb2"
    ),
    Wrong(
        {
            "address outside the network": ["loadb1", "10.1.2.3 is outside the network of eth0"],
            "address of a node": ["loadb2", "192.168.0.104 is the address of a node"],
            "address of a stranger": ["192.168.0.150 is already answered"],
            "address that somebody has put there": ["loadb1", "192.168.0.151 is already on eth0"],
            "address that the operating system configures": ["loadb1", f"{BOOT_FILE} gives 192.168.0.105"],
            "no broadcast address": ["loadb1", "on lo has no broadcast address"],
        },
        {
            "haweb_services": [
                SERVICE | {"name": f"on {address}", "address": f"{address}/24"}
                for address in (
                    *("10.1.2.3", "192.168.0.104", "192.168.0.150", "192.168.0.151"),
                    "192.168.0.105",
                )
            ],
            "haweb_ha_cf": {"bcast": "lo"},
        },
        (
            (
                "client",
                "ip address add 192.168.0.150/24 dev eth0",
                "ip address delete 192.168.0.150/24 dev eth0",
            ),
            (
                "loadb1",
                "ip address add 192.168.0.151/24 dev eth0",
                "ip address delete 192.168.0.151/24 dev eth0",
            ),
            ("loadb1", f"printf '[Network]\\nAddress=192.168.0.105/24\\n' > {BOOT_FILE}", f"rm {BOOT_FILE}"),
        ),
    ),
    Wrong({"no such interface": ["loadb1", "eth7"]}, {"haweb_interface": "eth7"}),
    Wrong(
        {
            "no real server": ["Service www: there is no real server"],
            "unknown scheduler": ["Service www: scheduler is 'fastest'"],
            "unknown check type": ["Service www: checktype is 'guess'"],
        },
        service(real_servers=[], scheduler="fastest", checktype="guess"),
    ),
    # Only ldirectord on the host knows that it cannot write to this file.
    Wrong(
        {
            "refused by ldirectord": [
                *("loadb1: ldirectord refuses monitorfile", "/nowhere/www: No such file", "services")
            ]
        },
        service(monitorfile="/nowhere/www"),
    ),
]
CASES = [pytest.param(wrong, words, id=name) for wrong in WRONG for name, words in wrong.words.items()]


@pytest.fixture(scope="module", autouse=True)
def untouched(cluster: Cluster) -> Iterator[None]:
    """Check that the machines are as before after all these tests."""
    before = fingerprint(cluster)
    yield
    assert fingerprint(cluster) == before


@pytest.fixture(scope="module")
def refusal(cluster: Cluster) -> Callable[[Wrong], str]:
    """Return a function that runs site.yml once for each Wrong, and returns its errors."""

    @cache
    def refusal(wrong: Wrong) -> str:
        with ExitStack() as stack:
            for place in wrong.places:
                stack.enter_context(cluster.lab.done_at(*place))
            run = cluster.run_site(f"--limit={wrong.hosts}", **wrong.variables)
        assert run.returncode != 0, f"the run did not fail:\n{run.output}"
        assert run.changed == 0, run.output
        assert cluster.lab.ask(cluster.url, seconds=0.5).failed == 0
        return run.errors()

    return refusal


@pytest.mark.parametrize(("wrong", "words"), CASES)
def test_bad_input(refusal: Callable[[Wrong], str], wrong: Wrong, words: list[str]) -> None:
    sentences = refusal(wrong)
    assert all(word in sentences for word in words), sentences
