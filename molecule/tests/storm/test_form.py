"""The machines had another form before: both directors took packets. Nothing of it is left."""

from __future__ import annotations

import pytest
from cluster import Cluster

LEFT = {
    "the program": "ls /usr/local/sbin/haweb-both /etc/ha.d/haweb-both.json* /run/haweb-both/*",
    "its unit": "systemctl cat haweb-both",
    "a rule of tc": "tc filter show dev eth0 ingress | grep . || tc filter show dev eth0 egress | grep .",
    "the shared MAC": "bridge fdb show dev eth0 | grep 02:00:c0:a8:00:69",
    "the address on the loopback": "ip -oneline address show dev lo | grep 192.168.0.105",
    "the setting for connections that begin elsewhere": "grep 1 /proc/sys/net/ipv4/vs/sloppy_tcp",
}


@pytest.mark.parametrize("what", LEFT)
def test_nothing_is_left_of_the_other_form(cluster: Cluster, what: str) -> None:
    if cluster.variables(cluster.preferred).get("haweb_active") == "both":
        pytest.skip("This is the other form")
    for director in cluster.directors.values():
        found = director.run(LEFT[what])
        assert found.rc != 0, found.stdout
