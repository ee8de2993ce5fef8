# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.filter.virtual_addresses import FilterModule

virtual_addresses = FilterModule().filters()["virtual_addresses"]

A, B = "192.168.0.105/24", "192.168.0.106/24"


@pytest.mark.parametrize(
    ("services", "addresses"),
    [
        ([], []),
        ([{"address": B}, {"address": A}, {"address": B, "port": 443}], [B, A]),
        # What is wrong with an address is for those who use it to find out.
        ([{"address": "192.168.0.105"}], ["192.168.0.105"]),
    ],
)
def test_addresses(services: object, addresses: list[object]) -> None:
    assert virtual_addresses(services) == addresses


@pytest.mark.parametrize(
    ("services", "sentences"),
    [
        ({"address": A}, "The services: found a dictionary, but they must be a list."),
        (
            [{"name": "www"}, {"name": "ftp", "address": A}, {"address": None}],
            "Service www: address is missing. Service number 3: address is missing.",
        ),
        (["www"], "Service number 1: found text, but it must be a dictionary such as {name: www"),
    ],
)
def test_services_without_address(services: object, sentences: str) -> None:
    with pytest.raises(AnsibleFilterError) as why:
        virtual_addresses(services)
    assert str(why.value).startswith(sentences)
