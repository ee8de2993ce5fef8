"""Row B10: the tutorial's own tests of the finished cluster."""

from __future__ import annotations

import re

import pytest
from testbed.cluster import Cluster
from testbed.waiting import wait_for
from testinfra.host import Host

pytestmark = pytest.mark.xdist_group("web servers")

SYNC = "/etc/ha.d/resource.d/LVSSyncDaemonSwap"
NOT_RUNNING, WRONG_ARGUMENTS = 3, 2  # exit codes of the LSB


def test_b10_exactly_one_node_holds_the_address(cluster: Cluster) -> None:
    assert len(cluster.holders()) == 1


def test_b10_ldirectord_status(cluster: Cluster, director_name: str) -> None:
    status = cluster.directors[director_name].run("ldirectord ldirectord.cf status")
    assert status.rc == (0 if cluster.serves(director_name) else NOT_RUNNING), status


def test_b10_table_names_every_webserver(cluster: Cluster, director_name: str) -> None:
    expected = set(cluster.webservers) if cluster.serves(director_name) else set()
    assert cluster.table(director_name) == expected


def test_b10_service_is_round_robin(cluster: Cluster) -> None:
    table = cluster.directors[cluster.active()].check_output("ipvsadm --save --numeric")
    assert f"-A -t {cluster.address}:80 -s rr" in table.splitlines()


def test_b10_packets_are_routed_directly(cluster: Cluster, webserver_name: str) -> None:
    table = cluster.directors[cluster.active()].check_output("ipvsadm --save --numeric")
    address = cluster.variables(webserver_name)["haweb_address"]
    assert f"-a -t {cluster.address}:80 -r {address}:80 -g -w 1" in table.splitlines()


@pytest.mark.parametrize("daemon", ["master", "backup"])
def test_b10_sync_daemon_status(cluster: Cluster, director_name: str, daemon: str) -> None:
    """Warm form: both run on both. Tutorial's form: the active director sends, the other one receives."""
    runs = cluster.warm or daemon == ("master" if cluster.serves(director_name) else "backup")
    status = cluster.directors[director_name].run(f"{SYNC} %s status", daemon)
    assert status.rc == (0 if runs else NOT_RUNNING), status
    assert ("running" if runs else "stopped") in status.stdout


def test_b10_sync_daemons_have_one_syncid(cluster: Cluster) -> None:
    """They accept each other's messages if all of them have the same syncid."""
    daemons = [host.check_output("ipvsadm --list --daemon") for host in cluster.directors.values()]
    assert len(set(re.findall(r"syncid=\d+", "".join(daemons)))) == 1, daemons


def test_b10_master_sends_immediately_and_backup_accepts_any_length(cluster: Cluster, director: Host) -> None:
    unit = director.file("/etc/systemd/system/haweb-sync.service").content_string.splitlines()
    starts = [line for line in unit if line.startswith("ExecStart=")]
    limited = ["--sync-maxlen 1" in line for line in starts]
    assert limited == ([True, False] if cluster.warm else [False]), starts


@pytest.mark.parametrize("words", ["", "master", "sender status", "master eth0 1 2 status", "master dance"])
def test_b10_sync_daemon_script_refuses_other_words(director: Host, words: str) -> None:
    assert director.run(f"{SYNC} {words}").rc == WRONG_ARGUMENTS


def test_b10_client_reaches_every_webserver(cluster: Cluster) -> None:
    answers = cluster.lab.ask(cluster.url, seconds=1)
    assert answers.failed == 0
    assert answers.servers == {f"Served by {name}" for name in cluster.webservers}


def test_b10_still_served_without_one_apache(cluster: Cluster, webserver_name: str) -> None:
    others = set(cluster.webservers) - {webserver_name}
    apache = cluster.webservers[webserver_name]
    apache.check_output("systemctl stop apache2")
    try:
        wait_for("the web server is removed", lambda: cluster.table(cluster.active()) == others)
        answers = cluster.lab.ask(cluster.url, seconds=1)
    finally:
        apache.check_output("systemctl start apache2")
    wait_for("the web server is back", lambda: cluster.table(cluster.active()) == {*others, webserver_name})
    assert answers.failed == 0
    assert answers.servers == {f"Served by {name}" for name in others}
