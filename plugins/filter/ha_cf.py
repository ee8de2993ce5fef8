# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: ha_cf
short_description: Convert directives and nodes to an ha.cf
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Converts heartbeat's directives to the lines of C(ha.cf), in an order that heartbeat accepts (logging and
    C(udpport) before the media), with a C(node) line for each node.
  - Adds the defaults. A directive that is V(null) writes no line, so that heartbeat's own default applies.
  - If no medium is set, heartbeat uses broadcast and multicast on the interface.
  - If C(ping) or C(ping_group) is set and C(respawn) is not, C(ipfail) is started and allowed to connect.
  - Fails with all problems if heartbeat would reject the file.
positional: _input, nodes, interface
options:
  _input:
    description:
      - The directives, with heartbeat's names.
      - Times are seconds (V(2), V(1.7)) or milliseconds (V(500ms)).
      - Directives that may be repeated (C(bcast), C(mcast), C(ucast), C(ping), C(respawn) and others) take a
        list, one line for each element.
    type: dict
    required: true
  nodes:
    description: Inventory name of each node and its C(uname -n), in the order of preference.
    type: dict
    required: true
  interface:
    description: The interface for heartbeats if no medium is set.
    type: str
    required: true
requirements:
  - netaddr
seealso:
  - plugin: haweb.cluster.haresources
    plugin_type: filter
  - plugin: haweb.cluster.heartbeat_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the lines of ha.cf
  ansible.builtin.debug:
    msg: "{{ {'deadtime': 3} | haweb.cluster.ha_cf({'loadb1': 'loadb1', 'loadb2': 'loadb2'}, 'eth0') }}"

# A template needs no more than this:
#
# {% for directive in directives | haweb.cluster.ha_cf(nodes, interface) %}
# {{ directive.name }} {{ directive.value }}
# {% endfor %}
"""

RETURN = r"""
_value:
  description: The lines of the file.
  type: list
  elements: dict
  contains:
    name:
      description: The directive.
      type: str
      sample: mcast
    value:
      description: The arguments of the directive.
      type: str
      sample: eth0 225.0.0.1 694 1 0
"""

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.module_utils._nodes import read_nodes
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.read import (
    ABOUT_NODES,
    HEARTBEAT,
    read_directives,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.render import ha_cf_lines


def ha_cf(directives: object, nodes: object, interface: object) -> list[dict[str, str]]:
    problems = Problems(HEARTBEAT)
    names = read_nodes(nodes, problems.about(ABOUT_NODES))
    settled = read_directives(directives, interface, problems)
    if problems.found:
        raise AnsibleFilterError(f"No ha.cf can be made of this. {' '.join(problems.sentences)}")
    return ha_cf_lines(settled, names.values())


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"ha_cf": ha_cf}
