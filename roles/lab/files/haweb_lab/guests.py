# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the running guests among the processes of this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .description import Lab


@dataclass(frozen=True)
class Process:
    pid: int
    group: int
    state: str
    arguments: tuple[str, ...]


# Node name -> all its processes; the first is the guest's kernel, which leads their group.
Guests = Mapping[str, Sequence[Process]]


def guests(lab: Lab) -> Guests:
    return grouped(list(processes()), f"uml_dir={lab.run}/uml/")


def processes() -> Iterator[Process]:
    for entry in Path("/proc").glob("[0-9]*"):
        # A process may end while it is read.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state, _parent, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            arguments = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            # A zombie has ended; its parent has not collected it yet.
            if state not in "ZX":
                yield Process(int(entry.name), int(group), state, tuple(arguments))


def grouped(running: Sequence[Process], home: str) -> Guests:
    """Return the guests whose kernels have this argument. Their helpers are in the same process group."""
    names: dict[int, str] = {}
    for process in running:
        if home in process.arguments:
            umid = next(word for word in process.arguments if word.startswith("umid="))
            names[process.group] = umid.removeprefix("umid=")
    found: dict[str, list[Process]] = {}
    for process in sorted(running, key=lambda one: (one.pid != one.group, one.pid)):
        if process.group in names:
            found.setdefault(names[process.group], []).append(process)
    return found


def state_of(running: Guests, name: str) -> str:
    if name not in running:
        return "off"
    return "frozen" if running[name][0].state == "T" else "running"


def memory_of(kernel: Process) -> int:
    """Return the guest's used memory in bytes: the size of a nameless file that its kernel keeps open."""
    for number in Path(f"/proc/{kernel.pid}/fd").iterdir():
        # The guest may end, or close a file, while it is read.
        with contextlib.suppress(FileNotFoundError):
            if str(number.readlink()).startswith("/dev/shm/"):
                return number.stat().st_blocks * 512
    return 0
