"""What Apache refuses is never on the disk, however often it is tried."""

from __future__ import annotations

import pytest
from testbed.container import Node, Pairs, play
from testbed.playbook import Run

PORTS = "/etc/apache2/ports.conf"


@pytest.fixture(scope="module")
def before(pairs: Pairs) -> dict[str, str]:
    return {node.name: node.host.file(PORTS).content_string for node in pairs["default"]}


@pytest.fixture(scope="module")
def refusals(before: object) -> list[Run]:
    return [play("examples/sorry_page.yml", sorry_page_ports=[80, 99999]) for _ in range(2)]


@pytest.mark.parametrize("attempt", [0, 1])
def test_refused_port_fails_each_time(refusals: list[Run], attempt: int) -> None:
    assert refusals[attempt].returncode != 0
    assert "Invalid address or port" in " ".join(refusals[attempt].output.split())


@pytest.mark.usefixtures("refusals")
def test_refused_port_is_not_written(default: Node, before: dict[str, str]) -> None:
    assert default.host.file(PORTS).content_string == before[default.name]


@pytest.mark.usefixtures("refusals")
def test_apache_still_accepts_what_is_on_the_disk(default: Node) -> None:
    assert "Syntax OK" in default.host.run("apache2ctl configtest").stderr
