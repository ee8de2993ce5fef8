"""How the library runs Ansible, and reads its output."""

from __future__ import annotations

from pathlib import Path

import pytest
from testbed.inventory import Inventory
from testbed.playbook import Run, run_playbook

OUTPUT = """\
TASK [haweb.cluster.director : Write ldirectord.cf] ***
changed: [a]
TASK [haweb.cluster.director : Run ldirectord] ***
[ERROR]: Task failed: it does not run
fatal: [b]: FAILED! => {"msg": "it does not run"}
TASK [haweb.cluster.heartbeat : Write ldirectord.cf] ***
ok: [a]
PLAY RECAP ***
a : ok=3 changed=2 unreachable=0
b : ok=1 changed=11 unreachable=0
"""


@pytest.fixture
def done() -> Run:
    return Run(2, f"PLAY [all] ***\n\n{OUTPUT}")


def test_changes_of_all_hosts(done: Run) -> None:
    assert done.changed == 2 + 11


def test_errors(done: Run) -> None:
    assert [line.partition(":")[0] for line in done.errors().splitlines()] == ["[ERROR]", "fatal"]


def test_task_in_all_roles(done: Run) -> None:
    said = done.task("Write ldirectord.cf")
    assert "changed: [a]" in said
    assert "ok: [a]" in said
    assert "fatal" not in said


# --- with Ansible ---


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    (tmp_path / "hosts.yml").write_text("all: {hosts: {a: {}, b: {colour: red}}, children: {none: {}}}\n")
    (tmp_path / "more.yml").write_text("all: {hosts: {b: {colour: blue}}}\n")
    return Inventory((tmp_path / "hosts.yml", tmp_path / "more.yml"))


def test_later_source_wins(inventory: Inventory) -> None:
    assert inventory.variables("b")["colour"] == "blue"


def test_group_without_hosts(inventory: Inventory) -> None:
    assert inventory.hosts("none") == []
    assert inventory.hosts("ungrouped") == ["a", "b"]


def test_run_with_variables_and_environment(inventory: Inventory, tmp_path: Path) -> None:
    playbook = tmp_path / "fail.yml"
    playbook.write_text(
        "- hosts: b\n  gather_facts: false\n  tasks:\n    - ansible.builtin.fail:\n"
        "        msg: \"{{ colour }} {{ word }} {{ lookup('ansible.builtin.env', 'WORD') }}\"\n"
    )
    done = run_playbook(str(playbook), inventory, environment={"WORD": "there"}, word="here")
    assert done.returncode
    assert "blue here there" in done.errors()
