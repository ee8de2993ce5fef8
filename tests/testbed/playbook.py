"""Run playbooks of this project."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import Any

from testbed import PROJECT
from testbed.inventory import Inventory

# Each error is one line. Molecule switches colours on, which would interrupt the expected words.
PLAIN = {
    "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
    "ANSIBLE_FORCE_COLOR": "false",
    "ANSIBLE_NOCOLOR": "true",
}


@dataclass(frozen=True)
class Run:
    """A finished run of a playbook."""

    returncode: int
    output: str

    @property
    def changed(self) -> int:
        """The number of changes that the recap counts, over all hosts."""
        return sum(map(int, re.findall(r"\bchanged=(\d+)", self.output)))

    def errors(self) -> str:
        """Return the errors of the failed tasks, of all hosts."""
        return "\n".join(line for line in self.output.splitlines() if line.startswith(("fatal:", "[ERROR]:")))

    def task(self, name: str) -> str:
        """Return the output of a task of a role, in all plays."""
        tasks = self.output.split("\nTASK [")
        return "".join(task for task in tasks if task.partition("]")[0].endswith(f" : {name}"))


def run_playbook(
    playbook: str,
    inventory: Inventory,
    *options: str,
    environment: dict[str, str] | None = None,
    **variables: Any,
) -> Run:
    """Run a playbook with extra variables."""
    # Pass them in a file that only this user can read: they may contain secrets.
    with NamedTemporaryFile("w", suffix=".json") as extra:
        json.dump(variables, extra)
        extra.flush()
        done = subprocess.run(
            ["ansible-playbook", playbook, *inventory.options, f"--extra-vars=@{extra.name}", *options],
            cwd=PROJECT,
            env=os.environ | PLAIN | (environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return Run(done.returncode, done.stdout)
