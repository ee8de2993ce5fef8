# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read single values of the inventory.

A reader takes whatever YAML brought and returns the text for a configuration file, or raises UnfitError with
words that continue the sentence "NAME is VALUE, but ...". A reader never says the value itself, so that the
same reader serves options that hold secrets.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv6Address
from typing import TypeGuard, TypeVar

T = TypeVar("T")
Reader = Callable[[object], str]

LONGEST_SHOWN = 60
MAX_PORT = 65535


class UnfitError(ValueError):
    """A value that cannot be used; the message says what it must be."""


def shown(value: object) -> str:
    """Say a value in a sentence, without ever opening a container: it may hold a secret."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a dictionary"
    if is_list(value):
        return "a list"
    found = str(value)
    if len(found) > LONGEST_SHOWN:
        found = found[: LONGEST_SHOWN - 3] + "..."
    return repr(found) if isinstance(value, str) else found


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def guess(word: object, known: Iterable[str], prefix: str = "") -> str:
    """Return '; did you mean ...?' if a known word is close, else nothing.

    A prefix that all of them have does not count: it would make all of them close.
    """
    tails = [one.removeprefix(prefix) for one in known]
    close = difflib.get_close_matches(str(word).removeprefix(prefix), tails, n=1)
    return f"; did you mean {prefix}{close[0]}?" if close else ""


@dataclass(frozen=True)
class Problems:
    """Sentences about one thing, in the list of the sentences about everything."""

    where: str
    sentences: list[str]

    def about(self, where: str) -> Problems:
        return Problems(where, self.sentences)

    def say(self, *parts: str) -> None:
        whole = "".join((self.where, ": ", *parts))
        # A guess has already closed the sentence with a question.
        self.sentences.append(whole if whole.endswith("?") else f"{whole}.")

    def read(self, reader: Callable[[object], T], name: str, value: object, secret: bool = False) -> T | None:
        """Read a value; when it does not fit, say so and return None."""
        if value is None:
            self.say(name, " is missing")
            return None
        try:
            return reader(value)
        except UnfitError as why:
            self.say(name, " cannot be used: it " if secret else f" is {shown(value)}, but ", str(why))
            return None


def text(value: object) -> str:
    """One line of plain text: what both ldirectord and heartbeat read to the end of the line."""
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
    """Text that stands bare in a file: blanks at its ends would become part of it unseen."""
    found = text(value)
    if found != found.strip():
        raise UnfitError("must not begin or end with a blank")
    return found


def quoted(value: object) -> str:
    """Text between double quotes; neither program knows a way to escape one."""
    found = text(value)
    if '"' in found:
        raise UnfitError('must not contain a double quote ("), which would end it')
    return f'"{found}"'


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


def number(low: int, high: int) -> Reader:
    def read(value: object) -> str:
        # bool is a kind of int in Python, and "yes" for a number is always a slip.
        usable = isinstance(value, (int, str)) and not isinstance(value, bool)
        digits = str(value).strip() if usable else ""
        if not (digits.isascii() and digits.isdigit() and low <= int(digits) <= high):
            raise UnfitError(f"must be a whole number from {low} to {high}")
        return str(int(digits))

    return read


port = number(1, MAX_PORT)


def one_of(*known: str) -> Reader:
    def read(value: object) -> str:
        found = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
        if found not in known:
            raise UnfitError(f"must be one of {', '.join(known)}{guess(found, known)}")
        return found

    return read


def several_of(*known: str) -> Reader:
    """Read a list, or a text with commas, of known words."""
    one = one_of(*known)

    def read(value: object) -> str:
        parts = value if is_list(value) else str(value).split(",")
        return ",".join(one(part.strip() if isinstance(part, str) else part) for part in parts)

    return read


def host_address(value: object) -> IPv4Address:
    """Read the address of a machine."""
    found = str(value) if isinstance(value, str) else ""
    try:
        return IPv4Address(found)
    except AddressValueError:
        pass
    if _is_ipv6(found):
        raise UnfitError("IPv6 is not supported yet: it must be an IPv4 address")
    raise UnfitError("must be an IPv4 address such as 192.168.0.101")


def virtual_address(value: object) -> IPv4Interface:
    """Read an address with the prefix of the interface that will carry it; host bits are the point of it."""
    found = str(value) if isinstance(value, str) else ""
    address, slash, prefix = found.partition("/")
    if _is_ipv6(address):
        raise UnfitError("IPv6 is not supported yet: it must be an IPv4 address")
    try:
        bare = IPv4Address(address)
    except AddressValueError:
        raise UnfitError("must be an IPv4 address with a prefix such as 192.168.0.105/24") from None
    if not slash:
        raise UnfitError(f"the prefix of the interface is missing; write for example {bare}/24")
    try:
        return IPv4Interface(f"{bare}/{number(1, 32)(prefix)}")
    except UnfitError:
        raise UnfitError(f"must have a prefix from 1 to 32, for example {bare}/24") from None


def _is_ipv6(found: str) -> bool:
    try:
        IPv6Address(found.partition("/")[0].strip("[]"))
    except AddressValueError:
        return False
    return True
