#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: shared_mac_check
short_description: Check that the network delivers packets to both directors
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
extends_documentation_fragment:
  - haweb.cluster.changes_nothing
description:
  - Tests the network between directors that all take the packets of a virtual address. Each sends a
    broadcast, frames to the MACs of the virtual addresses, which no card has, and ARP replies with these
    MACs, and must receive those of the others.
  - Must run on all directors at the same time, and ends when each has received all frames. It fails if it
    runs on a single director, or on one after the other.
  - Fails with a sentence for each missing frame, which names what to change in the network.
  - Changes nothing. Its frames have the Ethernet type 0x88B5, which IEEE 802 reserves for local experiments,
    so that no other program reads them. The cards accept the MACs only while it runs. Its ARP replies have
    these MACs as their destination, so that only the directors receive them.
options:
  macs:
    description: The virtual addresses, and the MAC of each (see P(haweb.cluster.shared_mac#filter)).
    type: dict
    required: true
  interface:
    description: The network card of the virtual addresses.
    type: str
    required: true
  address:
    description: This director's own address, which the others use to name it.
    type: str
    required: true
  peers:
    description: The other directors' own addresses.
    type: list
    elements: str
    required: true
  timeout:
    description: Seconds to wait for the others.
    type: float
    default: 10
seealso:
  - plugin: haweb.cluster.shared_mac
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Check that packets of clients would reach both directors
  haweb.cluster.shared_mac_check:
    macs: {192.168.0.105: "02:00:c0:a8:00:69"}
    interface: eth0
    address: "{{ haweb_address }}"
    peers: "{{ haweb_node_addresses | difference([haweb_address]) }}"
"""

RETURN = r"""
problems:
  description: The sentences of the error message.
  returned: failure
  type: list
  elements: str
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._flooding import Wanted, problems, try_network


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "macs": {"type": "dict", "required": True},
            "interface": {"type": "str", "required": True},
            "address": {"type": "str", "required": True},
            "peers": {"type": "list", "elements": "str", "required": True},
            "timeout": {"type": "float", "default": 10},
        },
        supports_check_mode=True,
    )
    host, timeout = os.uname().nodename, module.params.pop("timeout")
    wanted = Wanted(**{**module.params, "peers": tuple(module.params["peers"])})
    try:
        seen = try_network(wanted, timeout)
    except OSError as why:
        module.fail_json(
            msg=f"{host}: cannot send frames on the interface '{wanted.interface}': {why.strerror or why}. "
            "interface must be a network card of this host that is up (`ip link` lists them), and the task "
            "must run as root (become: true)."
        )
    found = [f"{host}: {problem}." for problem in problems(seen, wanted, timeout)]
    if found:
        module.fail_json(msg=" ".join(found), problems=found)
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
