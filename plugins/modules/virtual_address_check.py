#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: virtual_address_check
short_description: Check that a host can have virtual addresses
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
extends_documentation_fragment:
  - haweb.cluster.changes_nothing
description:
  - Finds problems of virtual addresses before a host gets them. Fails with all problems at once, each a
    sentence with its cure.
  - For a director, that is an interface that does not exist or is down; an address outside the interface's
    network; an address that a node has as its own, that the operating system configures, or for which
    another host on the network answers; and an interface without a broadcast address on which heartbeat
    will broadcast.
  - For a real server, that is an address on any interface other than the loopback.
  - Changes nothing. It finds other hosts with ARP probes, which claim no address (RFC 5227).
options:
  addresses:
    description: The virtual addresses, each with the prefix of the interface.
    type: list
    elements: str
    required: true
  place:
    description:
      - Where the addresses will be.
      - V(interface) on a director, where heartbeat moves them; V(loopback) on a real server.
    type: str
    choices: [interface, loopback]
    default: interface
  interface:
    description: The interface of the addresses; required for O(place=interface).
    type: str
  broadcast_interfaces:
    description: The interfaces on which heartbeat will broadcast.
    type: list
    elements: str
    default: []
  peers:
    description:
      - The nodes' own addresses on O(interface). A node may already have the virtual address; its answer is
        no conflict.
    type: list
    elements: str
    default: []
  probe:
    description: Whether to send ARP probes; only for O(place=interface).
    type: bool
    default: true
  timeout:
    description: Seconds to wait for answers.
    type: float
    default: 1.5
seealso:
  - module: haweb.cluster.node_name
"""

EXAMPLES = r"""
- name: Check the virtual addresses of a director
  haweb.cluster.virtual_address_check:
    addresses: [192.168.0.105/24]
    interface: eth0
    broadcast_interfaces: [eth0]
    peers: [192.168.0.103, 192.168.0.104]

- name: Check the virtual addresses of a real server
  haweb.cluster.virtual_address_check:
    addresses: [192.168.0.105/24]
    place: loopback
"""

RETURN = r"""
heartbeat_running:
  description: Whether heartbeat runs on this machine.
  returned: always
  type: bool
claims:
  description: MAC addresses of the hosts that answered for O(addresses) and O(peers).
  returned: always
  type: dict
  sample:
    192.168.0.103: ["52:54:00:00:00:03"]
    192.168.0.105: []
problems:
  description: The sentences of the error message.
  returned: failure
  type: list
  elements: str
"""

import os
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._addresses import host_address, virtual_address
from ansible_collections.haweb.cluster.plugins.module_utils._arp import who_has
from ansible_collections.haweb.cluster.plugins.module_utils._ask_heartbeat import heartbeat_runs
from ansible_collections.haweb.cluster.plugins.module_utils._interfaces import parse_interfaces
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Problems
from ansible_collections.haweb.cluster.plugins.module_utils._virtual_address import (
    INTERFACE,
    LOOPBACK,
    NO_RIGHT_TO_PROBE,
    Machine,
    Wanted,
    check_strangers,
    judge,
)

ETC = Path("/etc")
NETWORK_FILES = (
    "network/interfaces",
    "network/interfaces.d/*",
    "systemd/network/*.network",
    "netplan/*.y*ml",
    "NetworkManager/system-connections/*",
)


def look_at_machine(module: AnsibleModule) -> Machine:
    ip = module.get_bin_path("ip", required=True)
    _rc, out, _err = module.run_command([ip, "-json", "address"], check_rc=True)
    haresources = ETC / "ha.d/haresources"
    paths = [path for pattern in NETWORK_FILES for path in sorted(ETC.glob(pattern)) if path.is_file()]
    return Machine(
        interfaces=parse_interfaces(out),
        heartbeat_runs=heartbeat_runs(),
        files={str(path): path.read_text(errors="replace") for path in paths},
        haresources=haresources.read_text(errors="replace") if haresources.exists() else "",
    )


def read_wanted(params: dict[str, Any], problems: Problems) -> Wanted:
    addresses = (
        problems.read(virtual_address, "the virtual address", given) for given in params["addresses"]
    )
    peers = (problems.read(host_address, "the address of a peer", given) for given in params["peers"])
    return Wanted(
        addresses=tuple(address for address in addresses if address),
        place=params["place"],
        interface=params["interface"],
        broadcast_interfaces=tuple(params["broadcast_interfaces"]),
        peers=tuple(peer for peer in peers if peer),
    )


def ask_network(
    wanted: Wanted, machine: Machine, timeout: float, problems: Problems
) -> dict[IPv4Address, set[str]]:
    device = machine.interface(wanted.interface)
    if wanted.place != INTERFACE or device is None or not device.is_up:
        return {}
    try:
        return who_has(device.name, {*(address.ip for address in wanted.addresses), *wanted.peers}, timeout)
    except PermissionError:
        problems.add(NO_RIGHT_TO_PROBE)
        return {}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "addresses": {"type": "list", "elements": "str", "required": True},
            "place": {"type": "str", "choices": [INTERFACE, LOOPBACK], "default": INTERFACE},
            "interface": {"type": "str"},
            "broadcast_interfaces": {"type": "list", "elements": "str", "default": []},
            "peers": {"type": "list", "elements": "str", "default": []},
            "probe": {"type": "bool", "default": True},
            "timeout": {"type": "float", "default": 1.5},
        },
        required_if=[("place", INTERFACE, ("interface",))],
        supports_check_mode=True,
    )
    problems = Problems(os.uname().nodename)
    wanted = read_wanted(module.params, problems)
    try:
        machine = look_at_machine(module)
    except PermissionError as why:
        module.fail_json(
            msg=f"{problems.where}: cannot read {why.filename}; run the task as root (become: true)."
        )
    judge(wanted, machine, problems)
    claims = (
        ask_network(wanted, machine, module.params["timeout"], problems) if module.params["probe"] else {}
    )
    check_strangers(claims, wanted, machine, problems)
    result = {
        "changed": False,
        "heartbeat_running": machine.heartbeat_runs,
        "claims": {str(ip): sorted(macs) for ip, macs in claims.items()},
    }
    if problems.sentences:
        module.fail_json(msg=" ".join(problems.sentences), problems=problems.sentences, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
