"""Rows B1, B2, B3, B7 and B8: the parts of a director."""

from __future__ import annotations

import pytest
from testbed.cluster import Cluster
from testinfra.host import Host

pytestmark = pytest.mark.xdist_group("directors")

MODULES = [
    "ip_vs",
    "ip_vs_dh",
    "ip_vs_ftp",
    "ip_vs_lblc",
    "ip_vs_lblcr",
    "ip_vs_lc",
    "ip_vs_nq",
    "ip_vs_rr",
    "ip_vs_sed",
    "ip_vs_sh",
    "ip_vs_wlc",
    "ip_vs_wrr",
]


@pytest.mark.parametrize("module", MODULES)
def test_b1_module_is_loaded(director: Host, module: str) -> None:
    assert director.file(f"/sys/module/{module}").is_directory


@pytest.mark.parametrize("module", MODULES)
def test_b1_module_is_named_for_boot(director: Host, module: str) -> None:
    assert module in director.check_output("cat /etc/modules-load.d/*.conf").split()


@pytest.mark.parametrize("package", ["heartbeat", "ipvsadm", "ldirectord"])
def test_b2_package_is_installed(director: Host, package: str) -> None:
    assert director.package(package).is_installed


@pytest.mark.parametrize("package", ["pacemaker", "corosync"])
def test_b2_second_cluster_manager_is_not_installed(director: Host, package: str) -> None:
    assert not director.package(package).is_installed


@pytest.mark.parametrize("setting", ['AUTO="false"', 'DAEMON="none"'])
def test_b2_ipvsadm_loads_nothing_at_boot(director: Host, setting: str) -> None:
    assert setting in director.file("/etc/default/ipvsadm").content_string.splitlines()


def test_b2_ldirectord_is_not_started_twice(cluster: Cluster, director_name: str) -> None:
    processes = cluster.directors[director_name].run("pgrep --exact ldirectord").stdout.split()
    assert len(processes) == (1 if cluster.serves(director_name) else 0)


def test_b3_packets_are_forwarded(director: Host) -> None:
    assert director.sysctl("net.ipv4.ip_forward") == 1


def test_b3_packets_are_forwarded_after_a_boot(director: Host) -> None:
    assert "net.ipv4.ip_forward = 1" in director.check_output("cat /etc/sysctl.d/*.conf").splitlines()


def test_b7_ldirectord_cf_is_identical(cluster: Cluster) -> None:
    assert len({host.file("/etc/ha.d/ldirectord.cf").sha256sum for host in cluster.directors.values()}) == 1


def test_b7_ldirectord_accepts_its_file(director: Host) -> None:
    status = director.run("ldirectord /etc/ha.d/ldirectord.cf status")
    assert status.rc in (0, 3), status.stderr  # 2 = it refuses a line, 1 = it died


@pytest.mark.parametrize(
    "option",
    ["scheduler=rr", "protocol=tcp", "checktype=negotiate", "service=http", 'receive="Test Page"'],
)
def test_b7_service_has_the_option(director: Host, option: str) -> None:
    lines = [line.strip() for line in director.file("/etc/ha.d/ldirectord.cf").content_string.splitlines()]
    assert option in lines


def test_b8_heartbeat_starts_at_boot(director: Host) -> None:
    assert director.service("heartbeat").is_enabled


def test_b8_heartbeat_runs(director: Host) -> None:
    assert director.service("heartbeat").is_running


def test_b8_ldirectord_has_one_owner(cluster: Cluster, director: Host) -> None:
    """Warm form: systemd keeps it running on both. Tutorial's form: heartbeat starts it, systemd must not."""
    state = director.run("systemctl is-enabled ldirectord").stdout.strip()
    assert state == ("enabled" if cluster.warm else "masked")
