"""The artifact for Galaxy has the right files, and works in another repository."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
EXAMPLES = sorted(path.name for path in (PROJECT / "examples").glob("*.yml"))
TOP = {
    *(
        "CHANGELOG.md",
        "FILES.json",
        "LICENSE",
        "MANIFEST.json",
        "README.md",
        "bindep.txt",
        "requirements.txt",
    ),
    "site.yml",
    *("changelogs", "docs", "examples", "inventory", "meta", "playbooks", "plugins", "roles"),
}
# The packages that pip installs in addition to ansible-core.
IMPORTED = {"bcrypt", "cryptography", "netaddr"}
IMPORT = re.compile(r"^ *(?:from|import) (\w+)", re.M)
BLOB = "https://github.com/haweb/haweb.cluster/blob/main/"
LINK = re.compile(r"\]\((\S+?)\)|^\[.+\]: (\S+)$", re.M)


def names_in(artifact: Path) -> list[str]:
    with tarfile.open(artifact) as archive:
        return [member.name for member in archive if not member.isdir()]


def test_nothing_else_is_at_the_top(artifact: Path) -> None:
    assert {name.partition("/")[0] for name in names_in(artifact)} == TOP


def test_only_files_of_the_repository_are_inside(artifact: Path) -> None:
    """The artifact has no caches, no images, and no files that git ignores."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert set(names_in(artifact)) - set(listed.stdout.splitlines()) == {"FILES.json", "MANIFEST.json"}


def test_what_it_takes_to_develop_is_not_inside(artifact: Path) -> None:
    unwanted = {"group_vars", "molecule", "tests", "conf.py", "galaxy.yml", "requirements-dev.txt"}
    allowed = ("inventory/",)  # the example that people copy
    found = [name for name in names_in(artifact) if unwanted & set(name.split("/"))]
    assert [name for name in found if not name.startswith(allowed)] == []


def test_readme_links_to_what_is_in_the_repository() -> None:
    """Galaxy shows only the README."""
    links = {inline or reference for inline, reference in LINK.findall((PROJECT / "README.md").read_text())}
    outside = {link for link in links if not link.startswith(BLOB)}
    assert outside == {"https://github.com/haweb/haweb.cluster"}
    files = {link.removeprefix(BLOB).partition("#")[0] for link in links - outside}
    assert {name for name in files if not (PROJECT / name).is_file()} == set()


def test_readme_offers_make_to_those_who_have_it() -> None:
    """The artifact has no Makefile."""
    shown = re.sub(r"<!--.*?-->", "", (PROJECT / "README.md").read_text())
    sections = shown.split("\n## ")
    offers = [section for section in sections if re.search(r"^make |`make ", section, re.M)]
    assert [section for section in offers if "checkout" not in section] == []


def test_whole_cluster_is_there(elsewhere: Any) -> None:
    listed = elsewhere.play("cluster.yml", "--list-tasks")
    assert listed.returncode == 0, listed.stdout
    for role in ("webserver", "real_server", "balancer", "sorry_page", "director", "heartbeat"):
        assert f"haweb.cluster.{role} : " in listed.stdout


def test_without_a_secret_nothing_is_changed(elsewhere: Any) -> None:
    done = elsewhere.play("cluster.yml")
    assert done.returncode != 0, done.stdout
    assert "loadb1:" in done.stdout
    assert "there is no default secret; make one with `openssl rand -hex 32`" in done.stdout
    assert done.stdout.count("changed=0") == len(("webserver1", "loadb1"))


def test_execution_environment_gets_what_the_collection_needs(elsewhere: Any, tmp_path: Path) -> None:
    python, system = tmp_path / "requirements.txt", tmp_path / "bindep.txt"
    done = elsewhere(
        *("ansible-builder", "introspect", elsewhere.collections),
        *(f"--write-pip={python}", f"--write-bindep={system}"),
    )
    assert done.returncode == 0, done.stdout
    assert {line.partition(" ")[0] for line in python.read_text().split("\n") if line} == IMPORTED
    assert "openssh-client " in system.read_text()


def test_requirements_are_what_the_plugins_import() -> None:
    """Modules of Python, Ansible and the collection do not count."""
    sources = [source.read_text() for source in (PROJECT / "plugins").rglob("*.py")]
    imported = {name for source in sources for name in IMPORT.findall(source)}
    ours = sys.stdlib_module_names | {"ansible", "ansible_collections"}
    assert imported - ours == IMPORTED


@pytest.mark.parametrize("name", EXAMPLES)
def test_single_role_is_there(elsewhere: Any, name: str) -> None:
    example = elsewhere.collections / "ansible_collections" / "haweb" / "cluster" / "examples" / name
    listed = elsewhere.play(example, "--list-tasks")
    assert listed.returncode == 0, listed.stdout
    assert f"haweb.cluster.{example.stem} : " in listed.stdout
