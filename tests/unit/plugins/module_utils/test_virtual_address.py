# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils import _virtual_address as kinds
from ansible_collections.haweb.cluster.plugins.module_utils._interfaces import Interface, parse_interfaces
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problem, Problems
from ansible_collections.haweb.cluster.plugins.module_utils._virtual_address import (
    Machine,
    Wanted,
    check_strangers,
    files_with,
    judge,
)

VIRTUAL = IPv4Interface("192.168.0.105/24")
OWN_MAC, PEER_MAC, STRANGE_MAC = "02:00:00:00:00:03", "02:00:00:00:00:04", "02:00:00:00:00:66"
LO = Interface("lo", "00:00:00:00:00:00", True, True, (IPv4Interface("127.0.0.1/8"),), False)


def eth0(*addresses: str, is_up: bool = True, has_broadcast: bool = True) -> Interface:
    return Interface("eth0", OWN_MAC, is_up, False, tuple(map(IPv4Interface, addresses)), has_broadcast)


CARRIED = "loadb1 VirtualAddress::192.168.0.105/24/eth0/192.168.0.255\n"


def machine(
    *interfaces: Interface,
    heartbeat_runs: bool = False,
    files: dict[str, str] | None = None,
    haresources: str = CARRIED,
) -> Machine:
    return Machine((LO, *interfaces), heartbeat_runs, files or {}, haresources)


def wanted(**change: Any) -> Wanted:
    return Wanted(
        **{
            "addresses": (VIRTUAL,),
            "place": "interface",
            "interface": "eth0",
            "broadcast_interfaces": ("eth0",),
            "peers": (IPv4Address("192.168.0.103"), IPv4Address("192.168.0.104")),
            **change,
        }
    )


def judged(want: Wanted, here: Machine) -> list[str]:
    problems = Problems("loadb1")
    judge(want, here, problems)
    return problems.sentences


HELD = eth0("192.168.0.103/24", "192.168.0.105/24")


@pytest.mark.parametrize(
    ("want", "here"),
    [
        (wanted(), machine(eth0("192.168.0.103/24"))),
        (wanted(broadcast_interfaces=()), machine(eth0("192.168.0.103/24", has_broadcast=False))),
        # heartbeat has added it.
        (wanted(), machine(HELD, heartbeat_runs=True)),
        # A director that is also a real server.
        (
            wanted(),
            Machine(
                (eth0("192.168.0.103/24"), Interface("lo", "", True, True, (VIRTUAL,), False)), False, {}
            ),
        ),
        (wanted(), machine(eth0("10.0.0.3/8", "192.168.0.103/24"))),
        (
            wanted(),
            machine(eth0("192.168.0.103/24"), files={"/etc/network/interfaces": "# address 192.168.0.105\n"}),
        ),
        (wanted(place="loopback", interface=None), machine(eth0("192.168.0.101/24"))),
        (wanted(place="loopback"), machine(HELD, heartbeat_runs=True)),
        (wanted(place="loopback"), Machine((Interface("lo", "", True, True, (VIRTUAL,), False),), False, {})),
    ],
)
def test_nothing_to_say(want: Wanted, here: Machine) -> None:
    assert judged(want, here) == []


@pytest.mark.parametrize(
    ("want", "here", "sentence"),
    [
        (
            wanted(interface="eth1", broadcast_interfaces=("eth1",)),
            machine(eth0("192.168.0.103/24")),
            "there is no interface eth1; there are: eth0; name one of them in the inventory.",
        ),
        (wanted(), machine(), "there is no interface eth0; there are: none;"),
        (
            wanted(broadcast_interfaces=("eth9",)),
            machine(eth0("192.168.0.103/24")),
            "there is no interface eth9; there are: eth0;",
        ),
        (
            wanted(),
            machine(eth0("192.168.0.103/24", is_up=False)),
            "eth0 is down; bring it up with `ip link set eth0 up`",
        ),
        (
            wanted(),
            machine(eth0("192.168.1.103/24", "10.0.0.1/30")),
            "192.168.0.105 is outside the network of eth0 (192.168.1.0/24, 10.0.0.0/30)",
        ),
        (
            wanted(broadcast_interfaces=()),
            machine(eth0()),
            "eth0 has no IPv4 address of its own, and heartbeat needs one to receive the other nodes' "
            "heartbeats; configure one.",
        ),
        (
            wanted(),
            machine(eth0("192.168.0.105/24"), heartbeat_runs=True),
            "192.168.0.105 is the only address of eth0; a virtual address is one that no machine has of "
            "its own",
        ),
        (
            wanted(peers=(VIRTUAL.ip,)),
            machine(eth0("192.168.0.105/24")),
            "192.168.0.105 is the address of a node of the cluster itself;",
        ),
        (
            wanted(),
            machine(eth0("192.168.0.103/24", has_broadcast=False)),
            "192.168.0.103/24 on eth0 has no broadcast address, so that heartbeat's bcast would reach "
            "nobody and "
            "every node would take the virtual address; add `broadcast 192.168.0.255` where the address is "
            "configured (/etc/network/interfaces, or `Broadcast=192.168.0.255` in a .network file)",
        ),
        (
            wanted(),
            machine(HELD),
            "192.168.0.105 is already on eth0, though no heartbeat that runs here carries it; find out who "
            "put it there (a heartbeat that was killed leaves it behind), and remove it with `ip address del "
            "192.168.0.105/24 dev eth0`.",
        ),
        # heartbeat runs, but has had another address until now.
        (
            wanted(),
            machine(HELD, heartbeat_runs=True, haresources=CARRIED.replace(".105", ".10")),
            "192.168.0.105 is already on eth0, though no heartbeat that runs here carries it;",
        ),
        (
            wanted(),
            machine(
                HELD, heartbeat_runs=True, files={"/etc/network/interfaces": "  address 192.168.0.105/24\n"}
            ),
            "/etc/network/interfaces gives 192.168.0.105 to this machine at every boot",
        ),
        (
            wanted(place="loopback"),
            machine(eth0("192.168.0.101/24", "192.168.0.105/32")),
            "192.168.0.105 is on eth0, where a real server would answer ARP for it and take the director's "
            "place; "
            "it belongs on the loopback only: remove it with `ip address del 192.168.0.105/32 dev eth0`",
        ),
    ],
)
def test_one_thing_to_say(want: Wanted, here: Machine, sentence: str) -> None:
    (found,) = judged(want, here)
    assert found.startswith("loadb1: ")
    assert sentence in found


OUTSIDE = IPv4Interface("192.168.1.103/24")
AT_BOOT = {"/etc/network/interfaces": "address 192.168.0.105/24"}


@pytest.mark.parametrize(
    ("want", "here", "kind", "data"),
    [
        (wanted(peers=(VIRTUAL.ip,)), machine(HELD), kinds.ADDRESS_OF_NODE, {"address": VIRTUAL.ip}),
        (
            wanted(interface="eth1"),
            machine(HELD),
            kinds.NO_INTERFACE,
            {"interface": "eth1", "others": ("eth0",)},
        ),
        (wanted(), machine(eth0(is_up=False)), kinds.INTERFACE_DOWN, {"interface": "eth0"}),
        (
            wanted(),
            machine(eth0("192.168.0.105/24")),
            kinds.ONLY_ADDRESS,
            {"address": VIRTUAL.ip, "interface": "eth0"},
        ),
        (wanted(), machine(eth0()), kinds.NO_OWN_ADDRESS, {"interface": "eth0"}),
        (
            wanted(),
            machine(eth0(str(OUTSIDE))),
            kinds.OUTSIDE_NETWORK,
            {"address": VIRTUAL.ip, "interface": "eth0", "networks": (OUTSIDE.network,)},
        ),
        (wanted(), machine(eth0()), kinds.NO_SENDER, {"interface": "eth0"}),
        (
            wanted(),
            machine(eth0(str(OUTSIDE), has_broadcast=False)),
            kinds.NO_BROADCAST,
            {"address": OUTSIDE, "interface": "eth0", "broadcast": OUTSIDE.network.broadcast_address},
        ),
        (
            wanted(),
            machine(HELD, files=AT_BOOT),
            kinds.CONFIGURED_AT_BOOT,
            {"path": "/etc/network/interfaces", "address": VIRTUAL.ip},
        ),
        (
            wanted(),
            machine(HELD),
            kinds.HELD_WITHOUT_HEARTBEAT,
            {"address": VIRTUAL.ip, "interface": "eth0", "held": VIRTUAL},
        ),
        (
            wanted(place="loopback"),
            machine(HELD),
            kinds.OFF_LOOPBACK,
            {"address": VIRTUAL.ip, "interface": "eth0", "held": VIRTUAL},
        ),
    ],
)
def test_kinds_of_problems(want: Wanted, here: Machine, kind: Kind, data: dict[str, object]) -> None:
    problems = Problems("loadb1")
    judge(want, here, problems)
    assert Problem("loadb1", kind, data) in problems.found


def test_an_interface_without_addresses_cannot_broadcast_either() -> None:
    found = judged(wanted(), machine(eth0()))
    assert [sentence.partition(", ")[0] for sentence in found] == [
        "loadb1: eth0 has no IPv4 address",
        "loadb1: eth0 has no IPv4 address of its own",
    ]


def test_all_findings_at_once() -> None:
    want = wanted(
        addresses=(VIRTUAL, IPv4Interface("10.0.0.1/24"), IPv4Interface("192.168.0.104/24")),
        broadcast_interfaces=("eth0", "eth1"),
    )
    assert [sentence.split()[1] for sentence in judged(want, machine(HELD))] == [
        "there",
        "192.168.0.105",
        "10.0.0.1",
        "192.168.0.104",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("iface eth0 inet static\n  address 192.168.0.105\n", True),
        ("Address=192.168.0.105/24\n", True),
        ("addresses: [192.168.0.103/24, 192.168.0.105/24]\n", True),
        ("address1=192.168.0.105/24,192.168.0.1\n", True),
        ("address 192.168.0.10\n", False),
        ("address 192.168.0.1051\n", False),
        ("address 2.192.168.0.105\n", False),
        ("  # address 192.168.0.105\n", False),
        ("; Address=192.168.0.105\n", False),
        ("", False),
    ],
)
def test_files_with(text: str, found: bool) -> None:
    assert files_with(VIRTUAL.ip, {"file": text}) == (["file"] if found else [])


@pytest.mark.parametrize(
    ("claims", "macs"),
    [
        ({}, None),
        ({"192.168.0.105": []}, None),
        ({"192.168.0.105": [OWN_MAC]}, None),
        # The other director already has it.
        ({"192.168.0.105": [PEER_MAC], "192.168.0.104": [PEER_MAC]}, None),
        ({"192.168.0.105": [PEER_MAC], "192.168.0.104": []}, PEER_MAC),
        ({"192.168.0.105": [STRANGE_MAC], "192.168.0.104": [PEER_MAC]}, STRANGE_MAC),
        (
            {"192.168.0.105": [STRANGE_MAC, PEER_MAC, "02:00:00:00:00:55"], "192.168.0.104": [PEER_MAC]},
            f"02:00:00:00:00:55, {STRANGE_MAC}",
        ),
        # Another address, which does not matter.
        ({"192.168.0.9": [STRANGE_MAC]}, None),
    ],
)
def test_strangers(claims: dict[str, list[str]], macs: str | None) -> None:
    problems = Problems("loadb1")
    found = {IPv4Address(ip): set(who) for ip, who in claims.items()}
    check_strangers(found, wanted(), machine(eth0("192.168.0.103/24")), problems)
    if macs is None:
        assert problems.sentences == []
    else:
        (sentence,) = problems.sentences
        assert problems.found[0].kind is kinds.CLAIMED_BY_STRANGER
        assert sentence.startswith(
            f"loadb1: 192.168.0.105 is already answered on eth0 by {macs}, which is no node of the cluster;"
        )


def test_parse_interfaces() -> None:
    text = json.dumps(
        [
            {"ifname": "lo", "flags": ["LOOPBACK", "UP"], "address": "00:00:00:00:00:00", "addr_info": []},
            {
                "ifname": "eth0",
                "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
                "address": OWN_MAC,
                "addr_info": [
                    {"family": "inet6", "local": "fe80::1", "prefixlen": 64},
                    {
                        "family": "inet",
                        "local": "192.168.0.103",
                        "prefixlen": 24,
                        "broadcast": "192.168.0.255",
                    },
                    {"family": "inet", "local": "192.168.0.105", "prefixlen": 24, "secondary": True},
                ],
            },
            {"ifname": "tun0", "flags": ["POINTOPOINT"]},
            # The remains of an interface that `ip` has filtered out.
            {},
        ]
    )
    assert parse_interfaces(text) == (
        Interface("lo", "00:00:00:00:00:00", True, True, (), False),
        eth0("192.168.0.103/24", "192.168.0.105/24"),
        Interface("tun0", "", False, False, (), False),
    )
