# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the haresources of this node with the one that it should have, and plan how heartbeat follows.

heartbeat reads the file whenever it starts or stops resources. So a file that changes needs no restart of
heartbeat, as long as what leaves the file is stopped, and what comes is started on the node that has the
resources. Only another preferred node does: heartbeat remembers whether it has the resources of the line as
its own (local) or as the other node's (foreign).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from ansible_collections.haweb.cluster.plugins.module_utils._cl_status import State

# Scripts that carry a virtual address. As a resource without arguments, each stands for all of them.
ADDRESS_AGENTS = ("VirtualAddress", "IPaddr2")

# Comments of the file: what has left it, but may still run, and what is new, but may not run yet. A run that
# ends early leaves them to the next.
LEAVING = "# leaving: "
STARTING = "# starting: "


@dataclass(frozen=True)
class Resource:
    """A word of haresources: the script, and its arguments behind `::`."""

    word: str

    @property
    def script(self) -> str:
        return self.word.partition("::")[0]

    @property
    def arguments(self) -> list[str]:
        return self.word.split("::")[1:]

    @property
    def address(self) -> IPv4Address | None:
        """The virtual address of this resource, if it is one."""
        if self.script not in ADDRESS_AGENTS or not self.arguments:
            return None
        try:
            return IPv4Address(self.arguments[0].partition("/")[0])
        except AddressValueError:
            return None


@dataclass(frozen=True)
class Haresources:
    preferred: tuple[str, ...]  # the first word of each line
    resources: tuple[Resource, ...]  # in the order in which they start
    leaving: tuple[Resource, ...] = ()
    starting: tuple[Resource, ...] = ()


def parse(text: str) -> Haresources:
    """Read haresources: a line for each group, `#` begins a comment, `\\` at the end continues a line."""
    joined = text.replace("\\\n", " ")
    lines = [line.split() for line in re.sub(r"#.*", "", joined).splitlines()]

    def noted(begin: str) -> tuple[Resource, ...]:
        notes = [line.removeprefix(begin).split() for line in text.splitlines() if line.startswith(begin)]
        return tuple(Resource(word) for words in notes for word in words)

    return Haresources(
        preferred=tuple(line[0].lower() for line in lines if line),
        resources=tuple(Resource(word) for line in lines for word in line[1:]),
        leaving=noted(LEAVING),
        starting=noted(STARTING),
    )


def with_notes(text: str, leaving: tuple[Resource, ...], starting: tuple[Resource, ...]) -> str:
    """Return the text of the file, with comments on what is to be stopped and started."""
    notes = {LEAVING: leaving, STARTING: starting}
    return text + "".join(
        f"{begin}{' '.join(resource.word for resource in resources)}\n"
        for begin, resources in notes.items()
        if resources
    )


@dataclass(frozen=True)
class Steps:
    """What to do on this node, in the order of the fields."""

    restart: bool  # stop heartbeat first; another task starts it
    stop: tuple[Resource, ...]
    start: tuple[Resource, ...]

    @property
    def changes(self) -> bool:
        return self.restart or bool(self.stop or self.start)


def plan(current: str, wanted: str, state: State) -> Steps:
    """Plan the way from the file that is there (empty where there is none) to the one that is wanted."""
    old, new = parse(current), parse(wanted)
    if state.running and old.preferred and old.preferred != new.preferred:
        return Steps(restart=True, stop=tuple(reversed(old.leaving)), start=())
    holds = _holds(new, state)
    # An address that is no longer carried must be on no node; the rest runs on the node that has it.
    leaving = [
        resource
        for resource in (*old.leaving, *old.resources)
        if resource not in new.resources and (holds or resource.address)
    ]
    here = {IPv4Address(address) for address in state.addresses} - {resource.address for resource in leaving}
    running = [resource for resource in old.resources if resource not in old.starting]
    missing = [
        resource
        for resource in new.resources
        if (resource.address not in here if resource.address else resource not in running)
    ]
    return Steps(
        restart=False,
        stop=tuple(dict.fromkeys(reversed(leaving))),
        start=tuple(missing) if holds else (),
    )


def _holds(wanted: Haresources, state: State) -> bool:
    """Whether heartbeat reports that this node has the resources: local ones of the preferred node."""
    kind = "local" if state.nodename in wanted.preferred else "foreign"
    return state.running and state.resources in (kind, "all")
