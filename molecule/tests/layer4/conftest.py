"""Fixtures of the tests of IPVS's own ways to keep a client on its web server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from testbed.clients import Clients
from testbed.cluster import Cluster


@pytest.fixture(scope="session")
def clients(cluster: Cluster) -> Iterator[Clients]:
    found = Clients(cluster.lab, cluster.directory / "www.pem")
    with found.present():
        yield found


@pytest.fixture(scope="session")
def addresses(cluster: Cluster) -> dict[str, str]:
    """Name of a service -> its virtual address."""
    services = cluster.variables(cluster.preferred)["haweb_services"]
    return {service["name"]: service["address"].partition("/")[0] for service in services}
