# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read single values of the inventory.

A reader accepts any value from YAML and returns a typed value, or raises UnfitError with a text that
continues the sentence "NAME is VALUE, but". This text never contains the value, so that the same
reader can read secrets.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from ansible.errors import AnsibleError
from ansible_collections.haweb.cluster.plugins.module_utils._addresses import LONGEST_PREFIX, NO_IPV6
from ansible_collections.haweb.cluster.plugins.module_utils._problems import (
    Kind,
    Problem,
    UnfitError,
    guess,
    is_list,
)

try:
    from netaddr import INET_PTON, AddrFormatError, IPAddress, IPNetwork
except ImportError:
    HAS_NETADDR = False
else:
    HAS_NETADDR = True

T = TypeVar("T")
Reader = Callable[[object], T]

MOST_PORT = 65535
LONGEST_NUMBER = 20  # digits
TRUE, FALSE = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})
# netaddr also accepts blanks and signs in a prefix or mask; the programs that read it do not.
MASK = re.compile(r"[0-9.]+")
IPV6 = 6
CONTROLLER = "The controller"
NO_NETADDR = Kind(
    "no_netaddr",
    "the Python library netaddr is missing; install it with `pip install netaddr` for {python}",
)


def text(value: object) -> str:
    """Read one line of plain text: ldirectord and heartbeat both read it to the end of the line."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UnfitError("must be text")
    line = str(value)
    if not line.strip():
        raise UnfitError("must not be blank")
    if "#" in line:
        raise UnfitError("must not contain #, which would begin a comment there")
    if not line.isprintable():
        raise UnfitError("must be one line without tabs and other control characters")
    return line


def line(value: object) -> str:
    """Read text that the file contains without quotes: blanks at its ends would be invisible."""
    found = text(value)
    if found != found.strip():
        raise UnfitError("must not begin or end with a blank")
    return found


def quotable(value: object) -> str:
    """Read text that the file contains in double quotes; the programs cannot escape a quote."""
    found = text(value)
    if '"' in found:
        raise UnfitError('must not contain a double quote ("), which would end it')
    return found


def expected(value: object) -> str:
    """Text that an answer must contain; it may be empty, and then every answer is good."""
    return "" if value == "" else text(value)


def word(value: object) -> str:
    found = line(value)
    if " " in found:
        raise UnfitError("must be a single word without blanks")
    return found


def path(value: object) -> str:
    found = line(value)
    if not found.startswith("/"):
        raise UnfitError("must be an absolute path")
    return found


def number(low: int, high: int) -> Reader[int]:
    def read(value: object) -> int:
        # In Python bool is a subclass of int, but "yes" for a number is always a mistake.
        usable = isinstance(value, (int, str)) and not isinstance(value, bool)
        digits = str(value).strip() if usable else ""
        # Python refuses to convert thousands of digits, which no program takes either.
        fits = digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER
        if not (fits and low <= int(digits) <= high):
            raise UnfitError(f"must be a whole number from {low} to {high}")
        return int(digits)

    return read


port = number(1, MOST_PORT)


def one_of(*known: str) -> Reader[str]:
    def read(value: object) -> str:
        found = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
        if found not in known:
            raise UnfitError(f"must be one of {', '.join(known)}{guess(found, known)}")
        return found

    return read


def several_of(*known: str) -> Reader[tuple[str, ...]]:
    """Read a list of known words, or a text with commas."""
    one = one_of(*known)

    def read(value: object) -> tuple[str, ...]:
        parts = value if is_list(value) else str(value).split(",")
        return tuple(one(part.strip() if isinstance(part, str) else part) for part in parts)

    return read


def truth(must: str) -> Reader[bool]:
    """Read a boolean, also as the text that it is on the command line (-e) or between quotes."""

    def read(value: object) -> bool:
        # YAML has already turned a bare yes or on into true.
        found = str(value).lower() if isinstance(value, (bool, str)) else ""
        if found not in TRUE | FALSE:
            raise UnfitError(must)
        return found in TRUE

    return read


yes_no = truth("must be yes or no")


def netmask(value: object) -> str:
    found = _address(line(value))
    if found is None or found.version == IPV6 or not found.is_netmask():
        raise UnfitError("must be a netmask such as 255.255.255.0")
    return str(found)


def host_address(value: object) -> IPAddress:
    """Read the address of a machine."""
    found, slash, _prefix = value.partition("/") if isinstance(value, str) else ("", "", "")
    address = _address(found)
    if address is not None and address.version == IPV6:
        raise UnfitError(NO_IPV6)
    if address is None or slash:
        raise UnfitError("must be an IPv4 address such as 192.168.0.101")
    return address


def virtual_address(value: object) -> IPNetwork:
    """Read a virtual address with the prefix of its interface. Its host bits are not zero."""
    found, slash, prefix = value.partition("/") if isinstance(value, str) else ("", "", "")
    address = _address(found)
    if address is None:
        raise UnfitError("must be an IPv4 address with a prefix such as 192.168.0.105/24")
    if address.version == IPV6:
        raise UnfitError(NO_IPV6)
    if not slash:
        raise UnfitError(f"the prefix of the interface is missing; write for example {address}/24")
    try:
        return IPNetwork(f"{address}/{number(1, LONGEST_PREFIX)(prefix)}")
    except UnfitError:
        raise UnfitError(f"must have a prefix from 1 to 32, for example {address}/24") from None


def network(value: object) -> IPNetwork:
    """Read an address or a network, of IPv4 or IPv6."""
    address, slash, mask = str(value).partition("/")
    if _address(address) is not None and "[" not in address and (not slash or MASK.fullmatch(mask)):
        with suppress(AddrFormatError, ValueError):
            return IPNetwork(f"{address}{slash}{mask}")
    raise UnfitError("must be an address or a network such as 192.168.0.0/24")


def _address(found: str) -> IPAddress | None:
    if not HAS_NETADDR:
        raise AnsibleError(Problem(CONTROLLER, NO_NETADDR, {"python": sys.executable}).sentence)
    try:
        # As inet_pton(3) reads it: 192.168.1 and 0300.0250.0.1 are invalid.
        return IPAddress(found.strip("[]") if ":" in found else found, flags=INET_PTON)
    except (AddrFormatError, ValueError):
        return None
