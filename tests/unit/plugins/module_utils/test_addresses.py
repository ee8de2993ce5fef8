# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host reads addresses without netaddr. The results must be those of the controller."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils import _addresses
from ansible_collections.haweb.cluster.plugins.module_utils._problems import UnfitError
from ansible_collections.haweb.cluster.plugins.plugin_utils import _values
from hypothesis import example, given
from hypothesis import strategies as st

NO_IPV6 = "IPv6 is not supported yet: it must be an IPv4 address"
NO_ADDRESS = "must be an IPv4 address such as 192.168.0.101"
NO_VIRTUAL = "must be an IPv4 address with a prefix such as 192.168.0.105/24"


def outcome(reader: Callable[[object], object], value: object) -> str:
    """Return the address as text, or the reason why it cannot be used."""
    try:
        return str(reader(value))
    except UnfitError as why:
        return str(why)


@pytest.mark.parametrize(
    ("value", "host", "virtual"),
    [
        ("192.168.0.101", "192.168.0.101", "the prefix of the interface is missing; write for example "),
        ("192.168.0.105/24", NO_ADDRESS, "192.168.0.105/24"),
        ("192.168.0.105/024", NO_ADDRESS, "192.168.0.105/24"),
        ("192.168.0.105/1", NO_ADDRESS, "192.168.0.105/1"),
        ("192.168.0.105/32", NO_ADDRESS, "192.168.0.105/32"),
        ("192.168.0.105/33", NO_ADDRESS, "must have a prefix from 1 to 32, for example 192.168.0.105/24"),
        ("192.168.0.105/0", NO_ADDRESS, "must have a prefix from 1 to 32, for example 192.168.0.105/24"),
        ("192.168.0.105/", NO_ADDRESS, "must have a prefix from 1 to 32, for example 192.168.0.105/24"),
        ("192.168.0", NO_ADDRESS, NO_VIRTUAL),
        ("192.168.0.010", NO_ADDRESS, NO_VIRTUAL),
        ("loadb1", NO_ADDRESS, NO_VIRTUAL),
        ("fe80::1", NO_IPV6, NO_IPV6),
        ("[fe80::1]/64", NO_IPV6, NO_IPV6),
        (None, NO_ADDRESS, NO_VIRTUAL),
        (3232235625, NO_ADDRESS, NO_VIRTUAL),
    ],
)
def test_readers(value: object, host: str, virtual: str) -> None:
    assert outcome(_addresses.host_address, value) == host
    assert outcome(_addresses.virtual_address, value).startswith(virtual)


NUMBERS = st.integers(-1, 300) | st.sampled_from(["", "01", "0x1", " 1", "\u0661"])
IPV4 = st.builds("{}.{}.{}.{}".format, *[NUMBERS] * 4)
ADDRESSES = IPV4 | st.ip_addresses(v=6).map(str) | st.text(alphabet="0123456789.:af[]", max_size=12)


@given(ADDRESSES | st.builds("{}/{}".format, ADDRESSES, NUMBERS) | st.text() | st.none() | st.integers())
@example("::ffff:192.168.0.1/24")
def test_a_host_reads_what_the_controller_reads(value: object) -> None:
    assert outcome(_addresses.host_address, value) == outcome(_values.host_address, value)
    assert outcome(_addresses.virtual_address, value) == outcome(_values.virtual_address, value)
