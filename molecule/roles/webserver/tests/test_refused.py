"""What Apache refuses is never on the disk, however often it is tried."""

from __future__ import annotations

import pytest
from testbed.container import Node, Pairs, play
from testbed.playbook import Run

SITE = "/etc/apache2/sites-available/haweb.conf"
ENABLED = "/etc/apache2/conf-enabled"
# Apache takes this path for several arguments. The role would refuse it as webserver_health_page.
REFUSED = {"__webserver_health_path": "/a b c", "webserver_port": 81}


def files(pair: list[Node]) -> dict[str, tuple[str, list[str]]]:
    return {
        node.name: (node.host.file(SITE).content_string, sorted(node.host.file(ENABLED).listdir()))
        for node in pair
    }


@pytest.fixture(scope="module")
def before(pairs: Pairs) -> dict[str, tuple[str, list[str]]]:
    return files(pairs["default"])


@pytest.fixture(scope="module")
def refusals(before: object) -> list[Run]:
    return [play("examples/webserver.yml", **REFUSED) for _ in range(2)]


@pytest.mark.parametrize("attempt", [0, 1])
def test_refused_site_fails_each_time(refusals: list[Run], attempt: int) -> None:
    assert refusals[attempt].returncode != 0
    assert "AliasMatch takes two arguments" in " ".join(refusals[attempt].output.split())


@pytest.mark.usefixtures("refusals")
def test_refused_site_and_its_ports_are_not_written(
    pairs: Pairs, before: dict[str, tuple[str, list[str]]]
) -> None:
    assert files(pairs["default"]) == before


@pytest.mark.usefixtures("refusals")
def test_apache_still_accepts_what_is_on_the_disk(default: Node) -> None:
    assert "Syntax OK" in default.host.run("apache2ctl configtest").stderr


@pytest.mark.usefixtures("refusals")
def test_apache_serves_after_a_refusal(default: Node) -> None:
    assert default.ask("/").body == f"Served by {default.name}\n"


def test_site_that_was_left_refused_is_no_obstacle(pairs: Pairs) -> None:
    """Versions before wrote it, and failed after that."""
    for node in pairs["default"]:
        node.host.check_output(f"echo NoSuchDirective >> {SITE}")
    mended = play("examples/webserver.yml")
    assert mended.returncode == 0, mended.output


@pytest.fixture(scope="module")
def speaking(pairs: Pairs) -> list[Run]:
    """HeartbeatAddress may be there once only: it comes, stays, and something else changes."""
    heartbeat = {"webserver_heartbeat_address": "239.0.0.1:27999"}
    runs = [
        play("examples/webserver.yml", **heartbeat),
        play("examples/webserver.yml", **heartbeat, webserver_server_aliases=["example.com"]),
    ]
    return [*runs, play("examples/webserver.yml")]


def test_site_with_a_heartbeat_can_change(speaking: list[Run]) -> None:
    assert [run.returncode for run in speaking] == [0, 0, 0], [run.output for run in speaking]
