"""A diff never shows a password of a check, not even one that is removed from the file."""

from __future__ import annotations

from testbed.container import Pairs, rehearse
from testbed.playbook import Run

SECRET = "hunter2hunter2"
ANYTHING_ELSE = "    checkcount=3\n"


def without(pairs: Pairs, *options: str) -> Run:
    """Rehearse a run that removes a secret from one node, and another line from the other node."""
    lines = {"node3": f'    passwd = "{SECRET}"\n', "node4": ANYTHING_ELSE}
    done = rehearse("director", "/etc/ha.d/ldirectord.cf", lines, pairs, *options)
    for node in lines:
        assert f"changed: [{node}]" in done.task("Write ldirectord.cf")
    return done


def test_secret_that_leaves_the_file_is_not_shown(pairs: Pairs) -> None:
    done = without(pairs, "--diff")
    assert SECRET not in done.output
    assert f"-{ANYTHING_ELSE}" in done.output


def test_without_diff_nothing_is_shown(pairs: Pairs) -> None:
    assert "+++ after" not in without(pairs).output
