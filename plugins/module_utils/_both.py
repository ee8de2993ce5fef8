# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What both directors need to hand every packet to the same real server, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.haweb.cluster.plugins.module_utils._ldirectord_config import Config, Virtual

ONE, BOTH = "one", "both"

# By the packet alone: net/netfilter/ipvs/ip_vs_mh.c hashes with a key that is the same on all machines.
SCHEDULER = "mh"


def problems(config: Config) -> list[str]:
    """Return a sentence for each thing with which the directors would choose different real servers."""
    return [
        f"Service {virtual.comment}: {problem}, and haweb_active is both, where both directors must choose "
        f"the same real server; {cure}, or remove haweb_active."
        for virtual in config.virtuals
        for problem, cure in _of(virtual)
    ]


def _of(virtual: Virtual) -> Iterator[tuple[str, str]]:
    scheduler = virtual.value("scheduler")
    if scheduler != SCHEDULER:
        yield f"scheduler is {scheduler}", "use scheduler: mh with schedflags: [mh-port, mh-fallback]"
    if virtual.place.mark:
        yield f"fwmark is {virtual.place.mark}", "make a service of each port"
    if virtual.protocol != "tcp":
        yield (
            f"protocol is {virtual.protocol}, of which each packet would arrive twice",
            "give it a virtual address on other directors",
        )
    if virtual.value("persistent"):
        yield (
            "persistent is set, which each director remembers for itself",
            "use schedflags: [mh-fallback] without mh-port, which keeps a client where it is by its address",
        )
    for option in virtual.options:
        words = option.value.split()
        if option.name == "real" and words[1] != "gate":
            yield f"real server {words[0]} has forwarding {words[1]}", "use gate"
        if option.name == "real" and any(":" in word and word[0] in "lu" for word in words[3:]):
            yield (
                f"real server {words[0]} has lower or upper, which each director counts for itself",
                "remove them",
            )
