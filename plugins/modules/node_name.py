#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: node_name
short_description: Check a host's name against heartbeat's configuration
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
extends_documentation_fragment:
  - haweb.cluster.changes_nothing
description:
  - Compares the name of a node in the inventory with the output of C(uname -n) on it, as heartbeat does when
    it starts. heartbeat converts both to lower case, and so does this module.
  - Also checks the whole set for missing or invalid names, names of two hosts, a host with another host's
    name, a host that is not in the set, and more than 100 nodes.
  - Fails with all problems at once, each a sentence with its cure. Run it on every node before anything is
    written.
options:
  host:
    description: The name of this host in the inventory, usually C(inventory_hostname).
    type: str
    required: true
  nodes:
    description: Inventory name of each node and its C(uname -n), in the order of preference.
    type: dict
    required: true
seealso:
  - plugin: haweb.cluster.ha_cf
    plugin_type: filter
  - module: haweb.cluster.heartbeat_info
"""

EXAMPLES = r"""
- name: Check the name of every node before anything is written
  haweb.cluster.node_name:
    host: "{{ inventory_hostname }}"
    nodes:
      loadb1: loadb1
      loadb2.example.com: loadb2
"""

RETURN = r"""
nodename:
  description: The output of C(uname -n), in lower case.
  returned: always
  type: str
  sample: loadb1
nodes:
  description: The names of all nodes, in lower case and in the order of preference.
  returned: always
  type: list
  elements: str
  sample: [loadb1, loadb2]
preferred:
  description: Whether this host is the first of the nodes.
  returned: always
  type: bool
  sample: true
problems:
  description: The sentences of the error message.
  returned: failure
  type: list
  elements: str
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._nodes import judge
from ansible_collections.haweb.cluster.plugins.module_utils._problems import sentences


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "host": {"type": "str", "required": True},
            "nodes": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    verdict = judge(module.params["host"], module.params["nodes"], os.uname().nodename)
    result = {
        "changed": False,
        "nodename": verdict.nodename,
        "nodes": list(verdict.nodes),
        "preferred": verdict.nodes[:1] == (verdict.nodename,),
    }
    problems = sentences(verdict.problems)
    if problems:
        module.fail_json(msg=" ".join(problems), problems=problems, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
