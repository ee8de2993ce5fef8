# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Settle options that bear their software's own names.

A table lists each option with its reader and its default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Problems, is_list
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import Reader

# Name of an option -> its value, as its reader has returned it.
Settled = Mapping[str, Any]

LINES, WORDS = "lines", "words"


@dataclass(frozen=True)
class Option:
    """A line of such a table.

    A default is what the inventory could say as well, or is worked out from the options above it; None leaves
    the matter to the software. An option that may be repeated takes a list, and has a tuple of values; a
    single text is then one of them (LINES), or as many as it has words (WORDS).
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
    """Read what is given, add our defaults, and leave out what is given as null.

    context: what defaults need beside the options. written: how the inventory has named an option, if not by
    its name.
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
