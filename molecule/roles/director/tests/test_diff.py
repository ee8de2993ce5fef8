"""A diff never shows a password of a check, not even one that leaves the file."""

from __future__ import annotations

from container import Pairs, Play, play

FILE = "/etc/ha.d/ldirectord.cf"
SECRET = "hunter2hunter2"
LINE = f'    passwd = "{SECRET}"\n'


def rehearse(pairs: Pairs, line: str, *options: str) -> Play:
    """Rehearse a run that removes this line."""
    for node in pairs["alternative"]:
        node.host.check_output(f"cp -a {FILE} {FILE}.kept && printf %s >> {FILE}", line)
    done = play("molecule/roles/director/converge.yml", "--check", *options)
    for node in pairs["alternative"]:
        node.host.check_output(f"mv {FILE}.kept {FILE}")
    assert done.returncode == 0, done.output
    return done


def test_secret_that_leaves_the_file_is_not_shown(pairs: Pairs) -> None:
    done = rehearse(pairs, LINE, "--diff")
    assert "Describe the services" in done.output
    assert SECRET not in done.output


def test_anything_else_that_leaves_the_file_is_shown(pairs: Pairs) -> None:
    assert "-    checkcount=3" in rehearse(pairs, "    checkcount=3\n", "--diff").output


def test_without_diff_nothing_is_shown(pairs: Pairs) -> None:
    assert "+++ after" not in rehearse(pairs, "    checkcount=3\n").output
