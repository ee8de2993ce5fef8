"""The lab's own inventory: its plan, and the folder that follows the plan."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from haweb_lab import inventory
from haweb_lab.errors import LabError
from haweb_lab.inventory import Plan
from testbed.lab_sample import LAB, node


def planned(tmp_path: Path, source: Path) -> Plan:
    lab = replace(LAB, inventory=str(source), directory=tmp_path / "lab")
    return inventory.inventory_plan(lab, [node("web1"), node("web2")], {"secret": "word"})


def test_inventory_repeats_a_directory_and_adds_a_file_to_each_host(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "host_vars/web2").mkdir(parents=True)
    for file in (
        "hosts.yml",
        ".hidden",
        "host_vars/web1.yml",
        "host_vars/web2/own.yml",
        "host_vars/web11.yml",
    ):
        (source / file).touch()
    plan = planned(tmp_path, source)
    assert plan["hosts.yml"] == source / "hosts.yml"
    assert plan["host_vars/web1/web1.yml"] == source / "host_vars/web1.yml"
    assert plan["host_vars/web2/own.yml"] == source / "host_vars/web2/own.yml"
    assert set(plan) == {
        "hosts.yml",
        "host_vars/web1/web1.yml",
        "host_vars/web1/zz_lab.json",
        "host_vars/web2/own.yml",
        "host_vars/web2/zz_lab.json",
    }
    ours = json.loads(str(plan["host_vars/web1/zz_lab.json"]))
    assert (ours["ansible_host"], ours["secret"]) == ("192.0.2.11", "word")


def test_inventory_repeats_a_file_with_the_variables_beside_it(tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    for file in ("hosts.yml", "other.yml"):
        (tmp_path / file).touch()
    plan = planned(tmp_path, tmp_path / "hosts.yml")
    assert plan["hosts.yml"] == tmp_path / "hosts.yml"
    assert plan["group_vars"] == tmp_path / "group_vars"
    assert "other.yml" not in plan


def test_a_folder_is_written_once_and_private(tmp_path: Path) -> None:
    top, source = tmp_path / "inventory", tmp_path / "hosts.yml"
    plan: Plan = {"hosts.yml": source, "host_vars/web1/zz_lab.json": "{}\n"}
    assert inventory.write(top, plan)
    assert (top / "hosts.yml").readlink() == source
    assert (top / "host_vars/web1/zz_lab.json").read_text() == "{}\n"
    assert (top / "host_vars/web1/zz_lab.json").stat().st_mode & 0o777 == 0o600  # noqa: PLR2004
    assert not inventory.write(top, plan)


@pytest.mark.parametrize(
    "plan",
    [
        {"hosts.yml": Path("/elsewhere"), "own.json": "{}\n"},
        {"hosts.yml": Path("/source"), "own.json": "{1}\n"},
        {"hosts.yml": "a file now", "own.json": "{}\n"},
        {"hosts.yml": Path("/source")},
        {"hosts.yml": Path("/source"), "own.json": "{}\n", "new/file": ""},
    ],
)
def test_each_difference_is_a_change_once(tmp_path: Path, plan: Plan) -> None:
    inventory.write(tmp_path, {"hosts.yml": Path("/source"), "own.json": "{}\n"})
    assert inventory.write(tmp_path, plan)
    assert not inventory.write(tmp_path, plan)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if not path.is_dir()}
    assert left == set(plan)


def test_secrets_are_generated_once_and_those_no_longer_wanted_are_dropped(tmp_path: Path) -> None:
    lab = replace(LAB, directory=tmp_path, secrets=("one", "two"))
    first = inventory.lab_secrets(lab)
    assert set(first) == {"one", "two"}
    assert first["one"] != first["two"]
    assert inventory.lab_secrets(lab) == first
    assert inventory.lab_secrets(replace(lab, secrets=("two",))) == {"two": first["two"]}
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600  # noqa: PLR2004


@pytest.mark.parametrize(
    ("source", "problem"),
    [("missing", "is no file or directory"), ("lab/inventory", "is the lab's own inventory")],
)
def test_a_source_that_cannot_be_one(tmp_path: Path, source: str, problem: str) -> None:
    (tmp_path / "lab/inventory").mkdir(parents=True)
    lab = replace(LAB, directory=tmp_path / "lab", inventory=str(tmp_path / source))
    with pytest.raises(LabError, match=problem):
        inventory.check_source(lab)
    inventory.check_source(replace(lab, inventory=str(tmp_path)))
