# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Know heartbeat's nodes: which host goes by which name, and whether the names can be right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.haweb.cluster.plugins.module_utils._values import Problems, UnfitError, line, shown

MOST_NODES = 100
LONGEST_NAME = 64  # what the kernel keeps of a name


def node_name(value: object) -> str:
    """Read a name as heartbeat will use it: it lower-cases its own, ha.cf's and haresources' names alike."""
    found = line(value).lower()
    if len(found) > LONGEST_NAME or not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", found):
        raise UnfitError("must be a name as `uname -n` prints it: letters, digits, dots and hyphens")
    return found


def read_nodes(nodes: object, problems: Problems) -> dict[str, str]:
    """Return host -> node name in the given order, which is the order of preference."""
    if not isinstance(nodes, Mapping):
        problems.say(
            f"found {shown(nodes)}, but they must be a dictionary of host: what `uname -n` prints there, "
            "such as {loadb1: loadb1, loadb2: loadb2}"
        )
        return {}
    names: dict[str, str] = {}
    for host, given in nodes.items():
        name = problems.read(node_name, f"the name of {host}", given)
        if name is None:
            continue
        for other in (other for other, taken in names.items() if taken == name):
            problems.say(
                f"{other} and {host} are both called {name} (heartbeat does not tell upper from lower case); "
                "give each host the name that `uname -n` prints there"
            )
        names[str(host)] = name
    if len(nodes) > MOST_NODES:
        problems.say(
            f"there are {len(nodes)}, but heartbeat knows at most {MOST_NODES}; make two clusters of them"
        )
    return names


@dataclass(frozen=True)
class Verdict:
    """How a host stands among the nodes; only without problems is it complete."""

    nodename: str
    nodes: tuple[str, ...]
    problems: tuple[str, ...]


def judge(host: str, nodes: object, uname: str) -> Verdict:
    """Compare what the inventory calls this host with what `uname -n` prints on it."""
    problems = Problems("The nodes", [])
    names = read_nodes(nodes, problems)
    about = problems.about(host)
    nodename = uname.lower()
    if not isinstance(nodes, Mapping) or host not in nodes:
        known = ", ".join(names) or "empty"
        about.say(
            f"it is not among the nodes ({known}), so that heartbeat would not start on it; "
            f"add `{host}: {uname}` to them"
        )
    elif host in names and names[host] != nodename:
        about.say(_mismatch(host, names[host], uname))
    for other in (other for other, name in names.items() if name == nodename and other != host):
        about.say(
            f"`uname -n` prints {uname}, which is the name of {other} in the inventory; "
            "either the two are swapped there, or one machine was cloned from the other and never renamed"
        )
    return Verdict(nodename, tuple(names.values()), tuple(problems.sentences))


def _mismatch(host: str, declared: str, uname: str) -> str:
    return (
        f"ha.cf would say `node {declared}`, but `uname -n` prints {uname} (heartbeat lower-cases both "
        f"and finds them different), so that heartbeat would not start; either write `{host}: {uname}` "
        f"into the nodes of the inventory, or run `hostnamectl set-hostname {declared}` on {host}"
    )
