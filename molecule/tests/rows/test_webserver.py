"""Row B9: web servers that accept packets for the virtual address, and answer no ARP for it."""

from __future__ import annotations

import pytest
from testbed.cluster import Cluster
from testinfra.host import Host

pytestmark = pytest.mark.xdist_group("web servers")

SILENCE = {
    "net.ipv4.conf.all.arp_ignore": 1,
    "net.ipv4.conf.eth0.arp_ignore": 1,
    "net.ipv4.conf.all.arp_announce": 2,
    "net.ipv4.conf.eth0.arp_announce": 2,
}


@pytest.mark.parametrize("key", SILENCE)
def test_b9_kernel_is_silent(webserver: Host, key: str) -> None:
    assert webserver.sysctl(key) == SILENCE[key]


@pytest.mark.parametrize("key", SILENCE)
def test_b9_kernel_is_silent_after_a_boot(webserver: Host, key: str) -> None:
    assert f"{key} = {SILENCE[key]}" in webserver.check_output("cat /etc/sysctl.d/*.conf").splitlines()


def test_b9_loopback_has_the_virtual_address(cluster: Cluster, webserver: Host) -> None:
    assert f"inet {cluster.address}/32 " in webserver.check_output("ip -oneline address show dev lo")


def test_b9_loopback_has_it_after_a_boot(webserver: Host) -> None:
    assert webserver.service("haweb-real-server").is_enabled


def test_b9_apache_runs_now_and_at_boot(webserver: Host) -> None:
    service = webserver.service("apache2")
    assert (service.is_running, service.is_enabled) == (True, True)


def test_b9_page_for_the_directors(cluster: Cluster, webserver_name: str) -> None:
    address = cluster.variables(webserver_name)["haweb_address"]
    assert "Test Page" in cluster.lab.get(f"http://{address}/ldirector.html")


def test_b9_one_answer_to_arp_and_it_is_the_active_directors(cluster: Cluster) -> None:
    assert cluster.lab.who_has(cluster.address) == {cluster.mac(cluster.active())}
