"""A role's README matches its argument_specs and its defaults, and quotes an example that is tested."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from readmes import INVENTORY, QUOTE, README, filled

# The model has no variables of its own: those of the inventory are in docs/inventory.md.
ROLES = [role for role in sorted((Path(__file__).parents[3] / "roles").iterdir()) if role.name != "model"]


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_quotes_are_up_to_date(role: Path) -> None:
    readme = role / "README.md"
    assert readme.read_text() == filled(readme), "run `make readmes`"


@pytest.mark.parametrize("page", [README, INVENTORY], ids=lambda page: page.name)
def test_pages_are_up_to_date(page: Path) -> None:
    assert page.read_text() == filled(page), "run `make readmes`"


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_there_are_an_example_and_a_table(role: Path) -> None:
    quoted = [Path(name) for _, name, _ in QUOTE.findall((role / "README.md").read_text())]
    assert [path.suffix for path in quoted] == [".yml", ".yml"]
    assert quoted[0].stem in (role.name, "create")
    assert quoted[1] == Path("meta/argument_specs.yml")


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_variable_has_its_row_and_its_default(role: Path) -> None:
    """It reads the table itself, so that it also finds mistakes of the program that writes the table."""
    readme = (role / "README.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| [\w ]+ \| `(.*?)` \|", readme, re.MULTILINE)
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text())
    assert {name: said.replace(r"\|", "|") for name, said in rows} == {
        name: value.strip() if value and isinstance(value, str) else json.dumps(value)
        for name, value in defaults.items()
    }
