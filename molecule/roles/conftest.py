"""Fixtures for the tests of single roles: a container, or the two pairs of containers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from testbed.container import PAIRS, Node, Pairs


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each node, or for each node of a pair, that its fixture stands for."""
    kinds = {"node": (*PAIRS["default"], *PAIRS["alternative"]), **PAIRS}
    for argument, names in kinds.items():
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, [Node(name) for name in names], ids=names, scope="session")


@pytest.fixture(scope="session")
def pairs() -> Pairs:
    return {kind: [Node(name) for name in names] for kind, names in PAIRS.items()}


@pytest.fixture(scope="session")
def secret() -> str:
    """The secret that the scenario has generated."""
    return (Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "secret").read_text().split()[0]
