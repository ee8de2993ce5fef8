# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.filter.haresources import FilterModule

haresources: Callable[..., Any] = FilterModule().filters()["haresources"]

NODES = {"one": "LoadB1", "two": "loadb2"}
PLACE = "192.168.0.105/24/eth0/192.168.0.255"


@pytest.mark.parametrize(
    ("addresses", "resources", "words"),
    [
        (["192.168.0.105/24"], ["VirtualAddress"], [f"VirtualAddress::{PLACE}"]),
        (
            ["192.168.0.105/24"],
            ["ldirectord::a.cf", "Swap::master", "IPaddr2"],
            ["ldirectord::a.cf", "Swap::master", f"IPaddr2::{PLACE}"],
        ),
        (
            ["192.168.0.105/24", "10.1.2.3/8"],
            ["IPaddr2", "MailTo::root"],
            [f"IPaddr2::{PLACE}", "IPaddr2::10.1.2.3/8/eth0/10.255.255.255", "MailTo::root"],
        ),
        (["10.0.0.1/32"], ["IPaddr2"], ["IPaddr2::10.0.0.1/32/eth0"]),
        (["10.0.0.1/31"], ["IPaddr2"], ["IPaddr2::10.0.0.1/31/eth0"]),
        ([], ["apache2"], ["apache2"]),
    ],
)
def test_words(addresses: list[str], resources: list[str], words: list[str]) -> None:
    assert haresources(addresses, NODES, "eth0", resources) == [["loadb1", *words]]


def test_the_default_is_the_address_alone() -> None:
    assert haresources(["192.168.0.105/24"], NODES, "eth0") == [["loadb1", f"VirtualAddress::{PLACE}"]]


@pytest.mark.parametrize(
    ("addresses", "nodes", "interface", "resources", "sentence"),
    [
        (
            ["192.168.0.0/24"],
            NODES,
            "eth0",
            [],
            "192.168.0.0 is the address of the network 192.168.0.0/24 itself",
        ),
        (
            ["192.168.0.1"],
            NODES,
            "eth0",
            [],
            "number 1 is '192.168.0.1', but the prefix of the interface is missing",
        ),
        (["192.168.0.1/24"], {}, "eth0", [], "heartbeat's nodes: there is none to prefer"),
        (
            ["192.168.0.1/24"],
            NODES,
            "eth0/1",
            [],
            "interface is 'eth0/1', but must be the name of a network interface",
        ),
        (
            ["192.168.0.1/24"],
            NODES,
            "eth0",
            ["a b"],
            "number 1 is 'a b', but must be a single word without blanks",
        ),
    ],
)
def test_invalid_values(
    addresses: object, nodes: object, interface: object, resources: object, sentence: str
) -> None:
    with pytest.raises(AnsibleFilterError) as refusal:
        haresources(addresses, nodes, interface, resources)
    assert sentence in str(refusal.value)
