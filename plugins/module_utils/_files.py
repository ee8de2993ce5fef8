# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write files, directories and links, and remove files, in a module's one run."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from ansible.module_utils.basic import AnsibleModule

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:  # ansible-core before 2.22
    register_secrets = None

Entry = dict[str, Any]

# What a module takes as `files`. plugins/doc_fragments/files.py describes it.
ENTRY: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str"},
    "link": {"type": "str"},
    "absent": {"type": "bool", "default": False},
    "mode": {"type": "str"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "validate": {"type": "str"},
    "secret": {"type": "bool", "default": False},
}

FILE, DIRECTORY, LINK, ABSENT = "file", "directory", "link", "absent"
# What an entry of each kind may have beside its path.
MAY_HAVE = {
    FILE: {"content", "mode", "owner", "group", "validate", "secret"},
    DIRECTORY: {"mode", "owner", "group"},
    LINK: {"link"},
    ABSENT: {"absent"},
}
SECRET = "(secret)\n"


class FilesModule(AnsibleModule):  # type: ignore[misc]
    """A module with `files`, whose texts stay out of the machine's log: it would keep each for each run."""

    def _log_invocation(self) -> None:
        self.log(f"Writes {', '.join(entry['path'] for entry in self.params['files'])}")


def kind(entry: Entry) -> str:
    if entry["absent"]:
        return ABSENT
    if entry["link"] is not None:
        return LINK
    return DIRECTORY if entry["content"] is None else FILE


def problem(entry: Entry) -> str | None:
    """Return a sentence on an entry that is of two kinds, or lacks its mode; None if it is good."""
    path, found = entry["path"], kind(entry)
    given = {name for name, value in entry.items() if value is not None and value is not False}
    if extra := sorted(given - MAY_HAVE[found] - {"path"}):
        return (
            f"{path} has {' and '.join(extra)}, which an entry of the kind {found} cannot have. "
            "Remove it, or write an entry of its own."
        )
    if found in (FILE, DIRECTORY) and not entry["mode"]:
        return f'{path} has no mode. Add one, for example mode: "0644".'
    return None


def state(path: Path) -> dict[str, str]:
    """Return what the path is now, without any text, for a diff."""
    if path.is_symlink():
        return {"state": LINK, "src": str(path.readlink())}
    if path.is_dir():
        return {"state": DIRECTORY}
    return {"state": FILE if path.exists() else ABSENT}


def read(path: Path) -> str | None:
    """Return the text of the file; None where there is none, or a link, which a file is to replace."""
    if path.is_symlink() or not path.is_file():
        return None
    return path.read_bytes().decode(errors="surrogateescape")


def prepare(module: AnsibleModule, entry: Entry) -> str:
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


def hide(module: AnsibleModule, secrets: set[str]) -> None:
    """Keep these texts out of all that the module returns, its arguments included."""
    module.no_log_values.update(secrets)
    if register_secrets is not None:
        register_secrets(secrets)


def judge(module: AnsibleModule, entries: list[Entry]) -> None:
    """End the module if an entry cannot be written, and hide the secret texts."""
    problems = [found for entry in entries if (found := problem(entry))]
    problems += [
        f"{entry['path']} is a directory, which this module does not replace or remove. Move it away first."
        for entry in entries
        if kind(entry) in (LINK, ABSENT) and state(Path(entry["path"]))["state"] == DIRECTORY
    ]
    if problems:
        module.fail_json(msg=" ".join(f"{os.uname().nodename}: {found}" for found in problems))
    hide(module, {entry["content"] for entry in entries if entry["secret"] and entry["content"].strip()})


def make_link(path: Path, target: str) -> None:
    """Put a link in the place of what is there, without a moment in which there is nothing."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.symlink_to(target)
    temporary.replace(path)


def put_link(module: AnsibleModule, entry: Entry) -> dict[str, Any] | None:
    """Make the link, or remove the file; return what changes, None if nothing does."""
    path, before = Path(entry["path"]), state(Path(entry["path"]))
    after = {"state": ABSENT} if entry["absent"] else {"state": LINK, "src": entry["link"]}
    if before == after:
        return None
    if not module.check_mode and entry["absent"]:
        path.unlink()
    elif not module.check_mode:
        make_link(path, entry["link"])
    return {"before": before, "after": after}


def put_file(
    module: AnsibleModule, entry: Entry, before: str | None, ready: str | None
) -> dict[str, Any] | None:
    """Move the file that is ready to its place, or make the directory; return what changes.

    `before` is the text that the file has, `ready` the name of the file with its new text, where it has one.
    """
    path, is_file = entry["path"], kind(entry) == FILE
    new = entry["content"] != before if is_file else not Path(path).is_dir()
    if ready is not None:
        module.atomic_move(ready, path)
    elif new and not module.check_mode:
        Path(path).mkdir(parents=True)
    rights: dict[str, Any] = {}
    if not module.set_fs_attributes_if_different(module.load_file_common_arguments(entry), new, rights):
        return None
    if not (is_file and new):
        return rights
    if entry["secret"]:
        return {"before": SECRET if before else "", "after": SECRET}
    return {"before": before or "", "after": entry["content"]}


def write(module: AnsibleModule, entries: list[Entry]) -> list[dict[str, Any]]:
    """Do what the entries say, in their order, and return a diff for each one that changes something.

    All new texts are validated before anything is written. Ends the module if one is refused.
    """
    judge(module, entries)
    texts = {entry["path"]: read(Path(entry["path"])) for entry in entries if kind(entry) == FILE}
    new = [entry for entry in entries if kind(entry) == FILE and entry["content"] != texts[entry["path"]]]
    ready = {} if module.check_mode else {entry["path"]: prepare(module, entry) for entry in new}
    diffs = []
    for entry in entries:
        path = entry["path"]
        if kind(entry) in (LINK, ABSENT):
            change = put_link(module, entry)
        else:
            change = put_file(module, entry, texts.get(path), ready.get(path))
        if change is not None:
            diffs.append({"before_header": path, "after_header": path, **change})
    return diffs
