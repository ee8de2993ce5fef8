#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_info
short_description: Show the kernel's IPVS table, and wait until it serves
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
extends_documentation_fragment:
  - haweb.cluster.changes_nothing
description:
  - Returns whether the running kernel has IPVS, the virtual services, their real servers and the state of
    the connection synchronisation.
  - Changes nothing. It does not load the module C(ip_vs), as C(ipvsadm) would.
options:
  required:
    description:
      - Fail if the kernel has no IPVS, with a sentence that names the kernel, and the Debian package of a
        kernel that has it.
    type: bool
    default: false
  wait_for:
    description:
      - Virtual services, each as C(address:port), that must have a real server with a weight above zero.
      - A real server on a loopback address does not count; that is ldirectord's fallback.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait for the services in O(wait_for).
    type: float
    default: 30
attributes:
  check_mode:
    description:
      - Can run in check mode, because it never changes anything.
      - In check mode it does not wait for services.
seealso:
  - module: haweb.cluster.heartbeat_info
"""

EXAMPLES = r"""
- name: Refuse a kernel without IPVS
  haweb.cluster.ipvs_info:
    required: true

- name: Wait until the service has a real server
  haweb.cluster.ipvs_info:
    wait_for:
      - 192.168.0.105:80
    timeout: 20
  register: ipvs
"""

RETURN = r"""
kernel:
  description: The release of the running kernel.
  returned: always
  type: str
  sample: 6.1.0-40-amd64
available:
  description: Whether IPVS is loaded or can be loaded.
  returned: always
  type: bool
loaded:
  description: Whether IPVS is loaded; without it the table is empty.
  returned: always
  type: bool
ipvsadm:
  description: Whether the program C(ipvsadm) is installed; without it the table cannot be read.
  returned: always
  type: bool
services:
  description: The virtual services.
  returned: always
  type: list
  elements: dict
  contains:
    protocol:
      description: V(tcp), V(udp), V(sctp) or V(fwm).
      type: str
    address:
      description: The virtual address, or the firewall mark.
      type: str
    port:
      description: The port, V(0) for a firewall mark.
      type: int
    scheduler:
      description: The scheduler.
      type: str
    flags:
      description: The flags of the scheduler.
      type: list
      elements: str
    persistent:
      description: Seconds for which a client stays on its real server.
      type: int
    netmask:
      description: Size of the networks that count as one client for persistence.
      type: str
    real_servers:
      description: The real servers.
      type: list
      elements: dict
      contains:
        address:
          description: The address.
          type: str
        port:
          description: The port.
          type: int
        forwarding:
          description: V(gate), V(masq), V(ipip) or V(local).
          type: str
        weight:
          description: The weight; with V(0) it gets no new connections.
          type: int
        active:
          description: The number of established connections.
          type: int
        inactive:
          description: The number of other connections.
          type: int
daemons:
  description: The daemons that send connections to another director, or receive them.
  returned: always
  type: list
  elements: dict
  contains:
    state:
      description: V(master) sends, V(backup) receives.
      type: str
    interface:
      description: The interface that it uses.
      type: str
    syncid:
      description: The number that both directors must use.
      type: int
"""

import os
from dataclasses import asdict
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._ipvs import (
    Kernel,
    Service,
    cannot_wait,
    lacking,
    parse_daemons,
    parse_table,
    waited_in_vain,
)
from ansible_collections.haweb.cluster.plugins.module_utils._waiting import wait_until

LOADED = Path("/proc/net/ip_vs")
MODULES = Path("/lib/modules")
CONTAINER_MARKS = (Path("/run/systemd/container"), Path("/.dockerenv"), Path("/run/.containerenv"))


def look_at_kernel(module: AnsibleModule) -> Kernel:
    uname = os.uname()
    modprobe = module.get_bin_path("modprobe")
    return Kernel(
        host=uname.nodename,
        release=uname.release,
        machine=uname.machine,
        loaded=LOADED.exists(),
        loadable=bool(modprobe) and module.run_command([modprobe, "--dry-run", "--quiet", "ip_vs"])[0] == 0,
        has_modules=(MODULES / uname.release).is_dir(),
        is_container=any(mark.exists() for mark in CONTAINER_MARKS),
    )


def ask_ipvsadm(module: AnsibleModule, ipvsadm: str | None, *arguments: str) -> str:
    # ipvsadm would load ip_vs to answer, but this module changes nothing.
    if ipvsadm is None or not LOADED.exists():
        return ""
    _rc, out, _err = module.run_command([ipvsadm, *arguments], check_rc=True)
    return str(out)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "required": {"type": "bool", "default": False},
            "wait_for": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "float", "default": 30},
        },
        supports_check_mode=True,
    )
    timeout = module.params["timeout"]
    wanted = [] if module.check_mode else module.params["wait_for"]
    kernel, ipvsadm = look_at_kernel(module), module.get_bin_path("ipvsadm")

    def look() -> tuple[Service, ...]:
        return parse_table(ask_ipvsadm(module, ipvsadm, "--list", "--numeric"))

    result = {
        "changed": False,
        "kernel": kernel.release,
        "available": kernel.available,
        "loaded": kernel.loaded,
        "ipvsadm": bool(ipvsadm),
        "services": [],
        "daemons": [],
    }
    if module.params["required"] and not kernel.available:
        module.fail_json(msg=kernel.problem(), **result)
    if wanted and ipvsadm is None:
        module.fail_json(msg=cannot_wait(kernel.host, wanted), **result)
    services, good = wait_until(look, lambda seen: not lacking(wanted, seen), timeout)
    result["services"] = [asdict(service) for service in services]
    daemons = parse_daemons(ask_ipvsadm(module, ipvsadm, "--list", "--daemon"))
    result["daemons"] = [asdict(daemon) for daemon in daemons]
    result["loaded"] = LOADED.exists()
    if not good:
        missing = lacking(wanted, services)
        module.fail_json(msg=waited_in_vain(kernel.host, missing, services, timeout), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
