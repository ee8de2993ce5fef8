"""Balancing methods, member flags and the balancer's own cookie, each set by a run of site.yml."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from testbed import PROGRAMS
from testbed.site_with_sessions import Site
from testbed.waiting import wait_for

TALK = PROGRAMS / "talk.py"
BIG = "/var/www/big"


def build(site: Site, members: list[dict[str, Any]], **options: Any) -> None:
    site.converge("--limit=balancers", haweb_members=members, haweb_balancer_options=options)
    for balancer in site.balancers.values():
        assert f"lbmethod_{options['lbmethod']}_module" in balancer.check_output("apache2ctl -M")


def shares(site: Site, clients: int) -> Counter[str | None]:
    """How many new clients each web server gets."""
    visit = site.browse(clients)
    assert visit.failed == 0
    return Counter(answer.server for answer in visit.answers)


def newcomers(site: Site) -> set[str]:
    """The web servers that new clients get, one client after the other."""
    answers = [site.curl("--head", site.url) for _ in range(6)]
    return {name for name in site.webservers for answer in answers if f"X-Served-By: {name}" in answer}


class TestByRequests:
    """One member has more weight, and one is drained."""

    PORT = 8001

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def built(cls, site: Site) -> None:
        heavy, light = site.webservers
        talker = {
            "url": f"http://192.168.0.2:{cls.PORT}",
            "route": "talker",
            "status": "+N",
            "hcmethod": "NONE",
        }
        members = [site.member(heavy, loadfactor=3), site.member(light), talker]
        build(site, members, lbmethod="byrequests")

    def test_requests_follow_the_loadfactor(self, site: Site) -> None:
        heavy, light = site.webservers
        seen = shares(site, clients=40)
        assert seen.total() == seen[heavy] + seen[light]
        assert 2 < seen[heavy] / seen[light] < 4  # noqa: PLR2004

    def test_drained_member_still_has_its_sessions_and_speaks_websocket(self, site: Site) -> None:
        url = f"ws://{site.address}/"
        said = site.client(
            sys.executable, str(TALK), str(self.PORT), url, "BALANCEID=balancer.talker", "hello"
        )
        assert said == "You said: hello\n"


class TestByTraffic:
    """The web servers set no cookie, and the balancer sets one."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def built(cls, site: Site) -> Iterator[None]:
        silence = "/etc/apache2/conf-enabled/silence.conf"
        for webserver in site.webservers.values():
            webserver.check_output(f"truncate --size=4M {BIG}")
            webserver.check_output(f"echo 'Header always unset Set-Cookie' > {silence}")
            webserver.check_output("systemctl reload apache2")
        members = [site.member(name) for name in site.webservers]
        site.converge(
            "--limit=balancers",
            haweb_members=members,
            haweb_balancer_options={"lbmethod": "bytraffic"},
            haweb_balancer_sticky_cookie={"name": "ROUTEID"},
        )
        yield
        for webserver in site.webservers.values():
            webserver.check_output(f"rm {silence} {BIG} && systemctl reload apache2")

    def test_member_that_has_sent_much_gets_no_clients(self, site: Site) -> None:
        headers = site.curl("--dump-header", "-", "--output", "/dev/null", f"{site.url}big")
        (busy,) = [name for name in site.webservers if f"X-Served-By: {name}" in headers]
        assert busy not in newcomers(site)

    def test_balancers_cookie_holds(self, site: Site) -> None:
        assert "Set-Cookie: ROUTEID=balancer." in site.curl("--head", site.url)
        for name in site.webservers:
            answer = site.curl("--head", "--cookie", f"ROUTEID=balancer.{name}", site.url)
            assert f"X-Served-By: {name}" in answer
        visit = site.browse(clients=10, requests=5)
        assert (visit.failed, visit.wrong) == (0, 0)
        assert all(len(stays) == 1 for stays in visit.stays.values())


class TestByBusyness:
    """A hot spare replaces a member that is dead from the beginning."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def built(cls, site: Site) -> Iterator[None]:
        first, spare = site.webservers
        dead = {"url": f"http://{site.address_of(first)}:9", "route": "dead"}
        build(site, [site.member(first), dead, site.member(spare, status="+R")], lbmethod="bybusyness")
        for webserver in site.webservers.values():
            webserver.check_output(f"truncate --size=256M {BIG}")
        yield
        for webserver in site.webservers.values():
            webserver.check_output(f"rm {BIG}")

    def test_hot_spare_serves_beside_the_others(self, site: Site) -> None:
        wait_for("the spare serves", lambda: site.serves(list(site.webservers)))

    def test_busy_member_gets_no_more_requests(self, site: Site) -> None:
        for name in site.webservers:
            with self.download_from(site, name):
                wait_for(f"{name} is busy", lambda: name not in newcomers(site))  # noqa: B023

    @contextmanager
    def download_from(self, site: Site, name: str) -> Iterator[None]:
        slowly = ("curl", "--silent", "--limit-rate", "1M", "--output", "/dev/null")
        cookie = f"BALANCEID=balancer.{name}"
        command = site.on_client(*slowly, "--cookie", cookie, f"{site.url}big")
        with subprocess.Popen(command) as download:
            try:
                yield
                assert download.poll() is None, "the download is over already"
            finally:
                download.terminate()


class TestHotStandby:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def built(cls, site: Site) -> None:
        first, standby = site.webservers
        members = [site.member(first), site.member(standby, status="+H")]
        build(site, members, lbmethod="byrequests")

    def test_standby_serves_only_while_no_other_member_does(self, site: Site) -> None:
        first, standby = site.webservers
        assert site.serves([first])
        site.webservers[first].check_output("systemctl stop apache2")
        wait_for("the standby serves", lambda: site.serves([standby]))
        site.webservers[first].check_output("systemctl start apache2")
        wait_for("the standby gets no requests", lambda: site.serves([first]))


class TestHeartbeat:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def built(cls, site: Site) -> None:
        for host in site.hosts.values():
            # A multicast without an interface needs a default route, which guests do not have.
            host.check_output("ip route replace 239.0.0.0/8 dev eth0")
        site.converge(
            haweb_apache_heartbeat_address="239.0.0.1:27999",
            haweb_balancer_options={"lbmethod": "heartbeat"},
        )

    def test_members_that_report_serve(self, site: Site) -> None:
        wait_for("both serve", lambda: site.serves(list(site.webservers)))

    def test_silent_member_does_not_serve(self, site: Site) -> None:
        silent, *others = site.webservers
        webserver = site.webservers[silent]
        webserver.check_output("ip route replace unreachable 239.0.0.0/8")
        wait_for(f"{silent} gets no requests", lambda: site.serves(others))
        webserver.check_output("ip route replace 239.0.0.0/8 dev eth0")
        wait_for(f"{silent} is back", lambda: site.serves([silent, *others]))
