# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: haresources
short_description: Convert virtual addresses to a haresources file
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Converts virtual addresses and resources to the line of C(haresources) that keeps all of them on one node.
  - V(VirtualAddress) or V(IPaddr2) without arguments among the resources means all addresses, each as one
    resource of this script.
  - heartbeat starts from left to right and stops from right to left. Put this word at the end, so that a node
    accepts clients only after everything else has started.
  - Fails with a sentence for each address or word that heartbeat cannot use.
positional: _input, nodes, interface, resources
options:
  _input:
    description: The virtual addresses, each with the prefix of the interface.
    type: list
    elements: str
    required: true
  nodes:
    description: Inventory name of each node and its C(uname -n); the first is the preferred node.
    type: dict
    required: true
  interface:
    description: The interface of the addresses.
    type: str
    required: true
  resources:
    description: heartbeat's resources in this order, in the syntax of haresources.
    type: list
    elements: str
    default: [VirtualAddress]
requirements:
  - netaddr
seealso:
  - plugin: haweb.cluster.ha_cf
    plugin_type: filter
  - plugin: haweb.cluster.heartbeat_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the lines of haresources
  ansible.builtin.debug:
    msg: "{{ ['192.168.0.105/24'] | haweb.cluster.haresources(nodes, 'eth0', ['MailTo::root', 'IPaddr2']) }}"
  vars:
    nodes:
      loadb1: loadb1
      loadb2: loadb2

# A template needs no more than this:
#
# {% for words in addresses | haweb.cluster.haresources(nodes, interface, resources) %}
# {{ words | join(' ') }}
# {% endfor %}
"""

RETURN = r"""
_value:
  description: The lines of the file, each a list of words of which the first is the preferred node.
  type: list
  elements: list
  sample:
    - - loadb1
      - MailTo::root
      - IPaddr2::192.168.0.105/24/eth0/192.168.0.255
"""

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.module_utils._nodes import read_nodes
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.problems import NO_PREFERRED_NODE
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.read import (
    ABOUT_NODES,
    HEARTBEAT,
    read_addresses,
    read_interface,
    read_resources,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.render import haresources_lines


def haresources(
    addresses: object, nodes: object, interface: object, resources: object = ("VirtualAddress",)
) -> list[list[str]]:
    problems = Problems(HEARTBEAT)
    about_nodes = problems.about(ABOUT_NODES)
    names = list(read_nodes(nodes, about_nodes).values())
    if not names:
        about_nodes.add(NO_PREFERRED_NODE)
    device = read_interface(interface, problems)
    words = read_resources(resources, problems)
    carried = read_addresses(addresses, problems)
    if device is None or problems.found:
        raise AnsibleFilterError(f"No haresources can be made of this. {' '.join(problems.sentences)}")
    return haresources_lines(names[0], carried, device, words)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"haresources": haresources}
