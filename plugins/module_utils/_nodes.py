# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read heartbeat's nodes, and compare their names with the hosts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.haweb.cluster.plugins.module_utils._problems import (
    Kind,
    Problem,
    Problems,
    UnfitError,
    shown,
)

MOST_NODES = 100
LONGEST_NAME = 64  # the kernel's limit

NOT_A_DICTIONARY = Kind(
    "not_a_dictionary",
    "found {found}, but they must be a dictionary of host: what `uname -n` prints there, such as "
    "{{loadb1: loadb1, loadb2: loadb2}}",
)
SAME_NAME = Kind(
    "same_name",
    "{other} and {host} are both called {name} (heartbeat does not distinguish upper and lower case); give "
    "each host the name that `uname -n` prints there",
)
BEYOND_HEARTBEAT = Kind(
    "beyond_heartbeat",
    "there are {count}, but heartbeat knows at most {most}; make two clusters of them",
)
NOT_A_NODE = Kind(
    "not_a_node",
    "it is not among the nodes ({nodes}), so that heartbeat would not start on it; add `{host}: {uname}` to "
    "them",
)
OTHER_NAME = Kind(
    "other_name",
    "ha.cf would contain `node {declared}`, but `uname -n` prints {uname} (heartbeat lower-cases both and "
    "finds them different), so that heartbeat would not start; either write `{host}: {uname}` into the nodes "
    "of the inventory, or run `hostnamectl set-hostname {declared}` on {host}",
)
NAME_OF_OTHER = Kind(
    "name_of_other",
    "`uname -n` prints {uname}, which is the name of {other} in the inventory; either the two are swapped "
    "there, or one machine was cloned from the other and never renamed",
)


def node_name(value: object) -> str:
    """Read a node's name as heartbeat does: it converts all of them to lower case."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UnfitError("must be text")
    name = str(value).lower()
    if not name.strip():
        raise UnfitError("must not be blank")
    if len(name) > LONGEST_NAME or not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", name):
        raise UnfitError("must be a name as `uname -n` prints it: letters, digits, dots and hyphens")
    return name


def read_nodes(nodes: object, problems: Problems) -> dict[str, str]:
    """Return host -> node name in the given order, which is the order of preference."""
    if not isinstance(nodes, Mapping):
        problems.add(NOT_A_DICTIONARY, found=shown(nodes))
        return {}
    names: dict[str, str] = {}
    for host, given in nodes.items():
        name = problems.read(node_name, f"the name of {host}", given)
        if name is None:
            continue
        for other in (other for other, taken in names.items() if taken == name):
            problems.add(SAME_NAME, other=other, host=host, name=name)
        names[str(host)] = name
    if len(nodes) > MOST_NODES:
        problems.add(BEYOND_HEARTBEAT, count=len(nodes), most=MOST_NODES)
    return names


@dataclass(frozen=True)
class Verdict:
    """The result of the comparison for one host; it is complete only without problems."""

    nodename: str
    nodes: tuple[str, ...]
    problems: tuple[Problem, ...]


def judge(host: str, nodes: object, uname: str) -> Verdict:
    """Compare the name of this host in the inventory with the output of `uname -n` on it."""
    problems = Problems("The nodes")
    names = read_nodes(nodes, problems)
    about = problems.about(host)
    nodename = uname.lower()
    if not isinstance(nodes, Mapping) or host not in nodes:
        about.add(NOT_A_NODE, nodes=tuple(names) or "empty", host=host, uname=uname)
    elif host in names and names[host] != nodename:
        about.add(OTHER_NAME, declared=names[host], host=host, uname=uname)
    for other in (other for other, name in names.items() if name == nodename and other != host):
        about.add(NAME_OF_OTHER, uname=uname, other=other)
    return Verdict(nodename, tuple(names.values()), tuple(problems.found))
