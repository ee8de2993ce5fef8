"""The lab's command as a program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FILES = Path(__file__).parents[3] / "roles/lab/files"
WISH = {
    "name": "test",
    "network": "192.0.2.0/24",
    "host_address": "192.0.2.1",
    "client_address": "192.0.2.2",
    "keys": "/keys",
    "inventory": "/inventory",
    "secrets": [],
}


def lab(*words: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, FILES / "lab", *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, cwd="/")


@pytest.mark.parametrize(
    ("name", "code", "problem"), [("web1", 0, ""), ("a/b", 1, "lab: 'a/b' cannot be the name of a guest")]
)
def test_check_reads_the_description_from_its_input(name: str, code: int, problem: str) -> None:
    done = lab("check", stdin=json.dumps({"lab": WISH, "node": {"name": name, "interfaces": []}}))
    assert (done.returncode, done.stderr.partition(": at most")[0]) == (code, problem)


def test_other_commands_need_the_lab_in_the_directory_of_the_program() -> None:
    done = lab("status")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"lab: There is no lab in {FILES}: lab.json is missing.")


def test_the_program_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "lab").symlink_to(FILES / "lab")
    done = subprocess.run([tmp_path / "lab", "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_command_but_ask_imports_asyncio() -> None:
    program = "import sys, haweb_lab.program; sys.exit('asyncio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=FILES, check=False).returncode == 0
