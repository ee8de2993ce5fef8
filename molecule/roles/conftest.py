"""What the tests of single roles may ask for: a container, or the two pairs of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from testbed.container import PAIRS, Node, Pairs


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a node, or for one of a pair, once for each."""
    kinds = {"node": (*PAIRS["default"], *PAIRS["alternative"]), **PAIRS}
    for argument, names in kinds.items():
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, [Node(name) for name in names], ids=names, scope="session")


@pytest.fixture(scope="session")
def pairs() -> Pairs:
    return {kind: [Node(name) for name in names] for kind, names in PAIRS.items()}


@pytest.fixture(scope="session")
def secret() -> str:
    """The secret that the scenario has made up."""
    return (Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "secret").read_text().split()[0]
