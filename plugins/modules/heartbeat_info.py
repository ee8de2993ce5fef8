#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: heartbeat_info
short_description: Show what heartbeat thinks of the cluster, and wait until it has settled
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Returns whether heartbeat runs on this node, what it thinks of the other nodes, and what this node holds.
  - Changes nothing.
options:
  addresses:
    description: The virtual addresses to look for on this node, with or without their prefix.
    type: list
    elements: str
    default: []
  wait:
    description:
      - Wait until heartbeat runs, knows each node to be active or dead, and has no resource in transition.
      - A node may hold nothing as long as another one is active; with C(auto_failback off) that is how a node
        comes back.
    type: bool
    default: false
  interface:
    description:
      - The interface on which O(wait) asks the network (by ARP, which needs root) for those of O(addresses)
        that are not on this node, until somebody has each of them.
      - Without it nobody is asked. Heartbeat's own word is not enough, since under load the nodes can lose
        the message by which one of them takes the resources.
    type: str
  timeout:
    description: How many seconds to wait.
    type: float
    default: 60
attributes:
  check_mode:
    description:
      - Can run in check mode, since it never changes anything.
      - It then does not wait for a heartbeat that nobody has started.
    support: full
  diff_mode:
    description: Has nothing to show, since it never changes anything.
    support: none
seealso:
  - module: haweb.cluster.ipvs_info
  - module: haweb.cluster.node_name
"""

EXAMPLES = r"""
- name: Wait until the cluster has settled
  haweb.cluster.heartbeat_info:
    addresses: [192.168.0.105/24]
    interface: eth0
    wait: true
  register: heartbeat

- name: Say who is active
  ansible.builtin.debug:
    msg: "{{ heartbeat.nodename }} holds {{ heartbeat.addresses | join(', ') | default('nothing', true) }}."
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
  description: What heartbeat thinks of each node.
  returned: always
  type: dict
  sample: {loadb1: active, loadb2: dead}
resources:
  description:
    - What this node holds, namely V(local) (the resources that prefer it), V(foreign) (all others), V(all) or
      V(none); V(transition) while that changes.
    - Null when heartbeat does not run.
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
  description: Those of O(addresses) for which nobody has answered on O(interface).
  returned: always
  type: list
  elements: str
  sample: []
settled:
  description: Whether what O(wait) waits for is true.
  returned: always
  type: bool
"""

import os
from dataclasses import asdict, replace
from ipaddress import IPv4Address

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._arp import who_has
from ansible_collections.haweb.cluster.plugins.module_utils._cl_status import State
from ansible_collections.haweb.cluster.plugins.module_utils._interfaces import parse_interfaces
from ansible_collections.haweb.cluster.plugins.module_utils._values import UnfitError, host_address
from ansible_collections.haweb.cluster.plugins.module_utils._waiting import wait_until

# Seconds in which whoever has an address must have said so.
ANSWER = 0.6


class SilentError(Exception):
    """cl_status has no answer; the message is its reason."""


def ask(module: AnsibleModule, program: str, *arguments: str, good: tuple[int, ...] = (0,)) -> str:
    code, out, err = module.run_command([program, *arguments])
    if code not in good:
        raise SilentError(" ".join((err or out).split()) or f"{arguments[0]} ended with {code}")
    return str(out).strip()


def held(module: AnsibleModule, addresses: list[IPv4Address]) -> tuple[str, ...]:
    if not addresses:
        return ()
    ip = module.get_bin_path("ip", required=True)
    _rc, out, _err = module.run_command([ip, "-json", "address"], check_rc=True)
    interfaces = [interface for interface in parse_interfaces(out) if not interface.is_loopback]
    return tuple(str(address) for address in addresses if any(address in found for found in interfaces))


def look(module: AnsibleModule, nodename: str, addresses: list[IPv4Address]) -> State:
    program, here = module.get_bin_path("cl_status"), held(module, addresses)
    if program is None or module.run_command([program, "hbstatus"])[0] != 0:
        return State(running=False, nodename=nodename, addresses=here)
    try:
        names = sorted(ask(module, program, "listnodes", "-n").split())
        return State(
            running=True,
            nodename=nodename,
            # A dead node is an answer too, and cl_status ends with 1 to say so.
            nodes={name: ask(module, program, "nodestatus", name, good=(0, 1)) for name in names},
            resources=ask(module, program, "rscstatus"),
            addresses=here,
        )
    except SilentError as why:
        return State(running=True, nodename=nodename, addresses=here, error=str(why))


def look_around(module: AnsibleModule, state: State, addresses: list[IPv4Address], interface: str) -> State:
    """Add which of the addresses nobody has; before heartbeat has settled that is no news."""
    elsewhere = [address for address in addresses if str(address) not in state.addresses]
    if not state.settled or not elsewhere:
        return state
    try:
        claims = who_has(interface, elsewhere, ANSWER)
    except OSError as why:
        module.fail_json(
            msg=f"{os.uname().nodename}: cannot ask by ARP on the interface '{interface}' who has "
            f"{', '.join(map(str, elsewhere))}: {why.strerror}. interface must be a network card of this "
            "host (`ip link` lists them), and the task must run as root (become: true)."
        )
    return replace(state, unheld=tuple(str(address) for address in elsewhere if not claims[address]))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "addresses": {"type": "list", "elements": "str", "default": []},
            "interface": {"type": "str"},
            "wait": {"type": "bool", "default": False},
            "timeout": {"type": "float", "default": 60},
        },
        supports_check_mode=True,
    )
    host, timeout = os.uname().nodename, module.params["timeout"]
    interface = module.params["interface"]
    try:
        addresses = [host_address(given.partition("/")[0]) for given in module.params["addresses"]]
    except UnfitError as why:
        module.fail_json(msg=f"{host}: one of addresses cannot be used: it {why}.")
    waits = module.params["wait"] and not module.check_mode
    seen: list[State] = []

    def look_again() -> State:
        state = look(module, host.lower(), addresses)
        seen.append(look_around(module, state, addresses, interface) if waits and interface else state)
        return seen[-1]

    # Just after its start heartbeat holds nothing and says so: one look could mistake that for settled.
    state, good = wait_until(
        look_again, lambda now: not waits or (now.settled and seen[-2:-1] == [now]), timeout if waits else 0
    )
    result = {**asdict(state), "settled": state.settled, "changed": False}
    error = result.pop("error")
    if waits and not good:
        module.fail_json(msg=state.problem(host, timeout), **result)
    if error:
        module.fail_json(msg=f"{host}: heartbeat runs, but cl_status says: {error}.", **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
