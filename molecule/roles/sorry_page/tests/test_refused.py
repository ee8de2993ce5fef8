"""What Apache refuses is never on the disk, however often it is tried."""

from __future__ import annotations

import pytest
from testbed.container import Node, Pairs, play
from testbed.playbook import Run

ENABLED = "/etc/apache2/conf-enabled"
SITE = f"{ENABLED}/haweb-sorry-page.conf"

Files = dict[str, tuple[str, list[str]]]


def files(pair: list[Node]) -> Files:
    return {
        node.name: (node.host.file(SITE).content_string, sorted(node.host.file(ENABLED).listdir()))
        for node in pair
    }


@pytest.fixture(scope="module")
def before(pairs: Pairs) -> Files:
    return files(pairs["default"])


@pytest.fixture(scope="module")
def refusals(before: object) -> list[Run]:
    # The role's own check would refuse such a port.
    return [play("examples/sorry_page.yml", __sorry_page_listen=["80", "99999"]) for _ in range(2)]


@pytest.mark.parametrize("attempt", [0, 1])
def test_refused_port_fails_each_time(refusals: list[Run], attempt: int) -> None:
    assert refusals[attempt].returncode != 0
    assert "Apache cannot listen on '99999'" in " ".join(refusals[attempt].output.split())


@pytest.mark.usefixtures("refusals")
def test_refused_port_is_not_written(pairs: Pairs, before: Files) -> None:
    assert files(pairs["default"]) == before


@pytest.mark.usefixtures("refusals")
def test_apache_still_accepts_what_is_on_the_disk(default: Node) -> None:
    assert "Syntax OK" in default.host.run("apache2ctl configtest").stderr
