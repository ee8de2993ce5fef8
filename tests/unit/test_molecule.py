"""Molecule skips missing tests and playbooks, and succeeds. Here they are errors."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

MOLECULE = Path(__file__).parents[2] / "molecule"
CONFIG = MOLECULE.parent / ".config" / "molecule" / "config.yml"
SCENARIOS = sorted(MOLECULE.glob("*/molecule.yml"))


def steps(scenario: Path) -> list[list[str]]:
    """Return the steps of a scenario, each with its arguments."""
    return [step.split() for step in yaml.safe_load(scenario.read_text())["scenario"]["test_sequence"]]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.parent.name)
def test_every_verify_has_tests(scenario: Path) -> None:
    for action, *arguments in steps(scenario):
        if action == "verify":
            assert arguments
            for argument in arguments:
                assert list((scenario.parent / argument).glob("test_*.py")), f"{argument} has no tests"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.parent.name)
def test_every_playbook_is_there(scenario: Path) -> None:
    playbooks = yaml.safe_load(CONFIG.read_text())["ansible"]["playbooks"]
    for action, *arguments in steps(scenario):
        if action not in ("verify", "idempotence"):
            for playbook in arguments or [playbooks[action]]:
                assert (scenario.parent / playbook).is_file(), f"{action} has no playbook {playbook}"


def test_every_test_is_run_by_a_scenario() -> None:
    run = {
        (scenario.parent / argument).resolve()
        for scenario in SCENARIOS
        for action, *arguments in steps(scenario)
        if action == "verify"
        for argument in arguments
    }
    assert {test.parent for test in MOLECULE.glob("tests/**/test_*.py")} == run
