# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read addresses on a host.

The readers accept and refuse the same values as those of plugin_utils/_values.py on the controller, but they
work without netaddr.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv6Address

from ansible_collections.haweb.cluster.plugins.module_utils._problems import UnfitError

LONGEST_PREFIX = 32
NO_IPV6 = "IPv6 is not supported yet: it must be an IPv4 address"


def host_address(value: object) -> IPv4Address:
    """Read the address of a machine."""
    found = value if isinstance(value, str) else ""
    if _is_ipv6(found.partition("/")[0]):
        raise UnfitError(NO_IPV6)
    try:
        return IPv4Address(found)
    except AddressValueError:
        raise UnfitError("must be an IPv4 address such as 192.168.0.101") from None


def virtual_address(value: object) -> IPv4Interface:
    """Read a virtual address with the prefix of its interface. Its host bits are not zero."""
    given, slash, prefix = value.partition("/") if isinstance(value, str) else ("", "", "")
    if _is_ipv6(given):
        raise UnfitError(NO_IPV6)
    try:
        address = IPv4Address(given)
    except AddressValueError:
        raise UnfitError("must be an IPv4 address with a prefix such as 192.168.0.105/24") from None
    if not slash:
        raise UnfitError(f"the prefix of the interface is missing; write for example {address}/24")
    digits = prefix.strip()
    if not (digits.isascii() and digits.isdigit() and 1 <= int(digits) <= LONGEST_PREFIX):
        raise UnfitError(f"must have a prefix from 1 to 32, for example {address}/24")
    return IPv4Interface(f"{address}/{int(digits)}")


def _is_ipv6(found: str) -> bool:
    try:
        IPv6Address(found.strip("[]"))
    except AddressValueError:
        return False
    return True
