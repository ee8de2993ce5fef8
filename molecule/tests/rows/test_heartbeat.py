"""Rows B4, B5 and B6: the files of heartbeat. With them both nodes see each other."""

from __future__ import annotations

import pytest
from testbed.cluster import Cluster
from testinfra.host import Host

pytestmark = pytest.mark.xdist_group("directors")


@pytest.mark.parametrize("name", ["ha.cf", "haresources", "authkeys"])
def test_b4_b5_b6_file_is_identical(cluster: Cluster, name: str) -> None:
    assert len({host.file(f"/etc/ha.d/{name}").sha256sum for host in cluster.directors.values()}) == 1


def test_b4_nodes_match_uname(cluster: Cluster, director: Host) -> None:
    declared = [line.split()[1] for line in directives(director) if line.startswith("node ")]
    assert declared == [host.check_output("uname -n") for host in cluster.directors.values()]


def test_b4_address_does_not_fail_back(director: Host) -> None:
    assert "auto_failback off" in directives(director)


def test_b4_death_is_noticed_within_seconds(director: Host) -> None:
    """heartbeat's own deadtime is 30 seconds."""
    assert "deadtime 2" in directives(director)


def test_b4_node_sees_every_node(cluster: Cluster, director_name: str) -> None:
    assert {cluster.node_status(director_name, of=name) for name in cluster.directors} == {"active"}


def test_b4_no_switch_for_lost_packets_was_left(director: Host) -> None:
    assert not director.file("/etc/ha.d/OnlyForTesting").exists


def test_b5_first_word_is_the_preferred_node(cluster: Cluster, director: Host) -> None:
    assert resources(director)[0] == cluster.preferred


def test_b5_resources_follow_in_order(cluster: Cluster, director: Host) -> None:
    place = f"{cluster.address}/24/eth0/192.168.0.255"
    warm = [f"VirtualAddress::{place}"]
    tutorial = ["ldirectord::ldirectord.cf", "LVSSyncDaemonSwap::master", f"IPaddr2::{place}"]
    assert resources(director)[1:] == (warm if cluster.warm else tutorial)


def test_b6_only_root_can_read_authkeys(director: Host) -> None:
    file = director.file("/etc/ha.d/authkeys")
    assert (file.user, file.group, file.mode) == ("root", "root", 0o600)


def test_b6_messages_are_signed(director: Host) -> None:
    assert keys(director)[0][1] in ("sha1", "md5")


def test_b6_nobody_else_can_read_the_secret(director: Host) -> None:
    secret = keys(director)[0][2]
    search = "find /etc /var/log /run /tmp -type f -perm %s -exec grep -lF -e %s {} +"
    assert director.run(search, "/a=r", secret).stdout.split() == ["/etc/ha.d/authkeys"]
    assert director.run(search, "/go=r", secret).stdout == ""


def directives(director: Host) -> list[str]:
    return lines(director, "ha.cf")


def resources(director: Host) -> list[str]:
    (line,) = lines(director, "haresources")
    return line.split()


def keys(director: Host) -> list[list[str]]:
    return [line.split() for line in lines(director, "authkeys") if not line.startswith("auth ")]


def lines(director: Host, name: str) -> list[str]:
    content: str = director.file(f"/etc/ha.d/{name}").content_string
    return [line for line in content.splitlines() if line and not line.startswith("#")]
