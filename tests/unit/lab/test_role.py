"""The lab's command as the role installs it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

FILES = Path(__file__).parents[3] / "roles/lab/files"
PLAY = """
- hosts: all
  gather_facts: false
  vars: {ansible_connection: local, ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  tasks: [{ansible.builtin.import_role: {name: haweb.cluster.lab, tasks_from: command}}]
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "play.yml").write_text(PLAY)
    (tmp_path / "lab").mkdir()
    return tmp_path / "lab"


def changes(directory: Path, *options: str) -> int:
    """Install the command in one task, and return how many tasks report a change."""
    play = ["ansible-playbook", "-i", "one,", "-e", f"lab_directory={directory}", *options, "play.yml"]
    done = subprocess.run(play, cwd=directory.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return int(re.findall(r"ok=1 +changed=(\d)", done.stdout)[0])


def sources(directory: Path) -> dict[str, tuple[bool, str]]:
    """Return for each file whether it is a program, and its text."""
    files = [directory / "lab", directory / "kernel", *(directory / "haweb_lab").glob("*.py")]
    return {str(file.relative_to(directory)): (os.access(file, os.X_OK), file.read_text()) for file in files}


def test_the_command_is_installed_with_its_whole_package(directory: Path) -> None:
    assert changes(directory, "--check") == 1
    assert list(directory.iterdir()) == []
    assert changes(directory) == 1
    assert sources(directory) == sources(FILES)
    done = subprocess.run([directory / "lab", "status"], cwd="/", capture_output=True, text=True, check=False)
    assert f"There is no lab in {directory}" in done.stderr


def test_only_changed_files_are_written_again(directory: Path) -> None:
    changes(directory)
    (directory / "haweb_lab/__pycache__").mkdir(exist_ok=True)
    assert changes(directory) == 0
    (directory / "haweb_lab/guests.py").write_text("")
    assert changes(directory) == 1
    assert sources(directory) == sources(FILES)
