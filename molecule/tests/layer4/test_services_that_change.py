"""Services are removed from the inventory: the kernel's table follows, and all others stay."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from testbed.clients import CLIENTS, Clients
from testbed.cluster import Cluster
from testbed.playbook import Run
from testinfra.host import Host

PLAYBOOK = "molecule/shared/director.yml"
# A mark, one of several ports of an address, and an address with its only port.
LEFT = {"marked": "-f 1", "apart-tls": "-t 192.168.0.106:443", "sh-port": "-t 192.168.0.112:443"}
FOREIGN = "-t 192.168.0.99:80"


def table(director: Host) -> list[str]:
    """The names of the services, as ipvsadm prints them."""
    lines = director.check_output("ipvsadm --save --numeric").splitlines()
    return [" ".join(line.split()[1:3]) for line in lines if line.startswith("-A ")]


@pytest.fixture(scope="module")
def left(cluster: Cluster) -> Iterator[Run]:
    """Services are removed while ldirectord is down: it starts with the new file, and never knew them."""
    for director in cluster.directors.values():
        director.check_output(f"systemctl stop ldirectord && ipvsadm -A {FOREIGN} -s rr")
    done = cluster.run_playbook(PLAYBOOK, left=list(LEFT))
    assert done.returncode == 0, done.output
    yield done
    for director in cluster.directors.values():
        director.check_output(f"ipvsadm -D {FOREIGN}")
    assert cluster.run_playbook(PLAYBOOK).returncode == 0


# Each test reads both directors itself: a fixture for each director would build `left` twice.
@pytest.mark.parametrize("service", LEFT)
def test_removed_service_is_not_served(left: Run, cluster: Cluster, service: str) -> None:
    for director in cluster.directors.values():
        assert LEFT[service] not in table(director)


def test_removed_service_is_reported(left: Run, cluster: Cluster) -> None:
    for name in cluster.directors:
        assert f"{name}: virtual services were removed from the IPVS table" in left.output


def test_foreign_service_stays(left: Run, cluster: Cluster) -> None:
    for director in cluster.directors.values():
        assert FOREIGN in table(director)


def test_the_others_are_served(
    left: Run, cluster: Cluster, clients: Clients, addresses: dict[str, str]
) -> None:
    servers = {clients.served_by(client, addresses["rr"])[0] for client in CLIENTS[:4]}
    assert servers == set(cluster.webservers)


def test_no_mark_is_left_when_no_service_has_one(left: Run, cluster: Cluster) -> None:
    for director in cluster.directors.values():
        assert "haweb-marks" not in director.check_output("iptables-save --table mangle")
