"""Row A7: no single point of failure in front of the web servers, whoever carries the virtual address."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

import pytest
from site_with_sessions import Site, wait_for


@pytest.fixture(autouse=True)
def whole(site: Site) -> None:
    site.make_whole()
    wait_for("somebody carries the address, and nobody else", lambda: bool(site.active()), seconds=60)


def test_a7_sessions_stay_when_the_carrier_loses_power(site: Site, say: Callable[[str], None]) -> None:
    old = site.active()
    with site.browsing(clients=10, requests=15, pause=1.0) as visit:
        time.sleep(4)
        site.lab("power-cut", old)
    assert site.lab.states()[old] == "off"
    assert site.active() != old
    say(str(visit))
    assert visit.wrong == 0
    assert all(answer.status == HTTPStatus.OK for answer in visit.answers[-3:])
    for servers in visit.servers.values():
        assert len({server for server in servers if server}) == 1


def test_every_balancer_sends_a_session_to_the_same_web_server(site: Site) -> None:
    for name in site.webservers:
        for balancer in site.balancers:
            url = f"http://{site.variables(balancer)['haweb_address']}/"
            answer = site.curl("--head", "--cookie", f"BALANCEID=balancer.{name}", url)
            assert f"X-Served-By: {name}" in answer


def test_directors_use_all_balancers_at_once(site: Site) -> None:
    if not site.directors:
        pytest.skip("heartbeat keeps the address on one balancer")
    table = site.directors[site.active()].check_output("ipvsadm --list --numeric")
    for balancer in site.balancers:
        assert f"{site.variables(balancer)['haweb_address']}:80" in table
