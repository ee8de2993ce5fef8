#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: both_info
short_description: Show which packets a director takes, and wait until it takes packets
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
extends_documentation_fragment:
  - haweb.cluster.changes_nothing
description:
  - Returns which packets the unit C(haweb-both) of this director takes, and why, and whether it was started
    with the current files.
  - Changes nothing.
options:
  wait:
    description: Wait until this director takes packets, and fail if it does not.
    type: bool
    default: false
  timeout:
    description: Seconds to wait.
    type: float
    default: 30
attributes:
  check_mode:
    description:
      - Can run in check mode, because it never changes anything.
      - In check mode it does not wait for a unit that does not run.
seealso:
  - module: haweb.cluster.ipvs_info
  - module: haweb.cluster.shared_mac_check
"""

EXAMPLES = r"""
- name: Wait until this director takes packets
  haweb.cluster.both_info:
    wait: true
"""

RETURN = r"""
runs:
  description: Whether the unit C(haweb-both) runs.
  returned: always
  type: bool
takes:
  description:
    - V(all) packets for the virtual addresses; only those of the V(services), if the other director answers
      for the rest, such as ping; or V(nothing).
  returned: always
  type: str
  sample: services
why:
  description: The reason, as the unit gives it.
  returned: always
  type: str
  sample: after loadb1; the tables are equal
outdated:
  description:
    - Whether the program, its configuration or its unit has changed since the start, so that the unit needs a
      restart.
  returned: always
  type: bool
"""

import hashlib
import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._waiting import wait_until

STATE = Path("/run/haweb-both/state")
NOTHING = "nothing"


def look() -> dict[str, object]:
    try:
        state = json.loads(STATE.read_text())
    except FileNotFoundError:
        return {"runs": False, "takes": NOTHING, "why": "haweb-both does not run", "outdated": False}
    return {
        "runs": True,
        "takes": state["takes"],
        "why": state["why"],
        "outdated": not is_current(state.get("files", {})),
    }


def is_current(digests: dict[str, str]) -> bool:
    """Whether the unit was started with these files. An older version of the program stores no digests."""
    return bool(digests) and all(sha256(path) == digest for path, digest in digests.items())


def sha256(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "wait": {"type": "bool", "default": False},
            "timeout": {"type": "float", "default": 30},
        },
        supports_check_mode=True,
    )
    waits = module.params["wait"] and not module.check_mode
    timeout = module.params["timeout"] if waits else 0
    state, takes = wait_until(look, lambda now: now["takes"] != NOTHING, timeout)
    if waits and not takes:
        module.fail_json(
            msg=f"{os.uname().nodename}: this director takes no packets after {timeout:g} s, {state['why']}. "
            "Compare `ipvsadm --list --numeric` on both directors, and look into `journalctl --unit "
            "haweb-both` here.",
            **state,
        )
    module.exit_json(changed=False, **state)


if __name__ == "__main__":
    main()
