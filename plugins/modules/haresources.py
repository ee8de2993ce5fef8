#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: haresources
short_description: Write haresources, and start and stop the changed resources
version_added: 0.1.1
author:
  - The haweb.cluster team (@haweb)
description:
  - Writes C(/etc/ha.d/haresources). Stops removed resources, and starts new ones on
    the node that has the resources, while heartbeat and all other resources run on.
  - Removes a virtual address that is no longer in the file from every node.
  - Adds a virtual address again if the node should have it but does not, even if the file does not change.
  - If the preferred node (the first word of the line) changes, it stops heartbeat on this node before it
    writes the file, because heartbeat has stored which resources are its own. The caller must start it.
  - Run it on one node after the other.
options:
  content:
    description:
      - The text of the file, as the filter P(haweb.cluster.haresources#filter) returns it.
    type: str
    required: true
attributes:
  check_mode:
    description: Can run in check mode and returns what would change.
    support: full
  diff_mode:
    description: Returns the text of the file before and after.
    support: full
seealso:
  - plugin: haweb.cluster.haresources
    plugin_type: filter
  - module: haweb.cluster.heartbeat_info
notes:
  - Comments in the file record what must be stopped and started until that is done. So the next run completes
    one that was interrupted.
"""

EXAMPLES = r"""
- name: Write haresources
  haweb.cluster.haresources:
    content: "{{ lookup('ansible.builtin.template', 'haresources.j2') }}"
  throttle: 1
"""

RETURN = r"""
stopped:
  description: The resources that this node has stopped, in this order.
  returned: success
  type: list
  elements: str
  sample: [VirtualAddress::192.168.0.106/24/eth0/192.168.0.255]
started:
  description: The resources that this node has started, in this order.
  returned: success
  type: list
  elements: str
  sample: []
heartbeat_stopped:
  description: Whether heartbeat was stopped, because the preferred node has changed.
  returned: success
  type: bool
"""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._ask_heartbeat import look
from ansible_collections.haweb.cluster.plugins.module_utils._haresources import (
    Resource,
    parse,
    plan,
    with_notes,
)

FILE = Path("/etc/ha.d/haresources")
# In the order in which heartbeat searches for a script.
FOLDERS = (Path("/etc/ha.d/resource.d"), Path("/etc/init.d"))


def write(module: AnsibleModule, text: str) -> None:
    with NamedTemporaryFile("w", encoding="utf-8", dir=module.tmpdir, delete=False) as file:
        file.write(text)
    module.atomic_move(file.name, str(FILE))
    module.set_mode_if_different(str(FILE), "0644", False)


def run(module: AnsibleModule, resource: Resource, action: str) -> None:
    """Run the resource's script as heartbeat does, and fail with a sentence if the script fails."""
    host = os.uname().nodename
    script = next((path for folder in FOLDERS if os.access(path := folder / resource.script, os.X_OK)), None)
    if script is None:
        module.fail_json(
            msg=f"{host}: cannot {action} {resource.word}: there is no script {resource.script} in "
            f"{' or '.join(map(str, FOLDERS))}. Install what brings it, or remove it from the resources."
        )
    code, out, err = module.run_command([str(script), *resource.arguments, action])
    if code:
        module.fail_json(
            msg=f"{host}: `{script} {' '.join(resource.arguments)} {action}` ended with {code}: "
            f"{' '.join((err or out).split()) or 'no message'}. The other resources are as they were; "
            "make that command succeed, and run this again.",
            rc=code,
        )


def main() -> None:
    module = AnsibleModule(
        argument_spec={"content": {"type": "str", "required": True}}, supports_check_mode=True
    )
    wanted = module.params["content"].rstrip("\n") + "\n"
    current = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    addresses = [resource.address for resource in parse(wanted).resources if resource.address]
    todo = plan(current, wanted, look(module, os.uname().nodename.lower(), addresses))
    result = {
        "changed": current != wanted or todo.changes,
        "diff": {"before_header": str(FILE), "after_header": str(FILE), "before": current, "after": wanted},
        "stopped": [resource.word for resource in todo.stop],
        "started": [resource.word for resource in todo.start],
        "heartbeat_stopped": todo.restart,
    }
    if module.check_mode:
        module.exit_json(**result)
    if todo.restart:
        module.run_command(["systemctl", "stop", "heartbeat"], check_rc=True)
    # Write the file before any resource is stopped: haweb-addresses would restore an address that is in the
    # file. The next run finds missing addresses without a comment.
    starting = tuple(resource for resource in todo.start if not resource.address)
    if current != (first := with_notes(wanted, todo.stop, starting)):
        write(module, first)
    for resource in todo.stop:
        run(module, resource, "stop")
    for resource in todo.start:
        run(module, resource, "start")
    if first != wanted:
        write(module, wanted)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
