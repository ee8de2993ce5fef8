"""Other files match .config/support.yml, and each ansible-core in it can be tested."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cores
import pytest
import support
import yaml
from ansible_collections.haweb.cluster.plugins.filter import controller_problems

PROJECT = Path(__file__).parents[2]
SUPPORT = support.load()
RELEASES = [debian.release for debian in SUPPORT.debian]
OLDEST_CORE = SUPPORT.cores[0].series
OLDEST_HOST_PYTHON = SUPPORT.debian[0].python
ROLES = sorted((PROJECT / "roles").iterdir())
SCENARIOS = PROJECT / "molecule" / "roles"


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def test_ansible_refuses_older_cores() -> None:
    assert load(PROJECT / "meta" / "runtime.yml") == {"requires_ansible": f">={OLDEST_CORE}.0"}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_role_names_what_it_needs(role: Path) -> None:
    about = load(role / "meta" / "main.yml")["galaxy_info"]
    assert about["min_ansible_version"] == OLDEST_CORE
    (platform,) = about["platforms"]
    assert platform["name"] == "Debian"
    # The lab's own machine is a Debian 12; its guests may differ.
    assert platform["versions"] == (["bookworm"] if role.name == "lab" else RELEASES)


def test_containers_of_each_debian_start() -> None:
    plays = load(SCENARIOS / "shared" / "create.yml")
    assert [play["vars"]["lab_release"] for play in plays if "vars" in play] == RELEASES
    assert [play["name"] for play in plays if "vars" in play] == [
        f"Start the containers of Debian {debian.version}" for debian in SUPPORT.debian
    ]


def test_each_pair_of_containers_has_each_debian() -> None:
    groups = load(SCENARIOS / "inventory" / "hosts.yml")["all"]["children"]
    for pair in ("default", "alternative"):
        hosts = set(groups[pair]["hosts"])
        assert [len(hosts & set(groups[release]["hosts"])) for release in RELEASES] == [1] * len(RELEASES)


def test_modules_are_tested_on_the_oldest_python_of_a_host() -> None:
    assert load(PROJECT / "tests" / "config.yml") == {
        "modules": {"python_requires": f">={OLDEST_HOST_PYTHON}"}
    }


def test_linters_assume_the_oldest_python() -> None:
    settings = (PROJECT / "pyproject.toml").read_text()
    assert f'target-version = "py{OLDEST_HOST_PYTHON.replace(".", "")}"' in settings
    assert f'python_version = "{OLDEST_HOST_PYTHON}"' in settings


def test_sanity_knows_each_core() -> None:
    files = {path.name for path in (PROJECT / "tests" / "sanity").iterdir()}
    assert files == {f"ignore-{core.series}.txt" for core in SUPPORT.cores}


def test_the_virtual_environment_has_a_supported_core() -> None:
    (series,) = re.findall(
        r"^ansible-core==([\d.]+)\.\*$", (PROJECT / "requirements-dev.txt").read_text(), re.M
    )
    assert series in {core.series for core in SUPPORT.cores}


def test_playbooks_refuse_older_cores() -> None:
    assert support.numbers(OLDEST_CORE) == controller_problems.OLDEST_CORE
    needed = f"needs Python {SUPPORT.cores[0].oldest_python} or newer"
    assert needed in controller_problems.OLD_CORE.sentence


@pytest.mark.parametrize("core", SUPPORT.cores, ids=lambda core: core.series)
@pytest.mark.parametrize("python", ["3.9", *(debian.python for debian in SUPPORT.debian)])
def test_core_is_tested_here_or_in_a_debian_that_fits(core: support.Core, python: str) -> None:
    words = cores.command(core, SUPPORT.debian, python)
    assert words[-len(core.requirements) :] == core.requirements
    if "in-debian" in words[0]:
        (python,) = [debian.python for debian in SUPPORT.debian if debian.release == words[1]]
    assert core.runs_on(python)


def test_core_that_runs_nowhere() -> None:
    core = support.Core("2.30", oldest_python="3.20", newest_python="3.21")
    with pytest.raises(
        SystemExit, match=r"ansible-core 2\.30 needs Python 3\.20 to 3\.21, but this machine has"
    ):
        cores.command(core, SUPPORT.debian)


def test_prerelease_is_asked_for_where_there_is_no_release() -> None:
    core = support.Core("2.30", oldest_python="3.13", newest_python="3.16", prerelease=True)
    assert core.requirements == ["ansible-core~=2.30.0b1", "cryptography"]
