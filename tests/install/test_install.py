"""The artifact for Galaxy has the right files, and works in another repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
REPOSITORY = Path(__file__).with_name("repository")
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


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | {"ANSIBLE_NOCOLOR": "true"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("artifact")
    done = run("ansible-galaxy", "collection", "build", "--output-path", directory, cwd=PROJECT)
    assert done.returncode == 0, done.stdout
    (found,) = directory.glob("haweb-cluster-*.tar.gz")
    return found


class Elsewhere:
    """A repository with the built collection beside it, and without access to this checkout."""

    def __init__(self, directory: Path, artifact: Path) -> None:
        self.directory = directory / "repository"
        shutil.copytree(REPOSITORY, self.directory)
        self.collections = directory / "collections"
        done = self("ansible-galaxy", "collection", "install", artifact, "-p", self.collections)
        assert done.returncode == 0, done.stdout

    def __call__(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return run(
            *command,
            cwd=self.directory,
            ANSIBLE_COLLECTIONS_PATH=str(self.collections),
            # Otherwise Ansible would find the collection of the virtual environment.
            ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false",
        )

    def play(self, playbook: str | Path, *options: str) -> subprocess.CompletedProcess[str]:
        return self("ansible-playbook", "-i", "inventory.yml", playbook, *options)


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, artifact: Path) -> Elsewhere:
    return Elsewhere(tmp_path_factory.mktemp("elsewhere"), artifact)


def names_in(artifact: Path) -> list[str]:
    with tarfile.open(artifact) as archive:
        return [member.name for member in archive if not member.isdir()]


def test_nothing_else_is_at_the_top(artifact: Path) -> None:
    assert {name.partition("/")[0] for name in names_in(artifact)} == TOP


def test_only_files_of_the_repository_are_inside(artifact: Path) -> None:
    """The artifact has no caches, no images, and no files that git ignores."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=PROJECT)
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


def test_whole_cluster_is_there(elsewhere: Elsewhere) -> None:
    listed = elsewhere.play("cluster.yml", "--list-tasks")
    assert listed.returncode == 0, listed.stdout
    for role in ("webserver", "real_server", "balancer", "sorry_page", "director", "heartbeat"):
        assert f"haweb.cluster.{role} : " in listed.stdout


def test_without_a_secret_nothing_is_changed(elsewhere: Elsewhere) -> None:
    done = elsewhere.play("cluster.yml")
    assert done.returncode != 0, done.stdout
    assert "loadb1:" in done.stdout
    assert "there is no default secret; make one with `openssl rand -hex 32`" in done.stdout
    assert done.stdout.count("changed=0") == len(("webserver1", "loadb1"))


def test_execution_environment_gets_what_the_collection_needs(elsewhere: Elsewhere, tmp_path: Path) -> None:
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
def test_single_role_is_there(elsewhere: Elsewhere, name: str) -> None:
    example = elsewhere.collections / "ansible_collections" / "haweb" / "cluster" / "examples" / name
    listed = elsewhere.play(example, "--list-tasks")
    assert listed.returncode == 0, listed.stdout
    assert f"haweb.cluster.{example.stem} : " in listed.stdout
