# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Collect problems as data, and convert them to sentences at the end.

A problem has its subject, its kind, and the values in its sentence. Tests and programs compare the code of
its kind and its data; people read its sentence.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard, TypeVar

T = TypeVar("T")

LONGEST_SHOWN = 60
NAME = re.compile(r"[\w.-]*")


class UnfitError(ValueError):
    """A value that cannot be used. The message is the requirement, and continues "NAME is VALUE, but"."""


@dataclass(frozen=True)
class Kind:
    """A kind of problem.

    The sentence has no full stop. A name in braces stands for the value of this name in the problem's data.
    The joint stands between the subject and the sentence; it is a blank if the sentence begins with a verb.
    """

    code: str
    sentence: str
    joint: str = ": "


MISSING = Kind("missing", "{name} is missing")
UNFIT = Kind("unfit", "{name} is {found}, but {must}")
# No value is shown: it may be a secret in the wrong place.
UNFIT_SECRET = Kind("unfit_secret", "{name} cannot be used: it {must}")
UNKNOWN = Kind("unknown", "{name} is unknown{guess}")
NOT_WHAT = Kind("not_what", "found {found}, but it must be {must}")


@dataclass(frozen=True)
class Problem:
    """A problem of one subject: a thing of the inventory, or a host."""

    where: str
    kind: Kind
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.kind.code

    @property
    def sentence(self) -> str:
        values = {name: _text(value) for name, value in self.data.items()}
        whole = f"{self.where}{self.kind.joint}{self.kind.sentence.format_map(values)}"
        # A guess has already ended the sentence with a question mark.
        return whole if whole.endswith("?") else f"{whole}."


@dataclass(frozen=True)
class Problems:
    """The problems of one subject. All subjects share one list."""

    where: str
    found: list[Problem] = field(default_factory=list)

    def about(self, where: str) -> Problems:
        return Problems(where, self.found)

    def add(self, kind: Kind, **data: object) -> None:
        self.found.append(Problem(self.where, kind, data))

    def add_unknown(self, name: object, known: Iterable[str]) -> None:
        self.add(UNKNOWN, name=shown_name(name), guess=guess(name, known))

    def read(self, reader: Callable[[object], T], name: str, value: object, secret: bool = False) -> T | None:
        """Return the result of a reader; if it refuses the value, add the problem and return None."""
        if value is None:
            self.add(MISSING, name=name)
            return None
        try:
            return reader(value)
        except UnfitError as why:
            if secret:
                self.add(UNFIT_SECRET, name=name, must=str(why))
            else:
                self.add(UNFIT, name=name, found=shown(value), must=str(why))
            return None

    @property
    def sentences(self) -> list[str]:
        return sentences(self.found)


def sentences(found: Iterable[Problem]) -> list[str]:
    """Return the sentence of each problem, without duplicates."""
    return list(dict.fromkeys(problem.sentence for problem in found))


def shown(value: object) -> str:
    """Return a value for a sentence. The content of a container is not shown: it may be a secret."""
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


def shown_name(name: object) -> str:
    """Return the name of an option for a sentence. Text with other signs is hidden: it may be a line."""
    whole = shown(name)
    return "an option" if isinstance(name, str) and not NAME.fullmatch(name) else whole


def kind_of(value: object) -> str:
    """Return what YAML has made of a value that should hold options, for a sentence.

    Text is not shown: people who write options as text write a password with them.
    """
    if isinstance(value, str):
        return "text"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "a number"
    if value is None or isinstance(value, (bool, Mapping)) or is_list(value):
        return shown(value)
    return "something else, such as a date"


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def guess(word: object, known: Iterable[str], prefix: str = "") -> str:
    """Return '; did you mean ...?' if a known word is similar, else an empty text.

    A prefix that all known words have does not count: all of them would be similar.
    """
    tails = [one.removeprefix(prefix) for one in known]
    close = difflib.get_close_matches(str(word).removeprefix(prefix), tails, n=1)
    return f"; did you mean {prefix}{close[0]}?" if close else ""


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
