#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_services
short_description: Prepare the kernel's IPVS table for a new ldirectord.cf
version_added: 0.1.1
author:
  - The haweb.cluster team (@haweb)
extends_documentation_fragment:
  - haweb.cluster.new_ldirectord_cf
description:
  - Run it before an ldirectord.cf is replaced. It compares the virtual services of the kernel with those of
    the new file.
  - Removes a service that is not in the new file, if it is on one of O(addresses), or is in the existing
    file. ldirectord itself does that only if it runs and receives its reload. Other services in the kernel
    stay.
  - Adds a new service, with those of its real servers that already serve another service. ldirectord begins
    a service without real servers, and then also removes these from every service that shares their check,
    until it has checked them again.
  - Ignores services that it cannot read, such as IPv6 services and services with a name in the existing file.
  - Does nothing if C(ip_vs) is not loaded, or C(ipvsadm) is not installed.
options:
  addresses:
    description: The virtual addresses of this cluster, with or without a prefix.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: Can run in check mode, and then only reports.
    support: full
  diff_mode:
    description: Shows the table as C(ipvsadm --save --numeric) prints it.
    support: full
seealso:
  - module: haweb.cluster.ipvs_info
  - module: haweb.cluster.ldirectord_cf_check
"""

EXAMPLES = r"""
- name: Prepare the kernel for the new services
  haweb.cluster.ipvs_services:
    content: "{{ lookup('ansible.builtin.template', 'ldirectord.cf.j2') }}"
    addresses: [192.168.0.105/24]
"""

RETURN = r"""
added:
  description: The services that were added, as C(ipvsadm) names them.
  returned: success
  type: list
  elements: str
  sample: ["-t 192.168.0.105:443"]
removed:
  description: The services that were removed.
  returned: success
  type: list
  elements: str
  sample: ["-t 192.168.0.106:80", "-f 1"]
"""

import os
from itertools import chain
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._ipvs_services import (
    Plan,
    Table,
    plan,
    read_config,
    read_table,
    report,
)

LOADED = Path("/proc/net/ip_vs")


def text(table: Table) -> str:
    return "".join(f"{line}\n" for line in chain.from_iterable(table.values()))


def carry_out(module: AnsibleModule, ipvsadm: str, found: Plan) -> None:
    refusals = [
        f"`ipvsadm {' '.join(arguments)}`: {stderr.strip()}"
        for arguments in found.commands()
        for returncode, _out, stderr in [module.run_command([ipvsadm, *arguments])]
        if returncode
    ]
    # ldirectord may have made the same change at the same time. Only the resulting table counts.
    table = read_table(module.run_command([ipvsadm, "--save", "--numeric"], check_rc=True)[1])
    if any(name in table for name in found.removed) or any(name not in table for name in found.added):
        module.fail_json(
            msg=f"{os.uname().nodename}: the IPVS table cannot be changed: {'; '.join(refusals)}. "
            "Its services must be those of the new ldirectord.cf; try the command by hand, and run again."
        )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "content": {"type": "str", "required": True, "no_log": True},
            "path": {"type": "path", "default": "/etc/ha.d/ldirectord.cf"},
            "addresses": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    ipvsadm, old = module.get_bin_path("ipvsadm"), Path(module.params["path"])
    # ipvsadm would load ip_vs to answer.
    if ipvsadm is None or not LOADED.exists():
        module.exit_json(changed=False, added=[], removed=[])
    table = read_table(module.run_command([ipvsadm, "--save", "--numeric"], check_rc=True)[1])
    found = plan(
        table,
        wanted=read_config(module.params["content"]),
        old=read_config(old.read_text(encoding="utf-8", errors="replace") if old.exists() else ""),
        addresses={address.partition("/")[0] for address in module.params["addresses"]},
    )
    if not module.check_mode:
        carry_out(module, ipvsadm, found)
    if found.removed:
        module.warn(report(os.uname().nodename, found, module.check_mode))
    module.exit_json(
        changed=bool(found.added or found.removed),
        added=[*found.added],
        removed=[*found.removed],
        diff={"before": text(table), "after": text(found.applied_to(table))},
    )


if __name__ == "__main__":
    main()
