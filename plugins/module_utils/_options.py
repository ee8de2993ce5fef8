# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Settle options that bear their software's own names.

A table says what each may be and what it is by default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.haweb.cluster.plugins.module_utils._values import Problems, Reader

Settled = Mapping[str, object]


@dataclass(frozen=True)
class Option:
    """A line of such a table.

    A default may be worked out from the options above it; None leaves the matter to the software.
    """

    name: str
    read: Reader
    default: str | int | bool | Callable[[Settled], str | None] | None = None
    secret: bool = False


def settle(known: Iterable[Option], given: Settled, context: Settled, problems: Problems) -> dict[str, str]:
    """Read what is given, add our defaults, and leave out what is given as null."""
    settled: dict[str, str] = {}
    for option in known:
        default = option.default({**context, **settled}) if callable(option.default) else option.default
        value = given.get(option.name, default)
        if value is None:
            continue
        text = problems.read(option.read, option.name, value, option.secret)
        if text is not None:
            settled[option.name] = text
    return settled
