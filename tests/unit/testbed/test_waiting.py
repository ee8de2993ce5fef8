"""How the library waits, and how it handles errors of the lab meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from testbed.lab import Lab, LabError
from testbed.waiting import wait_for


def test_time_that_it_took() -> None:
    answers = iter([False, False, True])
    every, most = 0.01, 5
    assert 2 * every <= wait_for("the third answer", lambda: next(answers), most, every) < most


def test_end_names_what_did_not_come() -> None:
    with pytest.raises(AssertionError, match=r"^not within 0\.02 s: the cluster is whole$"):
        wait_for("the cluster is whole", lambda: False, 0.02, every=0.01)


def test_machine_that_boots_is_asked_again() -> None:
    answers: Iterator[bool | RuntimeError] = iter([RuntimeError("ssh"), True])

    def condition() -> bool:
        if isinstance(answer := next(answers), RuntimeError):
            raise answer
        return answer

    wait_for("it answers", condition, 5, every=0)


def test_end_names_the_last_error() -> None:
    def condition() -> bool:
        raise LabError("lab run a: no route")

    with pytest.raises(AssertionError, match=r"it answers, lab run a: no route$"):
        wait_for("it answers", condition, 0.02, every=0.01)


def test_failed_assertion_ends_the_wait() -> None:
    def condition() -> bool:
        raise AssertionError("the browsers have given up")

    with pytest.raises(AssertionError, match=r"^the browsers have given up$"):
        wait_for("a page", condition)


def test_failed_command_of_the_lab_is_an_error_with_its_words(tmp_path: Path) -> None:
    lab = tmp_path / "lab"
    lab.write_text("#!/bin/sh\necho no node named $2 >&2\nexit 1\n")
    lab.chmod(0o755)
    with pytest.raises(LabError, match=r"^lab power-cut x: no node named x"):
        Lab(tmp_path)("power-cut", "x")
