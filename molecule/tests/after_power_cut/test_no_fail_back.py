"""After the side effect: the old director works again, and the new one has kept the address."""

from __future__ import annotations

import json

import pytest
from testbed.cluster import Cluster


@pytest.fixture
def power_cut(cluster: Cluster) -> dict[str, str]:
    """The old and the new director. The file is missing if the side effect did not happen."""
    noted: dict[str, str] = json.loads((cluster.directory / "power_cut.json").read_text())
    return noted


def test_address_does_not_fail_back(cluster: Cluster, power_cut: dict[str, str]) -> None:
    assert cluster.holders() == {power_cut["new"]}


def test_old_director_is_a_node_again(cluster: Cluster, power_cut: dict[str, str]) -> None:
    assert cluster.node_status(power_cut["new"], of=power_cut["old"]) == "active"


def test_old_director_has_booted_anew(cluster: Cluster, power_cut: dict[str, str]) -> None:
    assert cluster.uptime(power_cut["old"]) < cluster.uptime(power_cut["new"])
