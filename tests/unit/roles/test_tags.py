"""Each task of a role has the tag of its phase, and each phase works alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[3]
# The lab is built as a whole. The roles that use apache give its parts their tags. The model has no tasks.
WITHOUT_TAGS = ("apache", "lab", "model")
ROLES = [role for role in sorted((PROJECT / "roles").iterdir()) if role.name not in WITHOUT_TAGS]
CHECK = ["check", "always"]
PHASES = {"check": CHECK, "install": "install", "configure": "configure", "run": "run"}
REGISTER = re.compile(r"^ +register: (\w+)$", re.M)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def phase(task: dict[str, Any]) -> str:
    return next(name for name, tags in PHASES.items() if tags == task["tags"])


def phases(role: Path) -> dict[str, str]:
    """Return the files of tasks that the role runs, each with the phase of the task that imports it."""
    found = {"main": "main"}
    for task in load(role / "tasks" / "main.yml"):
        if file := imported(task):
            inner = filter(None, map(imported, load(role / "tasks" / f"{file}.yml")))
            found |= dict.fromkeys([file, *inner], phase(task))
    return found


def imported(task: dict[str, Any]) -> str:
    tasks = task.get("ansible.builtin.import_tasks") or task.get("ansible.builtin.include_tasks", "")
    file: str = tasks["file"] if isinstance(tasks, dict) else tasks
    return file.removesuffix(".yml")


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_each_task_has_one_phase(role: Path) -> None:
    tasks = load(role / "tasks" / "main.yml")
    assert [task["name"] for task in tasks if task.get("tags") not in PHASES.values()] == []
    assert {path.stem for path in (role / "tasks").glob("*.yml")} == set(phases(role))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_file_that_is_named_like_a_phase_has_its_tag(role: Path) -> None:
    assert {file: found for file, found in phases(role).items() if file in PHASES and file != found} == {}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_included_tasks_get_the_tags(role: Path) -> None:
    """Included tasks do not inherit tags, unlike imported ones."""
    included = [task for task in load(role / "tasks" / "main.yml") if "ansible.builtin.include_tasks" in task]
    assert [task["ansible.builtin.include_tasks"]["apply"]["tags"] for task in included] == [
        task["tags"] for task in included
    ]


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_results_of_another_phase_have_a_default(role: Path) -> None:
    """Results of the checks always exist. Others, which vars and handlers read, may not exist in a phase."""
    files = phases(role)
    readers = {path: files[path.stem] for path in (role / "tasks").glob("*.yml")}
    readers |= {path: "" for place in ("vars", "handlers") for path in (role / place).glob("*.yml")}
    results = {name: phase for path, phase in readers.items() for name in REGISTER.findall(path.read_text())}
    assert [
        f"{path.relative_to(role)}: {name}"
        for path, reader in readers.items()
        for name, source in results.items()
        if source not in ("check", reader) and re.search(rf"\b{name}\b(?! \| default\()", path.read_text())
    ] == []


@pytest.mark.parametrize("name", ["balancers", "directors", "webservers"])
def test_name_of_a_role_is_a_tag(name: str) -> None:
    plays = load(PROJECT / "playbooks" / f"{name}.yml")
    roles = [role for play in plays for role in play["roles"]]
    assert [role["role"] for role in roles] == [f"haweb.cluster.{role['tags']}" for role in roles]


def test_checks_run_with_whatever_tags() -> None:
    plays = load(PROJECT / "playbooks" / "check.yml")
    assert [play["name"] for play in plays if play["tags"] != CHECK] == []


def test_page_names_the_roles_of_each_phase() -> None:
    page = (PROJECT / "docs" / "tags.md").read_text()
    shown = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", page, re.M))
    used = {role.name: {phase(task) for task in load(role / "tasks" / "main.yml")} for role in ROLES}
    having = {name: [role for role in used if name in used[role]] for name in PHASES}
    assert shown == {
        name: "all" if len(roles) == len(used) else ", ".join(roles) for name, roles in having.items()
    }
