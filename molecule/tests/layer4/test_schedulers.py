"""Row B11: the options of a service that keep a client on its web server, and those that do not."""

from __future__ import annotations

import pytest
from testbed.clients import CLIENTS, NETWORKS, Clients
from testbed.cluster import Cluster
from testbed.waiting import wait_for


@pytest.mark.parametrize("service", ["rr", "sh-port"])
def test_b11_one_client_is_scattered(
    cluster: Cluster, clients: Clients, addresses: dict[str, str], service: str
) -> None:
    assert set(clients.served_by(CLIENTS[0], addresses[service], times=20)) == set(cluster.webservers)


@pytest.mark.parametrize("service", ["persistent", "mh", "sh"])
def test_b11_every_client_stays(
    cluster: Cluster, clients: Clients, addresses: dict[str, str], service: str
) -> None:
    servers = [set(clients.served_by(client, addresses[service], times=5)) for client in CLIENTS[::2]]
    assert all(len(seen) == 1 for seen in servers)
    assert set.union(*servers) == set(cluster.webservers)


def test_b11_netmask_makes_one_client_of_a_network(
    cluster: Cluster, clients: Clients, addresses: dict[str, str]
) -> None:
    servers = [
        {server for client in network for server in clients.served_by(client, addresses["netmask"])}
        for network in NETWORKS
    ]
    assert all(len(seen) == 1 for seen in servers)
    assert set.union(*servers) == set(cluster.webservers)


def test_b11_mh_moves_only_the_clients_of_a_dead_web_server(
    cluster: Cluster, clients: Clients, addresses: dict[str, str]
) -> None:
    address = addresses["mh"]

    def who_serves() -> dict[str, str]:
        return {client: clients.served_by(client, address)[0] for client in CLIENTS[::2]}

    before = who_serves()
    dead, alive = cluster.webservers
    cluster.webservers[dead].check_output("systemctl stop apache2")
    try:
        table = cluster.directors[cluster.active()]
        at_mh = f"{address}:443 -r {cluster.variables(dead)['haweb_address']}:443"
        wait_for("the dead one is removed", lambda: at_mh not in table.run("ipvsadm --save --numeric").stdout)
        meanwhile = who_serves()
    finally:
        cluster.webservers[dead].check_output("systemctl start apache2")
    wait_for("the dead one is back", lambda: at_mh in table.run("ipvsadm --save --numeric").stdout)
    assert set(meanwhile.values()) == {alive}
    assert who_serves() == before
