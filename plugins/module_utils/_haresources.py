# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare this node's haresources with the wanted one, and plan how heartbeat follows the change.

heartbeat reads the file whenever it starts or stops resources. So a change of the file needs no restart of
heartbeat, if the removed resources are stopped, and the new ones are started on the node that has the
resources. Only a change of the preferred node needs a restart: heartbeat stores whether it has the resources
of the line as its own (local) or as the other node's (foreign).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from ansible_collections.haweb.cluster.plugins.module_utils._cl_status import State

# Scripts for a virtual address. As a resource without arguments, each means all virtual addresses.
ADDRESS_AGENTS = ("VirtualAddress", "IPaddr2")

# Comments in the file: removed resources that may still run, and new ones that may not run yet. The next run
# completes a run that was interrupted.
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
    """Return the text of the file, with comments on the resources to stop and to start."""
    notes = {LEAVING: leaving, STARTING: starting}
    return text + "".join(
        f"{begin}{' '.join(resource.word for resource in resources)}\n"
        for begin, resources in notes.items()
        if resources
    )


@dataclass(frozen=True)
class Steps:
    """The steps on this node, in the order of the fields."""

    restart: bool  # stop heartbeat first; another task starts it
    stop: tuple[Resource, ...]
    start: tuple[Resource, ...]

    @property
    def changes(self) -> bool:
        return self.restart or bool(self.stop or self.start)


def plan(current: str, wanted: str, state: State) -> Steps:
    """Plan the steps from the current file (empty if there is none) to the wanted one."""
    old, new = parse(current), parse(wanted)
    if state.running and old.preferred and old.preferred != new.preferred:
        return Steps(restart=True, stop=tuple(reversed(old.leaving)), start=())
    holds = _holds(new, state)
    # A removed address must be on no node. The other resources run on the node that has them.
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
    """Whether heartbeat reports that this node has the resources: local ones on the preferred node."""
    kind = "local" if state.nodename in wanted.preferred else "foreign"
    return state.running and state.resources in (kind, "all")
