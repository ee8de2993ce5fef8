"""A real server has the virtual addresses, and answers no ARP request for them."""

from __future__ import annotations

import pytest
from testbed.container import Node, Pairs

ADDRESSES = {"default": ["198.51.100.105"], "alternative": ["198.51.100.106", "203.0.113.106"]}
SILENCE = {
    "net.ipv4.conf.all.arp_ignore": 1,
    "net.ipv4.conf.eth0.arp_ignore": 1,
    "net.ipv4.conf.all.arp_announce": 2,
    "net.ipv4.conf.eth0.arp_announce": 2,
}


@pytest.mark.parametrize("key", SILENCE)
def test_kernel_is_silent(node: Node, key: str) -> None:
    assert node.host.sysctl(key) == SILENCE[key]


@pytest.mark.parametrize("key", SILENCE)
def test_kernel_is_silent_after_a_boot(node: Node, key: str) -> None:
    assert f"{key} = {SILENCE[key]}" in node.lines("/etc/sysctl.d/60-haweb-real-server.conf")


@pytest.mark.parametrize("kind", ADDRESSES)
def test_loopback_has_the_addresses_and_no_others(pairs: Pairs, kind: str) -> None:
    for node in pairs[kind]:
        shown = node.host.check_output("ip -4 -oneline address show dev lo")
        assert [line.split()[3] for line in shown.splitlines()] == [
            "127.0.0.1/8",
            *(f"{address}/32" for address in ADDRESSES[kind]),
        ]


def test_unit_runs_now_and_at_boot(node: Node) -> None:
    unit = node.host.service("haweb-real-server")
    assert (unit.is_running, unit.is_enabled) == (True, True)


def test_addresses_come_back_after_the_settings(node: Node) -> None:
    order = node.host.check_output("systemctl show --property=After --value haweb-real-server")
    assert "systemd-sysctl.service" in order.split()


def test_neighbour_gets_no_answer_to_arp(pairs: Pairs) -> None:
    """The neighbours are those of the other pair, which do not have the address."""
    for asker, owner in zip(pairs["alternative"], pairs["default"], strict=True):
        (address,) = ADDRESSES["default"]
        assert asker.host.run("ping -c 1 -W 2 %s", owner.address).rc == 0, "the network itself does not work"
        assert asker.host.run("ping -c 1 -W 2 %s", address).rc != 0


def test_forwarded_packet_is_accepted(pairs: Pairs) -> None:
    """IPVS sends a frame to the real server without ARP. So does a neighbour with a static ARP entry."""
    for asker, owner in zip(pairs["alternative"], pairs["default"], strict=True):
        (address,) = ADDRESSES["default"]
        mac = owner.host.check_output("cat /sys/class/net/eth0/address")
        asker.host.check_output("ip neighbour replace %s lladdr %s dev eth0", address, mac)
        try:
            assert asker.host.run("ping -c 1 -W 2 %s", address).rc == 0
        finally:
            asker.host.check_output("ip neighbour delete %s dev eth0", address)
