# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: node_names
short_description: Return the node names of hosts
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Returns the name that heartbeat has for each host, C(haweb_node_name) or else the name in the inventory.
positional: _input, hostvars
options:
  _input:
    description: The names of the hosts in the inventory.
    type: list
    elements: str
    required: true
  hostvars:
    description: Ansible's C(hostvars).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the nodes
  ansible.builtin.debug:
    msg: "{{ groups['directors'] | haweb.cluster.node_names(hostvars) }}"
"""

RETURN = r"""
_value:
  description: Name of each host in the inventory, and its output of C(uname -n).
  type: dict
  sample: {loadb1: loadb1.example.com, loadb2: loadb2}
"""

from collections.abc import Callable

from ansible_collections.haweb.cluster.plugins.plugin_utils._model.hosts import node_names


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"node_names": node_names}
