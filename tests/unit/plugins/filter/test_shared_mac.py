# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.haweb.cluster.plugins.filter.shared_mac import shared_mac


@pytest.mark.parametrize(
    ("address", "kind", "mac"),
    [
        ("192.168.0.105", "unicast", "02:00:c0:a8:00:69"),
        ("10.255.0.1", "unicast", "02:00:0a:ff:00:01"),
        ("192.168.0.105", "multicast", "03:00:c0:a8:00:69"),
    ],
)
def test_mac_carries_the_address(address: str, kind: str, mac: str) -> None:
    assert shared_mac(address, kind) == mac
