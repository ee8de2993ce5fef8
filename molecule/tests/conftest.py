"""Fixtures of all tests: the cluster, its site, each of its machines in turn, and a line of live output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from testbed.cluster import Cluster, of_this_run
from testbed.site_with_sessions import Site
from testinfra.host import Host

the_cluster = cache(of_this_run)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many processes test at once. Only `rows` uses several: it reads directors and web servers."""
    return 2 if {Path(argument).name for argument in config.args} == {"rows"} else 0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each machine of the group that its fixture stands for."""
    groups = {"director_name": "directors", "webserver_name": "webservers"}
    for argument, group in groups.items():
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, list(getattr(the_cluster(), group)), scope="session")


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    return the_cluster()


@pytest.fixture(scope="session")
def site(cluster: Cluster) -> Site:
    return Site(cluster.directory, cluster.scenario)


@pytest.fixture
def mended(site: Site) -> Iterator[None]:
    """Repair the site after a test that breaks something."""
    yield
    site.make_whole()


@pytest.fixture
def director(cluster: Cluster, director_name: str) -> Host:
    return cluster.directors[director_name]


@pytest.fixture
def webserver(cluster: Cluster, webserver_name: str) -> Host:
    return cluster.webservers[webserver_name]


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Print a line immediately, even if pytest captures the rest of the output."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def print_now(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n    {line}", flush=True)

    return print_now
