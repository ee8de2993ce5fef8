# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write the lab's inventory: the user's inventory, and the lab's variables beside it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from pathlib import Path

from .description import Lab, Node
from .errors import LabError

# Path below inventory/ -> the target of its link (Path) or its content (str).
Plan = dict[str, Path | str]


def check_source(lab: Lab) -> None:
    if not Path(lab.inventory).exists():
        raise LabError(f"lab_inventory {lab.inventory} is no file or directory. Set it to your inventory.")
    if Path(lab.inventory).resolve().is_relative_to(lab.directory.resolve()):
        raise LabError(f"{lab.inventory} is the lab's own inventory. Use the one that it was made from.")


def inventory_plan(lab: Lab, nodes: Collection[Node], values: dict[str, str]) -> Plan:
    """Return the wanted content of inventory/.

    A host's own variables take precedence over all others in an inventory. So the lab writes its variables to
    the last file of host_vars/HOST/ in the alphabet; those of the source stay beside it.
    """
    entries = source_entries(Path(lab.inventory))
    plan: Plan = {entry.name: entry for entry in entries if entry.name != "host_vars"}
    given = [child for entry in entries if entry.name == "host_vars" for child in entry.iterdir()]
    for node in nodes:
        plan |= own_variables(node, given)
        ours = json.dumps(connection(lab, node) | values, indent=2)
        plan[f"host_vars/{node.name}/zz_lab.json"] = f"{ours}\n"
    return plan


def source_entries(source: Path) -> list[Path]:
    if source.is_dir():
        return [entry for entry in source.iterdir() if not entry.name.startswith(".")]
    variables = (source.parent / "group_vars", source.parent / "host_vars")
    return [source, *(entry for entry in variables if entry.exists())]


def own_variables(node: Node, given: Collection[Path]) -> Plan:
    """Return the files in the source's host_vars for this node: a folder, or files."""
    plan: Plan = {}
    for child in given:
        if child.name == node.name and child.is_dir():
            plan |= {f"host_vars/{node.name}/{part.name}": part for part in child.iterdir()}
        elif child.is_file() and node.name in (child.name, child.stem):
            plan[f"host_vars/{node.name}/{child.name}"] = child
    return plan


def connection(lab: Lab, node: Node) -> dict[str, str | int | bool]:
    return {
        "ansible_become": False,
        "ansible_connection": "ssh",
        "ansible_host": node.address,
        "ansible_port": 22,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": f"{lab.keys}/id_ed25519",
        # A directory of this lab, so that a power cut can end the connections that Ansible and Testinfra
        # keep open. Testinfra reads this option only here. In a directory shared by all labs, Testinfra
        # would reach another lab's guest with the same address.
        "ansible_ssh_common_args": f"-F {lab.directory}/ssh_config -o ControlPath={lab.run}/ssh/%h",
        # Without compression, which is slow in a guest.
        "ansible_ssh_args": "-o ControlMaster=auto -o ControlPersist=60s",
        "ansible_python_interpreter": "/usr/bin/python3",
    }


def lab_secrets(lab: Lab) -> dict[str, str]:
    """Return a value for each of lab_secrets. Each is generated once."""
    file = lab.directory / "secrets.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    wanted = {name: known.get(name) or secrets.token_hex(20) for name in lab.secrets}
    if wanted != known:
        write_private(file, json.dumps(wanted))
    return wanted


def write(top: Path, plan: Plan) -> bool:
    """Bring the folder to the planned state, and return whether it has changed."""
    changed = remove_others(top, plan)
    for name, wanted in plan.items():
        path = top / name
        if isinstance(wanted, Path):
            changed = link(path, wanted) or changed
        elif not path.is_file() or path.read_text() != wanted:
            write_private(path, wanted)
            changed = True
    return changed


def remove_others(top: Path, plan: Plan) -> bool:
    files = [path for path in sorted(top.rglob("*")) if path.is_symlink() or path.is_file()]
    others = [path for path in files if str(path.relative_to(top)) not in plan]
    for path in others:
        path.unlink()
    return bool(others)


def link(path: Path, target: Path) -> bool:
    if path.is_symlink() and path.readlink() == target:
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    return True


def write_private(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)
