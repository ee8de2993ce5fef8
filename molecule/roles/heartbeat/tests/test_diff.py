"""A diff never shows a password of a power switch, not even one that leaves the file."""

from __future__ import annotations

import pytest
from container import Pairs, Play, play

FILE = "/etc/ha.d/ha.cf"
SECRET = "hunter2hunter2"
LINES = [
    f"stonith_host * baytech 198.51.100.9 falko {SECRET}\n",
    f"stonith baytech {SECRET}\n",
]


def rehearse(pairs: Pairs, line: str, *options: str) -> Play:
    """Rehearse a run that removes this line."""
    for node in pairs["default"]:
        node.host.check_output(f"cp -a {FILE} {FILE}.kept && printf %s >> {FILE}", line)
    done = play("molecule/roles/heartbeat/converge.yml", "--check", *options)
    for node in pairs["default"]:
        node.host.check_output(f"mv {FILE}.kept {FILE}")
    assert done.returncode == 0, done.output
    return done


@pytest.mark.parametrize("line", LINES)
def test_secret_that_leaves_the_file_is_not_shown(pairs: Pairs, line: str) -> None:
    done = rehearse(pairs, line, "--diff")
    assert "Describe the nodes and their timers" in done.output
    assert SECRET not in done.output


def test_anything_else_that_leaves_the_file_is_shown(pairs: Pairs) -> None:
    assert "-baud 19200" in rehearse(pairs, "baud 19200\n", "--diff").output


def test_without_diff_nothing_is_shown(pairs: Pairs) -> None:
    assert "+++ after" not in rehearse(pairs, "baud 19200\n").output
