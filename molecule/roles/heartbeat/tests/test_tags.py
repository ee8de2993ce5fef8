"""After the first run a phase of the role works alone."""

from __future__ import annotations

import pytest
from testbed.container import play

# One task of each phase.
TASKS = {
    "check": "Check the directives, addresses and keys",
    "install": "Install heartbeat",
    "configure": "Write the keys",
    "run": "Run heartbeat now and at boot",
}


@pytest.mark.parametrize(("phase", "options"), [("configure", ()), ("run", ("--check",))])
def test_phase_alone(phase: str, options: tuple[str, ...]) -> None:
    done = play("molecule/roles/heartbeat/converge.yml", f"--tags={phase}", *options)
    assert done.returncode == 0, done.output
    assert done.output.count("changed=0") == done.output.count("changed=")
    assert [name for name, task in TASKS.items() if done.task(task)] == ["check", phase]
