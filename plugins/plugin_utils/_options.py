# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read options that have their software's own names, and add the defaults.

A table lists each option with its reader and its default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Problems, is_list
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import Reader

# Name of an option -> the value that its reader has returned.
Settled = Mapping[str, Any]

LINES, WORDS = "lines", "words"


@dataclass(frozen=True)
class Option:
    """A line of such a table.

    A default is a value that the inventory could contain, or a function of the options above it; None leaves
    the option to the software. A repeated option accepts a list, and its value is a tuple; a text instead of
    a list is then one value (LINES), or one for each of its words (WORDS).
    """

    name: str
    read: Reader[Any]
    default: object | Callable[[Settled], object] = None
    secret: bool = False
    repeated: str = ""


def settle(
    known: Iterable[Option],
    given: Mapping[Any, object],
    context: Settled,
    problems: Problems,
    written: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Read the given options, add our defaults, and omit options that are null.

    context: further values for the defaults. written: name of an option -> its name in the inventory, if that
    differs.
    """
    settled: dict[str, Any] = {}
    for option in known:
        default = option.default({**context, **settled}) if callable(option.default) else option.default
        value = _read(option, given.get(option.name, default), problems, (written or {}).get(option.name))
        if value is not None:
            settled[option.name] = value
    return settled


def _read(option: Option, value: object, problems: Problems, written: str | None) -> object:
    name = written or option.name
    if not option.repeated:
        return None if value is None else problems.read(option.read, name, value, option.secret)
    values: list[object] = [value]
    if is_list(value):
        values = list(value)
    elif option.repeated == WORDS and isinstance(value, str):
        values = list(value.split() or [value])
    read = (problems.read(option.read, name, one, option.secret) for one in values if one is not None)
    return tuple(one for one in read if one is not None) or None
