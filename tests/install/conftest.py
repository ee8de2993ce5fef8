"""The collection as Galaxy has it, installed in a place without this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
REPOSITORY = Path(__file__).with_name("repository")


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
    """A repository with the built collection beside it, and no other way to this one."""

    def __init__(self, directory: Path, artifact: Path) -> None:
        self.directory = directory / "repository"
        shutil.copytree(REPOSITORY, self.directory)
        self.collections = directory / "collections"
        self.collection = self.collections / "ansible_collections" / "haweb" / "cluster"
        done = self("ansible-galaxy", "collection", "install", artifact, "-p", self.collections)
        assert done.returncode == 0, done.stdout

    def __call__(self, *command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return run(
            *command,
            cwd=cwd or self.directory,
            ANSIBLE_COLLECTIONS_PATH=str(self.collections),
            # Else the collection of the virtual environment would be found.
            ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false",
        )

    def play(self, playbook: str | Path, *options: str) -> subprocess.CompletedProcess[str]:
        return self("ansible-playbook", "-i", "inventory.yml", playbook, *options)


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, artifact: Path) -> Elsewhere:
    return Elsewhere(tmp_path_factory.mktemp("elsewhere"), artifact)
