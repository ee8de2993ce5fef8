"""`make mutations`: its table matches the files that it breaks, and it reads a scenario's output."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutations import MUTATIONS, PROJECT, Mutation, break_file, failed_in

OUTPUT = """\
TASK [haweb.cluster.heartbeat : Install heartbeat] *****************************
changed: [node1]
TASK [Wait until heartbeat has settled] ****************************************
fatal: [node1]: FAILED! => {"msg": "it does not run"}
failed: [node2] (item=1) => {"msg": "nor does it here"}
tests/test_heartbeat.py::test_directive[default] PASSED
FAILED tests/test_heartbeat.py::test_directive[alternative] - AssertionError: x
ERROR tests/test_heartbeat.py::test_resources - RuntimeError: y
"""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.what)
def test_mutation_finds_what_it_breaks(mutation: Mutation, tmp_path: Path) -> None:
    copy = tmp_path / "broken"
    copy.write_text((PROJECT / mutation.file).read_text())
    break_file(copy, mutation)
    assert copy.read_text() != (PROJECT / mutation.file).read_text()


def test_every_scenario_in_containers_has_a_mutation() -> None:
    scenarios = {path.parent.name for path in (PROJECT / "molecule" / "roles").glob("*/molecule.yml")}
    assert {mutation.scenario for mutation in MUTATIONS} == scenarios


def test_text_that_is_not_there_is_an_error_with_the_cure(tmp_path: Path) -> None:
    copy = tmp_path / "other"
    copy.write_text("nothing of that")
    with pytest.raises(SystemExit, match="0 times, not once: correct the mutation"):
        break_file(copy, MUTATIONS[0])


def test_failures_are_tests_and_tasks() -> None:
    assert failed_in(OUTPUT.splitlines()) == [
        "Wait until heartbeat has settled",
        "test_directive",
        "test_resources",
    ]
