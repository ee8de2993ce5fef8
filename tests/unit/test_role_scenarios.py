"""Every role has a scenario of its own, with the example of its README."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
SCENARIOS = PROJECT / "molecule" / "roles"
# The scenarios of the cluster test the lab, and those of the roles that use apache test apache. The model has
# no tasks.
ROLES = sorted({role.name for role in (PROJECT / "roles").iterdir()} - {"apache", "lab", "model"})


def test_every_scenario_is_of_a_role() -> None:
    assert sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml")) == ROLES


@pytest.mark.parametrize("role", ROLES)
def test_scenario_runs_the_example(role: str) -> None:
    plays = yaml.safe_load((SCENARIOS / role / "converge.yml").read_text())
    imported = [play["ansible.builtin.import_playbook"] for play in plays if "hosts" not in play]
    assert imported == [f"../../../examples/{role}.yml"]


@pytest.mark.parametrize("role", ROLES)
def test_scenario_has_tests(role: str) -> None:
    """Molecule skips a scenario without tests, and succeeds."""
    assert list((SCENARIOS / role / "tests").glob("test_*.py"))


def test_no_scenario_is_called_like_one_of_the_lab() -> None:
    """Molecule would store the state of both in one folder."""
    in_the_lab = {path.parent.name for path in (PROJECT / "molecule").glob("*/molecule.yml")}
    assert in_the_lab.isdisjoint(ROLES)
