#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: heartbeat_info
short_description: Show heartbeat's view of the cluster, and wait until it is stable
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
extends_documentation_fragment:
  - haweb.cluster.changes_nothing
description:
  - Returns whether heartbeat runs on this node, its state of the other nodes, and what this node has.
  - Changes nothing.
options:
  addresses:
    description: The virtual addresses to look for on this node, with or without their prefix.
    type: list
    elements: str
    default: []
  wait:
    description:
      - Wait until heartbeat runs, each node is active or dead, and no resource is in transition.
      - A node may have no resources while another one is active; with C(auto_failback off) that is the state
        of a node that returns.
    type: bool
    default: false
  interface:
    description:
      - The interface on which to find out with ARP, which needs root, which machines have O(addresses).
        O(wait) then waits until exactly one machine has each of them.
      - Without it no ARP request is sent. heartbeat's own state is not sufficient. Under load the nodes can
        lose the message with which one of them takes the resources, and nodes that do not receive each
        other's heartbeats both take them.
    type: str
  peers:
    description:
      - The nodes' own addresses on O(interface), which errors use to name the nodes.
    type: list
    elements: str
    default: []
  active_nodes:
    description: Nodes that heartbeat must report as active before O(wait) ends, in lower case.
    type: list
    elements: str
    default: []
  udpport:
    description: The UDP port of the heartbeats, for the error on nodes that do not receive them.
    type: int
    default: 694
  timeout:
    description: Seconds to wait.
    type: float
    default: 60
attributes:
  check_mode:
    description:
      - Can run in check mode, because it never changes anything.
      - In check mode it does not wait for a heartbeat that does not run.
seealso:
  - module: haweb.cluster.ipvs_info
  - module: haweb.cluster.node_name
"""

EXAMPLES = r"""
- name: Wait until the cluster has settled
  haweb.cluster.heartbeat_info:
    addresses: [192.168.0.105/24]
    interface: eth0
    peers: [192.168.0.103, 192.168.0.104]
    active_nodes: [loadb1, loadb2]
    wait: true
  register: heartbeat

- name: Show the addresses of this node
  ansible.builtin.debug:
    msg: "{{ heartbeat.nodename }} has {{ heartbeat.addresses | join(', ') | default('nothing', true) }}."
"""

RETURN = r"""
running:
  description: Whether heartbeat runs on this node.
  returned: always
  type: bool
nodename:
  description: The name of this node, in lower case as heartbeat uses it.
  returned: always
  type: str
  sample: loadb1
nodes:
  description: heartbeat's state of each node.
  returned: always
  type: dict
  sample: {loadb1: active, loadb2: dead}
resources:
  description:
    - The resources that this node has, namely V(local) (those that prefer it), V(foreign) (all others),
      V(all) or V(none); V(transition) while that changes.
    - Null if heartbeat does not run.
  returned: always
  type: str
  sample: all
addresses:
  description: Those of O(addresses) that are on an interface of this node, without their prefix.
  returned: always
  type: list
  elements: str
  sample: [192.168.0.105]
unheld:
  description: Those of O(addresses) that no machine on O(interface) has.
  returned: always
  type: list
  elements: str
  sample: []
contested:
  description: Those of O(addresses) that more than one machine has, and these machines.
  returned: always
  type: dict
  sample: {192.168.0.105: [loadb1, "192.168.0.104 (52:54:00:00:00:04)"]}
missed:
  description: Those of O(active_nodes) that heartbeat reports as not active.
  returned: always
  type: list
  elements: str
  sample: []
settled:
  description: Whether the condition of O(wait) is met.
  returned: always
  type: bool
"""

import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from ipaddress import IPv4Address

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._addresses import host_address
from ansible_collections.haweb.cluster.plugins.module_utils._arp import shared_macs, who_has
from ansible_collections.haweb.cluster.plugins.module_utils._ask_heartbeat import look, read_interfaces
from ansible_collections.haweb.cluster.plugins.module_utils._cl_status import ACTIVE, State
from ansible_collections.haweb.cluster.plugins.module_utils._problems import UnfitError
from ansible_collections.haweb.cluster.plugins.module_utils._waiting import wait_until

# Seconds within which a machine must answer for its address.
ANSWER = 0.6


def look_around(
    module: AnsibleModule, state: State, addresses: Sequence[IPv4Address], peers: Sequence[IPv4Address]
) -> State:
    """Add the addresses that no machine has, and those that more than one machine has."""
    interface = module.params["interface"]
    if not addresses:
        return state
    try:
        claims = who_has(interface, {*addresses, *peers}, ANSWER)
    except OSError as why:
        module.fail_json(
            msg=f"{os.uname().nodename}: cannot ask by ARP on the interface '{interface}' who has "
            f"{', '.join(map(str, addresses))}: {why.strerror}. interface must be a network card of this "
            "host (`ip link` lists them), and the task must run as root (become: true)."
        )
    own = {card.mac for card in read_interfaces(module)}
    names = {mac: f"{peer} ({mac})" for peer in peers for mac in claims[peer]}
    owners = {
        str(address): [state.nodename] * (str(address) in state.addresses)
        # If both directors take packets, they answer with a shared MAC, which no card has.
        + [names.get(mac, mac) for mac in sorted(claims[address] - own - shared_macs(address))]
        # The other director has the address, and answers with the shared MAC.
        or sorted(claims[address] & shared_macs(address))
        for address in addresses
    }
    return replace(
        state,
        unheld=tuple(address for address, machines in owners.items() if not machines),
        contested={address: tuple(machines) for address, machines in owners.items() if len(machines) > 1},
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "addresses": {"type": "list", "elements": "str", "default": []},
            "wait": {"type": "bool", "default": False},
            "interface": {"type": "str"},
            "peers": {"type": "list", "elements": "str", "default": []},
            "active_nodes": {"type": "list", "elements": "str", "default": []},
            "udpport": {"type": "int", "default": 694},
            "timeout": {"type": "float", "default": 60},
        },
        supports_check_mode=True,
    )
    host, timeout = os.uname().nodename, module.params["timeout"]
    try:
        addresses = [host_address(given.partition("/")[0]) for given in module.params["addresses"]]
        peers = [host_address(given) for given in module.params["peers"]]
    except UnfitError as why:
        module.fail_json(msg=f"{host}: one of addresses or peers cannot be used: it {why}.")
    waits = module.params["wait"] and not module.check_mode
    seen: list[State] = []

    def look_again() -> State:
        state = look(module, host.lower(), addresses)
        # Before heartbeat has settled, an address without a machine is normal.
        if module.params["interface"] and (state.settled or not waits):
            state = look_around(module, state, addresses, peers)
        missed = [name for name in module.params["active_nodes"] if state.nodes.get(name) != ACTIVE]
        seen.append(replace(state, missed=tuple(missed)))
        return seen[-1]

    # Directly after its start heartbeat reports no resources, which looks like a settled state. So look more
    # than once.
    state, good = wait_until(
        look_again, lambda now: not waits or (now.settled and seen[-2:-1] == [now]), timeout if waits else 0
    )
    result = {**asdict(state), "settled": state.settled, "changed": False}
    error = result.pop("error")
    if waits and not good:
        module.fail_json(msg=state.problem(host, timeout, module.params["udpport"]), **result)
    if error:
        module.fail_json(msg=f"{host}: heartbeat runs, but cl_status reports: {error}.", **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
