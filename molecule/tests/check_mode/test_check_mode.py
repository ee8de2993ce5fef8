"""`site.yml --check --diff` on empty machines, and on the finished cluster."""

from __future__ import annotations

import pytest
from testbed.cluster import Cluster
from testbed.fingerprint import fingerprint
from testbed.playbook import Run


@pytest.fixture(scope="module")
def before(cluster: Cluster) -> dict[str, list[str]]:
    return fingerprint(cluster)


@pytest.fixture(scope="module")
def run(cluster: Cluster, before: dict[str, list[str]]) -> Run:
    return cluster.run_site("--check", "--diff")


def test_check_mode_ends_well_on_every_host(cluster: Cluster, run: Run) -> None:
    assert run.returncode == 0, run.output
    assert run.output.count("unreachable=0") == len(cluster.hosts)


def test_check_mode_shows_what_would_change(cluster: Cluster, run: Run) -> None:
    """Everything on empty machines, nothing on the finished cluster."""
    assert (run.changed > 0) == (not cluster.is_built()), run.output


def test_check_mode_shows_no_secret(cluster: Cluster, run: Run) -> None:
    variables = cluster.variables(next(iter(cluster.hosts)))
    assert variables["lab_secrets"]
    assert [name for name in variables["lab_secrets"] if variables[name] in run.output] == []


def test_check_mode_changes_nothing(cluster: Cluster, before: dict[str, list[str]], run: Run) -> None:
    assert fingerprint(cluster) == before
