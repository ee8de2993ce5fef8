"""A diff never shows a password of a power switch, not even one that is removed from the file."""

from __future__ import annotations

from testbed.container import Pairs, rehearse
from testbed.playbook import Run

SECRET = "hunter2hunter2"
ANYTHING_ELSE = "baud 19200\n"


def without(pairs: Pairs, *options: str) -> Run:
    """Rehearse a run that removes a secret from two nodes, and another line from the other nodes."""
    lines = {
        "node1": f"stonith_host * baytech 198.51.100.9 falko {SECRET}\n",
        "node2": f"stonith baytech {SECRET}\n",
        "node3": ANYTHING_ELSE,
        "node4": ANYTHING_ELSE,
    }
    done = rehearse("heartbeat", "/etc/ha.d/ha.cf", lines, pairs, *options)
    for node in lines:
        assert f"changed: [{node}]" in done.task("Write ha.cf")
    return done


def test_secret_that_leaves_the_file_is_not_shown(pairs: Pairs) -> None:
    done = without(pairs, "--diff")
    assert SECRET not in done.output
    assert done.output.count(f"-{ANYTHING_ELSE}") == len(pairs["alternative"])


def test_without_diff_nothing_is_shown(pairs: Pairs) -> None:
    assert "+++ after" not in without(pairs).output
