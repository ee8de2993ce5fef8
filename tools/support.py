"""The versions that the collection supports, from .config/support.yml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

MATRIX = Path(__file__).parents[1] / ".config" / "support.yml"


def numbers(version: str) -> tuple[int, ...]:
    """Return a value that orders versions: 3.9 is older than 3.10."""
    return tuple(int(number) for number in version.split("."))


@dataclass(frozen=True)
class Debian:
    version: int
    release: str
    python: str
    tested: str


@dataclass(frozen=True)
class Core:
    """A series of ansible-core."""

    series: str
    oldest_python: str
    newest_python: str
    cryptography: str = ""
    prerelease: bool = False

    @property
    def requirements(self) -> list[str]:
        """The requirements for pip: a pre-release only if the specifier names one."""
        oldest = f"{self.series}.0b1" if self.prerelease else f"{self.series}.0"
        return [f"ansible-core~={oldest}", f"cryptography{self.cryptography}"]

    def runs_on(self, python: str) -> bool:
        return numbers(self.oldest_python) <= numbers(python) <= numbers(self.newest_python)


@dataclass(frozen=True)
class Support:
    """Both lists begin with the oldest version."""

    debian: list[Debian]
    cores: list[Core]


def load() -> Support:
    matrix = yaml.safe_load(MATRIX.read_text())
    return Support(
        debian=[Debian(**entry) for entry in matrix["debian"]],
        cores=[Core(**entry) for entry in matrix["ansible_core"]],
    )


def tables() -> Iterator[str]:
    """Yield the lines of README's tables."""
    support = load()
    yield from ["| on the controller | Python |", "|---|---|"]
    for core in support.cores:
        note = " (pre-release)" if core.prerelease else ""
        yield f"| ansible-core {core.series}{note} | {core.oldest_python} to {core.newest_python} |"
    yield from ["", "| on the hosts | Python | tested with |", "|---|---|---|"]
    for debian in support.debian:
        yield f"| Debian {debian.version} ({debian.release}) | {debian.python} | {debian.tested} |"
