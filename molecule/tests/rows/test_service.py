"""Row B10: the tutorial's own tests of the finished cluster."""

from __future__ import annotations

import pytest
from cluster import Cluster, eventually
from testinfra.host import Host


def test_b10_exactly_one_node_holds_the_address(cluster: Cluster) -> None:
    assert len(cluster.holders()) == 1


def test_b10_heartbeat_agrees_who_holds_it(cluster: Cluster, director: Host) -> None:
    held = director.check_output("cl_status rscstatus")
    assert held == ("all" if cluster.is_active(director) else "none")


def test_b10_ldirectord_status(cluster: Cluster, director: Host) -> None:
    """0 = running, 3 = not running."""
    status = director.run("ldirectord ldirectord.cf status")
    assert status.rc == (0 if cluster.warm or cluster.is_active(director) else 3), status


def test_b10_table_names_both_webservers(cluster: Cluster, director: Host) -> None:
    expected = set(cluster.webservers) if cluster.warm or cluster.is_active(director) else set()
    assert cluster.table(director) == expected


def test_b10_service_is_round_robin_by_direct_routing(cluster: Cluster) -> None:
    table = cluster.directors[cluster.active()].check_output("ipvsadm --save --numeric").splitlines()
    service = f"-t {cluster.address}:80"
    assert f"-A {service} -s rr" in table
    assert all(" -g " in line for line in table if line.startswith(f"-a {service}"))


@pytest.mark.parametrize("daemon", ["master", "backup"])
def test_b10_sync_daemon_status(cluster: Cluster, director: Host, daemon: str) -> None:
    """The warm form runs both on both. The tutorial's: the active director sends, the other one receives."""
    running = cluster.warm or (daemon == "master") == cluster.is_active(director)
    status = director.run("/etc/ha.d/resource.d/LVSSyncDaemonSwap %s status", daemon)
    word, code = ("running", 0) if running else ("stopped", 3)
    assert (status.rc, word in status.stdout) == (code, True), status


@pytest.mark.parametrize("words", ["", "master", "sender status", "master eth0 1 2 status", "master dance"])
def test_b10_sync_daemon_script_refuses_other_words(director: Host, words: str) -> None:
    assert director.run(f"/etc/ha.d/resource.d/LVSSyncDaemonSwap {words}").rc == 2


def test_b10_client_reaches_every_webserver(cluster: Cluster) -> None:
    assert cluster.served_by(requests=4) == set(cluster.webservers)


def test_b10_still_served_without_one_apache(cluster: Cluster, webserver: Host, webserver_name: str) -> None:
    others = set(cluster.webservers) - {webserver_name}
    webserver.check_output("systemctl stop apache2")
    try:
        eventually(lambda: cluster.table(cluster.directors[cluster.active()]) == others)
        assert cluster.served_by(requests=4) == others
    finally:
        webserver.check_output("systemctl start apache2")
        eventually(lambda: cluster.table(cluster.directors[cluster.active()]) == set(cluster.webservers))
    assert cluster.served_by(requests=4) == set(cluster.webservers)
