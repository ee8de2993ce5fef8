"""The variables of the inventory: all of them are known, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.haweb.cluster.plugins.plugin_utils import _words

PROJECT = Path(__file__).parents[4]
WORD = re.compile(r"\bhaweb_[a-z_]*[a-z]\b")
# A variable and its default, if that is a value.
DEFAULT = re.compile(r"\b(haweb_[a-z_]*[a-z]) \| default\(('[^']*'|\[[^\]]*\]|\{\}|[0-9]+|true|false)\)")
# Files that read the variables, and those that set or explain them.
READ = (
    "roles/*/defaults/main.yml",
    "playbooks/**/*.yml",
    "inventory/group_vars/*.yml",
    "plugins/plugin_utils/_model/hosts.py",
)
SET = ("inventory/*.yml", "molecule/**/inventory/**/*.yml", "README.md", "docs/*.md", "examples/*.yml")


def words(*patterns: str, but: tuple[str, ...] = ()) -> Iterator[str]:
    for pattern in patterns:
        files = list(PROJECT.glob(pattern))
        assert files, f"no file matches {pattern}"
        for file in files:
            if file.relative_to(PROJECT).as_posix() not in but:
                yield from WORD.findall(file.read_text())


def test_every_variable_that_is_read_is_known_and_every_known_one_is_read() -> None:
    assert set(words(*READ)) == _words.KNOWN


def test_every_variable_that_is_set_or_explained_is_known() -> None:
    assert set(words("docs/inventory.md")) == _words.KNOWN
    assert set(words(*SET, but=("docs/inventory.md",))) <= _words.CURRENT


def defaults() -> Iterator[tuple[str, str, object]]:
    """Return each variable with the file that has a default of it, and this default, if that is a value."""
    for file in (file for pattern in READ for file in PROJECT.glob(pattern)):
        for variable, default in DEFAULT.findall(file.read_text()):
            name = _words.RENAMED.get(variable, variable)
            yield name, file.relative_to(PROJECT).as_posix(), yaml.safe_load(default)
    model = PROJECT / "roles" / "model" / "defaults" / "main.yml"
    for variable, default in yaml.safe_load(model.read_text()).items():
        if "{{" not in default:
            yield variable, model.relative_to(PROJECT).as_posix(), default


DOCUMENTED = {
    word.variable: yaml.safe_load(word.default.strip("`"))
    for subject in _words.WORDS.values()
    for word in subject
    if re.fullmatch(r"`[^`]+`", word.default)
}
# These are expressions, or stand for other variables.
NOT_VALUES = {"haweb_sync_interface", "haweb_node_name", "haweb_server_name"}
# Where no value, or another one than the documented default, means the same.
ALIKE = {("haweb_resources", ())}


def test_every_documented_default_is_that_of_the_code() -> None:
    found = list(defaults())
    wrong = [
        (variable, file, value)
        for variable, file, value in found
        if variable in DOCUMENTED
        and value != DOCUMENTED[variable]
        and (variable, tuple(value) if isinstance(value, list) else value) not in ALIKE
    ]
    assert wrong == []
    assert {variable for variable, _file, _value in found} >= DOCUMENTED.keys() - NOT_VALUES


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("haweb_services", None),
        ("ansible_host", None),
        ("my_haweb_services", None),
        ("haweb_servces", "haweb_servces; did you mean haweb_services? Remove it"),
        ("haweb_tls_cert", "haweb_tls_cert; did you mean haweb_tls_"),
        ("haweb_zzz", "haweb_zzz. Remove it"),
    ],
)
def test_variable_that_nothing_reads(name: str, found: str | None) -> None:
    problems = _words.problems("loadb1", [name])
    if found is None:
        assert problems == []
    else:
        (problem,) = problems
        assert problem.startswith(f"loadb1: no role and no playbook reads the variable {found}")


def test_problems_come_all_at_once_and_in_order() -> None:
    problems = _words.problems("loadb1", ["haweb_b", "haweb_services", "haweb_a"])
    assert [re.findall(r"haweb_[ab]\b", problem) for problem in problems] == [["haweb_a"], ["haweb_b"]]
