#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: files
short_description: Write several files and directories in one run
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Writes files with the given texts, and creates directories. All of them need one module run;
    M(ansible.builtin.template) and M(ansible.builtin.copy) need two for each file.
  - All new texts are validated before the first one is written.
options:
  files:
    description:
      - What to write, in this order.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description:
          - The file, or the directory. The directory of a file must exist, or come before it in the list.
        type: path
        required: true
      content:
        description:
          - The whole text of the file. Without it the path is a directory.
        type: str
      mode:
        description:
          - The mode of the file or directory, as an octal number.
        type: str
        required: true
      owner:
        description:
          - The owner. The default is root for a new file, and no change for an existing one.
        type: str
      group:
        description:
          - The group. The default is root for a new file, and no change for an existing one.
        type: str
      validate:
        description:
          - A command that validates the new text. C(%s) in it is the path of a file with this text. If the
            command fails, the module writes nothing.
        type: str
  daemon_reload:
    description:
      - Make systemd reload its units if one of these files is newer than what it has loaded, also if an
        earlier run wrote the file and was killed. The test is fast; a reload takes a second and more.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in check mode, and returns what would change, without validation.
    support: full
  diff_mode:
    description: Returns the text of each file that changes, before and after.
    support: full
notes:
  - The output at high verbosity contains the texts. Use C(no_log) and C(diff=false) if they are secret.
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
"""

RETURN = r"""
written:
  description: The paths whose text or mode has changed.
  returned: success
  type: list
  elements: str
  sample: [/etc/systemd/system/watch.service]
"""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from ansible.module_utils.basic import AnsibleModule

UNITS = "/etc/systemd/system/"


class Module(AnsibleModule):  # type: ignore[misc]
    def _log_invocation(self) -> None:
        """Leave the texts out of the machine's log, which would keep each of them for each run."""
        self.log(f"Writes {', '.join(entry['path'] for entry in self.params['files'])}")


def read(path: Path) -> str | None:
    """Return the text of the file; None where there is none, or a link, which a file is to replace."""
    if path.is_symlink() or not path.is_file():
        return None
    return path.read_bytes().decode(errors="surrogateescape")


def prepare(module: AnsibleModule, entry: dict[str, Any]) -> str:
    """Write the new text into a temporary file, validate it, and return the file's name."""
    with NamedTemporaryFile("wb", dir=module.tmpdir, delete=False) as file:
        file.write(entry["content"].encode(errors="surrogateescape"))
    module.add_cleanup_file(file.name)
    if entry["validate"]:
        module.set_mode_if_different(file.name, entry["mode"], False)
        command = entry["validate"].replace("%s", file.name)
        code, out, err = module.run_command(command)
        if code:
            module.fail_json(
                msg=f"{os.uname().nodename}: {entry['path']} was not written, since `{command}` refuses its "
                f"text: {' '.join((err or out).split()) or 'no message'}. Mend what it names, and run this "
                "again.",
                exit_status=code,
                stdout=out,
                stderr=err,
            )
    return file.name


def reload_units(module: AnsibleModule, paths: list[str], written: list[str]) -> None:
    """Let systemd read its units again, where one of these is a unit and systemd has not read it."""
    units = [path for path in paths if path.startswith(UNITS)]
    names = [Path(unit).name for unit in units]
    ask = ["systemctl", "show", "--property=NeedDaemonReload", *names]
    if names and (set(units) & set(written) or "yes" in module.run_command(ask, check_rc=True)[1]):
        module.run_command(["systemctl", "daemon-reload"], check_rc=True)


def main() -> None:
    file = {
        "path": {"type": "path", "required": True},
        "content": {"type": "str"},
        "mode": {"type": "str", "required": True},
        "owner": {"type": "str"},
        "group": {"type": "str"},
        "validate": {"type": "str"},
    }
    module = Module(
        argument_spec={
            "files": {"type": "list", "elements": "dict", "required": True, "options": file},
            "daemon_reload": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    entries: list[dict[str, Any]] = module.params["files"]
    texts = {entry["path"]: read(Path(entry["path"])) for entry in entries if entry["content"] is not None}
    new = [entry for entry in entries if entry["path"] in texts and entry["content"] != texts[entry["path"]]]
    ready = {} if module.check_mode else {entry["path"]: prepare(module, entry) for entry in new}
    diffs, written = [], []
    for entry in entries:
        path = entry["path"]
        changed = entry in new or (entry["content"] is None and not Path(path).is_dir())
        if path in ready:
            module.atomic_move(ready[path], path)
        elif changed and not module.check_mode:
            Path(path).mkdir(parents=True)
        rights: dict[str, Any] = {}
        if module.set_fs_attributes_if_different(module.load_file_common_arguments(entry), changed, rights):
            written.append(path)
            text = {"before": texts[path] or "", "after": entry["content"]} if entry in new else rights
            diffs.append({"before_header": path, "after_header": path, **text})
    if module.params["daemon_reload"] and not module.check_mode:
        reload_units(module, [entry["path"] for entry in entries], written)
    module.exit_json(changed=bool(written), written=written, diff=diffs)


if __name__ == "__main__":
    main()
