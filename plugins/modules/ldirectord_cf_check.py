#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ldirectord_cf_check
short_description: Validate an ldirectord.cf with the installed ldirectord
version_added: 0.1.1
author:
  - The haweb.cluster team (@haweb)
extends_documentation_fragment:
  - haweb.cluster.changes_nothing
  - haweb.cluster.new_ldirectord_cf
description:
  - Validates an ldirectord.cf with the ldirectord of this host before it is written. Fails with ldirectord's
    own message, for example that a directory does not exist.
  - Does nothing if ldirectord is not installed.
  - Changes nothing itself. ldirectord opens the files of C(monitorfile) when it reads its configuration, and
    creates those that are missing.
seealso:
  - plugin: haweb.cluster.ldirectord_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Validate ldirectord.cf
  haweb.cluster.ldirectord_cf_check:
    content: "{{ lookup('ansible.builtin.template', 'ldirectord.cf.j2') }}"
"""

RETURN = r"""
asked:
  description: Whether ldirectord is installed and accepts the file.
  returned: success
  type: bool
secret:
  description:
    - Whether the existing file at O(path) contains a password or a login, so that a diff must not be shown.
  returned: success
  type: bool
"""

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._refusal import SECRETS, refusal

# Comments count, too.
SECRET = re.compile(rf"\b({'|'.join(SECRETS)})\s*=")


def has_secret(file: Path) -> bool:
    return file.is_file() and bool(SECRET.search(file.read_text(encoding="utf-8", errors="replace")))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "content": {"type": "str", "required": True, "no_log": True},
            "path": {"type": "path", "default": "/etc/ha.d/ldirectord.cf"},
        },
        supports_check_mode=True,
    )
    content = module.params["content"]
    secret = has_secret(Path(module.params["path"]))
    ldirectord = module.get_bin_path("ldirectord")
    if ldirectord is None:
        module.exit_json(changed=False, asked=False, secret=secret)
    # A directory that only root can enter: the file may contain passwords.
    with TemporaryDirectory(dir=module.tmpdir) as folder:
        # Not the name of the real file: ldirectord derives the name of its pid file from it, and removes the
        # pid file of a file that it refuses.
        file = Path(folder) / "haweb-check.cf"
        file.write_text(content, encoding="utf-8")
        returncode, _out, stderr = module.run_command([ldirectord, str(file), "status"])
    problem = refusal(os.uname().nodename, content, returncode, stderr)
    if problem:
        module.fail_json(msg=problem)
    module.exit_json(changed=False, asked=True, secret=secret)


if __name__ == "__main__":
    main()
