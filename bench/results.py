"""The file of results: a JSON object that has the machine and the samples of each part."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError


class ResultsError(Exception):
    """A sentence: what in the results cannot be reported, and why."""


@dataclass(frozen=True)
class Machine:
    """Where and when a part was measured; versions: package to version."""

    date: str
    processors: str
    kernel: str
    guests: str
    versions: dict[str, str]
    commit: str

    def __str__(self) -> str:
        versions = ", ".join(f"{package} {version}" for package, version in self.versions.items())
        return f"{self.date}, {self.commit}; {self.processors}, {self.guests}; {versions}"


def read(kind: Any, found: Any, what: str) -> Any:
    """Make a value of this type (a dataclass, a union or a list of them) of what JSON has.

    Fields that the type does not have are ignored. Raises ResultsError if one is missing or has another type.
    """
    try:
        # As JSON, in which a list is right for a tuple, but a text is wrong for a number.
        return TypeAdapter(kind).validate_json(json.dumps(found), strict=True)
    except ValidationError as error:
        # Each type of a union has its own errors; the sample was most probably one of that with the fewest.
        by_type: dict[tuple[int | str, ...], list[str]] = defaultdict(list)
        for one in error.errors():
            by_type[one["loc"][:-1]].append(f"`{one['loc'][-1]}`: {one['msg']}" if one["loc"] else one["msg"])
        fewest = min(by_type.values(), key=len)
        raise ResultsError(f"{what} does not have the form of this version ({'; '.join(fewest)})") from error


@dataclass(frozen=True)
class Recorded:
    """A part as the file has it: the samples as JSON has them."""

    machine: Machine
    samples: list[Any]


@dataclass(frozen=True)
class Results:
    path: Path

    def read(self) -> dict[str, Any]:
        """The parts, name to machine and samples, as JSON has them; raises ResultsError for another file."""
        if not self.path.exists():
            return {}
        try:
            parts: dict[str, Any] = json.loads(self.path.read_text())["parts"]
        except (ValueError, TypeError, KeyError) as error:
            raise ResultsError(f"{self.path} is not a file of results: {error!r}") from error
        return parts

    def write(self, parts: dict[str, Any]) -> None:
        """As a whole or not at all."""
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps({"parts": parts}))
        new.replace(self.path)

    def record(self, name: str, machine: Machine, samples: Iterable[Any]) -> None:
        """Write each sample as soon as it is there, in the place of the part's old samples."""
        parts = self.read()
        recorded: list[dict[str, Any]] = []
        parts[name] = {"machine": asdict(machine), "samples": recorded}
        for sample in samples:
            recorded.append(asdict(sample))
            self.write(parts)
