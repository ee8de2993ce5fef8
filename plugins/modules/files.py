#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: files
short_description: Write several files, directories and links in one run
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Writes files with the given texts, creates directories and symbolic links, and removes files. All of them
    need one module run; M(ansible.builtin.template) and M(ansible.builtin.copy) need two for each file.
options:
  files:
    required: true
  daemon_reload:
    description:
      - Make systemd reload its units if one of these files is newer than what it has loaded, also if an
        earlier run wrote the file and was killed. The test is fast; a reload takes a second and more.
    type: bool
    default: false
extends_documentation_fragment:
  - haweb.cluster.files
attributes:
  check_mode:
    description: Can run in check mode, and returns what would change, without validation.
    support: full
  diff_mode:
    description: Returns the text of each file that changes, before and after, and the state of other entries.
    support: full
notes:
  - The output at high verbosity contains the texts of all files that are not O(files[].secret).
"""

EXAMPLES = r"""
- name: Describe the watch over the addresses
  haweb.cluster.files:
    files:
      - path: /usr/local/lib/watch
        mode: "0755"
      - path: /usr/local/lib/watch/watch
        content: "{{ lookup('ansible.builtin.file', 'watch', rstrip=false) }}"
        mode: "0755"
      - path: /etc/systemd/system/watch.service
        content: "{{ lookup('ansible.builtin.template', 'watch.service.j2') }}"
        mode: "0644"
        validate: systemd-analyze verify %s:watch.service
    daemon_reload: true

- name: Enable a site, and disable another one
  haweb.cluster.files:
    files:
      - path: /etc/apache2/sites-available/shop.conf
        content: "{{ lookup('ansible.builtin.template', 'shop.conf.j2') }}"
        mode: "0644"
      - path: /etc/apache2/sites-enabled/shop.conf
        link: ../sites-available/shop.conf
      - path: /etc/apache2/sites-enabled/000-default.conf
        absent: true
"""

RETURN = r"""
written:
  description: The paths whose text, mode or target has changed, and those that were removed.
  returned: success
  type: list
  elements: str
  sample: [/etc/systemd/system/watch.service]
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._files import ENTRY, FilesModule, write

UNITS = "/etc/systemd/system/"


def reload_units(module: AnsibleModule, paths: list[str], written: list[str]) -> None:
    """Let systemd read its units again, where one of these is a unit and systemd has not read it."""
    units = [path for path in paths if path.startswith(UNITS)]
    names = [Path(unit).name for unit in units]
    ask = ["systemctl", "show", "--property=NeedDaemonReload", *names]
    if names and (set(units) & set(written) or "yes" in module.run_command(ask, check_rc=True)[1]):
        module.run_command(["systemctl", "daemon-reload"], check_rc=True)


def main() -> None:
    module = FilesModule(
        argument_spec={
            "files": {"type": "list", "elements": "dict", "required": True, "options": ENTRY},
            "daemon_reload": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    diff = write(module, module.params["files"])
    written = [change["after_header"] for change in diff]
    if module.params["daemon_reload"] and not module.check_mode:
        reload_units(module, [entry["path"] for entry in module.params["files"]], written)
    module.exit_json(changed=bool(written), written=written, diff=diff)


if __name__ == "__main__":
    main()
