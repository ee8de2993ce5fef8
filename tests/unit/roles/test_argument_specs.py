"""The documented defaults of a role are its real defaults.

A default from the inventory's model is an expression, and antsibull-docs refuses an expression as the default
of a number, because it has the wrong type. So only defaults/main.yml and the role's README contain it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.haweb.cluster.plugins.filter.ldirectord_cf import FilterModule

ldirectord_cf: Callable[..., Any] = FilterModule().filters()["ldirectord_cf"]
# The model has no variables of its own: those of the inventory are in docs/inventory.md.
ROLES = [role for role in sorted((Path(__file__).parents[3] / "roles").iterdir()) if role.name != "model"]


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text()) or {}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_default_is_documented_with_its_value(role: Path) -> None:
    specs = load(role / "meta" / "argument_specs.yml")["argument_specs"]
    documented = {name: option for spec in specs.values() for name, option in spec["options"].items()}
    defaults = load(role / "defaults" / "main.yml")
    assert {name: option.get("default") for name, option in documented.items()} == {
        name: None if "{{" in str(value) else value for name, value in defaults.items()
    }


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_entry_point_has_the_same_description_of_a_variable(role: Path) -> None:
    specs = load(role / "meta" / "argument_specs.yml")["argument_specs"]
    main = specs["main"]["options"]
    assert [
        (entry, name)
        for entry, spec in specs.items()
        for name, option in spec["options"].items()
        if option != main.get(name, option)
    ] == []


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_variables_carry_the_name_of_their_role(role: Path) -> None:
    assert [
        name for name in load(role / "defaults" / "main.yml") if not name.startswith(f"{role.name}_")
    ] == []


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_no_result_of_a_task_has_the_name_of_a_variable(role: Path) -> None:
    """It would replace the variable for the rest of the run, even if the role runs a second time."""
    variables = {name for place in ("defaults", "vars") for name in load_all(role / place)}
    results = {task["register"] for file in (role / "tasks").glob("*.yml") for task in tasks(load(file))}
    assert variables & results == set()


def nested(options: dict[str, Any]) -> dict[str, object]:
    """Name of each option inside of another one, at any depth: its default, if it is documented."""
    inner = [inside for option in options.values() for inside in option.get("options", {}).items()]
    found = {name: option["default"] for name, option in inner if "default" in option}
    for _name, option in inner:
        found |= nested({"": option})
    return found


# Nested defaults are documentation only: what a service really gets when it says nothing of them.
WWW = {"name": "www", "address": "192.168.0.105/24", "port": 80, "real_servers": ["192.168.0.101"]}
DNS = {**WWW, "port": 53, "check": {"request": "www.example.com", "receive": "192.0.2.1"}}


def test_a_nested_default_is_what_a_service_gets() -> None:
    """It must hold for every service; a default that depends on another option is words."""
    specs = load(Path(__file__).parents[3] / "roles/director/meta/argument_specs.yml")["argument_specs"]
    documented = nested(specs["main"]["options"])
    services = (WWW, {**WWW, "port": 143}, {**WWW, "port": 514, "protocol": "udp"}, DNS)
    for service in services:
        (virtual,) = ldirectord_cf([service])["virtuals"]
        lines = {option["name"]: option["value"].strip('"') for option in virtual["options"]}
        asked = {name: lines.get(name) for name in documented if name not in service}
        assert asked == {name: value for name, value in documented.items() if name not in service}


def load_all(folder: Path) -> dict[str, Any]:
    return {name: value for file in folder.glob("*.yml") for name, value in load(file).items()}


def tasks(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the tasks that register a result, also those in blocks."""
    for entry in entries:
        if "register" in entry:
            yield entry
        for part in ("block", "rescue", "always"):
            yield from tasks(entry.get(part, []))


def secrets(options: dict[str, Any]) -> dict[str, str]:
    """Return the name and type of each option with no_log, at any depth."""
    found: dict[str, str] = {}
    for name, option in options.items():
        found |= {name: option["type"]} if option.get("no_log") else {}
        found |= secrets(option.get("options", {}))
    return found


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_no_secret_has_a_type_whose_values_ansible_shows(role: Path) -> None:
    """Ansible prints values that do not fit their type, and hides all values of a no_log list."""
    specs = load(role / "meta" / "argument_specs.yml")["argument_specs"]
    assert set(secrets(specs["main"]["options"]).values()) <= {"str", "raw"}
