"""A firewall mark combines http and https into one service, so that persistence applies to both together."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from testbed.clients import CLIENTS, Clients
from testbed.cluster import Cluster
from testbed.waiting import wait_for
from testinfra.host import Host

CHAIN = "iptables --table mangle --list-rules haweb-marks"


def both_ways(clients: Clients, address: str, who: list[str]) -> dict[str, tuple[str, str]]:
    """The web servers of each client, for http and for https."""
    return {
        client: (
            clients.served_by(client, address, scheme="http")[0],
            clients.served_by(client, address, scheme="https")[0],
        )
        for client in who
    }


def test_one_client_has_one_web_server_by_http_and_https(
    cluster: Cluster, clients: Clients, addresses: dict[str, str]
) -> None:
    served = both_ways(clients, addresses["marked"], CLIENTS[:8])
    assert all(by_http == by_https for by_http, by_https in served.values()), served
    assert {by_http for by_http, _ in served.values()} == set(cluster.webservers)


def test_without_a_mark_it_may_have_two(clients: Clients, addresses: dict[str, str]) -> None:
    """Both services count separately; a client that uses only http makes them differ."""
    address = addresses["apart"]
    in_step = both_ways(clients, address, CLIENTS[8:12])
    clients.served_by(CLIENTS[12], address, scheme="http")
    out_of_step = both_ways(clients, address, CLIENTS[13:17])
    served = in_step | out_of_step
    assert any(by_http != by_https for by_http, by_https in served.values()), served


@pytest.mark.parametrize("port", [80, 443])
def test_packets_for_the_service_are_marked(director: Host, addresses: dict[str, str], port: int) -> None:
    rule = f"-d {addresses['marked']}/32 -p tcp -m tcp --dport {port} -j MARK --set-xmark 0x1/0xffffffff"
    assert f"-A haweb-marks {rule}" in director.check_output(CHAIN).splitlines()


def test_no_others_are_marked(director: Host) -> None:
    marking = [line for line in director.check_output("iptables-save").splitlines() if "-j MARK" in line]
    assert len(marking) == len([80, 443])


def test_clients_keep_their_web_server_when_somebody_flushes_the_firewall(
    cluster: Cluster, clients: Clients, addresses: dict[str, str]
) -> None:
    before = both_ways(clients, addresses["marked"], CLIENTS[:4])
    cluster.directors[cluster.active()].check_output("iptables --table mangle --flush")
    time.sleep(1)
    assert both_ways(clients, addresses["marked"], CLIENTS[:4]) == before


def test_role_restarts_haweb_marks_that_hangs(cluster: Cluster) -> None:
    name = cluster.standby()
    director = cluster.directors[name]
    director.check_output("systemctl kill --signal STOP haweb-marks && iptables --table mangle --flush")
    done = cluster.run_playbook("molecule/shared/director.yml", f"--limit={name}")
    assert done.returncode == 0, done.errors()
    assert director.run("iptables --table mangle --check PREROUTING --jump haweb-marks").succeeded


def test_clients_keep_their_web_server_when_the_active_director_loses_power(
    cluster: Cluster, clients: Clients, addresses: dict[str, str], say: Callable[[str], None]
) -> None:
    address = addresses["marked"]
    before = both_ways(clients, address, CLIENTS[:8])
    old, new = cluster.active(), cluster.standby()
    cluster.lab("power-cut", old)
    wait_for("the other director has the address", lambda: cluster.holders() == {new})
    after = both_ways(clients, address, CLIENTS[:8])
    cluster.lab("power-on", old)
    say(f"{old} lost its power; {sum(before[c] == after[c] for c in before)} of {len(before)} clients stayed")
    assert after == before
    # The rules exist again before any client sends a request.
    wait_for("packets are marked after the boot", lambda: cluster.directors[old].run(CHAIN).succeeded)
    wait_for("the cluster is whole", lambda: cluster.node_status(new, of=old) == "active", seconds=90)
