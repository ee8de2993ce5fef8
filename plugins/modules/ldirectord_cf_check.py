#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ldirectord_cf_check
short_description: Ask the installed ldirectord whether it accepts a file
version_added: 0.1.1
author:
  - The haweb.cluster team (@haweb)
description:
  - Shows an ldirectord.cf to the ldirectord of this host before it is written, and fails with ldirectord's
    own reason when it is refused, for instance because a folder that it names does not exist.
  - Where ldirectord is not installed there is nobody to ask, which is no failure.
  - Changes nothing of its own. ldirectord opens the files named by C(monitorfile) when it reads its
    configuration, and makes those that are missing.
options:
  content:
    description: The text of the file. It is never shown, since it may have passwords.
    type: str
    required: true
  path:
    description: Where the file will be.
    type: path
    default: /etc/ha.d/ldirectord.cf
attributes:
  check_mode:
    description: Can run in check mode, since it never changes anything.
    support: full
  diff_mode:
    description: Has nothing to show, since it never changes anything.
    support: none
seealso:
  - plugin: haweb.cluster.ldirectord_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Ask ldirectord what it says of its file
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
    - Whether the file that is at O(path) now has a password or a login, so that nobody may see a difference
      from it.
  returned: success
  type: bool
"""

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._ldirectord import VIRTUAL_OPTIONS
from ansible_collections.haweb.cluster.plugins.module_utils._refusal import refusal

# In a comment, too.
SECRET = re.compile(
    rf"\b({'|'.join(option.name for option in VIRTUAL_OPTIONS.values() if option.secret)})\s*="
)


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
    # A folder that nobody else can enter: the file may have passwords.
    with TemporaryDirectory(dir=module.tmpdir) as folder:
        # Its own name: by the file's name ldirectord finds its pid file, and it removes that of a file that
        # it refuses.
        file = Path(folder) / "haweb-check.cf"
        file.write_text(content, encoding="utf-8")
        returncode, _out, stderr = module.run_command([ldirectord, str(file), "status"])
    problem = refusal(os.uname().nodename, content, returncode, stderr)
    if problem:
        module.fail_json(msg=problem)
    module.exit_json(changed=False, asked=True, secret=secret)


if __name__ == "__main__":
    main()
