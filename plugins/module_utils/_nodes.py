# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Know heartbeat's nodes: which host goes by which name, and whether the names can be right."""

from __future__ import annotations

import re
from collections.abc import Mapping

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
