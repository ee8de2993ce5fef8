"""Rows A1 to A7 of the tutorial of session-aware balancing, for one balancer and for several."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from http import HTTPStatus

import pytest
from site_with_sessions import Site, wait_for

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
MODULES = ["proxy_module", "proxy_balancer_module", "proxy_http_module", "lbmethod_byrequests_module"]


@pytest.fixture(autouse=True)
def whole(site: Site) -> None:
    site.make_whole()


def cookies(headers: str) -> list[str]:
    return re.findall(r"(?mi)^set-cookie: *(.*?)\r?$", headers)


def test_a1_web_server_sets_the_sticky_cookie(site: Site) -> None:
    for name in site.webservers:
        address = site.variables(name)["haweb_address"]
        (cookie,) = cookies(site.curl("--head", f"http://{address}/"))
        assert cookie.startswith(f"BALANCEID=balancer.{name}; path=/; domain={address}")


def test_a2_modules_are_loaded(site: Site) -> None:
    for balancer in site.balancers.values():
        loaded = balancer.check_output("apache2ctl -M")
        assert [module for module in MODULES if module not in loaded] == []


def test_a3_clients_without_a_cookie_are_spread(site: Site) -> None:
    visit = site.browse(clients=8, requests=1)
    assert visit.failed == 0
    assert {answer.server for answer in visit.answers} == set(site.webservers)


def test_a3_site_is_no_open_proxy(site: Site) -> None:
    """Asked as a proxy for a port where nobody listens, it serves the site; a proxy would try there."""
    answer = site.curl("--head", "--proxy", f"http://{site.address}:80", "http://192.168.0.2:9/")
    assert "X-Served-By" in answer


def test_a3_redirections_stay_on_the_site(site: Site) -> None:
    for webserver in site.webservers.values():
        webserver.check_output("mkdir -p /var/www/folder")
    headers = site.curl("--head", f"{site.url}folder")
    assert f"Location: {site.url}folder/" in headers


def test_a4_manager_is_never_handed_on(site: Site) -> None:
    assert "X-Served-By" not in site.curl("--include", f"{site.url}balancer-manager")


def test_a6_a_client_stays_where_it_was_and_others_are_elsewhere(site: Site) -> None:
    visit = site.browse(clients=10, requests=20)
    assert (visit.failed, visit.wrong) == (0, 0)
    assert all(len(set(servers)) == 1 for servers in visit.servers.values())
    assert {servers[0] for servers in visit.servers.values()} == set(site.webservers)


def test_clients_word_about_its_origin_is_not_believed(site: Site) -> None:
    name, webserver = next(iter(site.webservers.items()))
    log = "GlobalLog /var/log/apache2/origin.log %{X-Forwarded-For}i"
    webserver.check_output("echo %s > /etc/apache2/conf-enabled/origin.conf && systemctl reload apache2", log)
    site.curl("--header", "X-Forwarded-For: 8.8.8.8", "--cookie", f"BALANCEID=balancer.{name}", site.url)
    origins = webserver.check_output(
        "cat /var/log/apache2/origin.log; rm /etc/apache2/conf-enabled/origin.conf"
    )
    assert "8.8.8.8" not in origins
    assert "192.168.0.2" in origins


def test_sorry_page_without_any_web_server(site: Site) -> None:
    for webserver in site.webservers.values():
        webserver.check_output("systemctl stop apache2")
    wait_for("the sorry page", lambda: "503" in site.curl("--head", site.url).splitlines()[0])
    answer = site.curl("--include", site.url)
    assert re.search(r"(?m)^Retry-After: 10\r?$", answer)
    assert "We are back in a moment" in answer

    for webserver in site.webservers.values():
        webserver.check_output("systemctl start apache2")
    wait_for("service comes back by itself", lambda: site.status(site.url) == HTTPStatus.OK, seconds=15)


def test_power_cut_of_a_web_server_moves_its_own_clients_only(site: Site, say: Callable[[str], None]) -> None:
    victim, *others = site.webservers
    with site.browsing(clients=10, requests=15, pause=1.0) as visit:
        time.sleep(3)
        site.lab("power-cut", victim)
    assert site.lab.states()[victim] == "off"
    say(str(visit))
    moved = {client for client, servers in visit.servers.items() if servers[0] == victim}
    assert moved
    for client, servers in visit.servers.items():
        if client in moved:
            assert servers[-1] in others
        else:
            assert set(servers) == {servers[0]}


class TestManager:
    """Row A5, where the inventory has switched it on."""

    @pytest.fixture(autouse=True)
    def switched_on(self, site: Site) -> None:
        if not site.variables(next(iter(site.balancers))).get("haweb_balancer_manager"):
            pytest.skip("this inventory has no balancer-manager")

    @pytest.fixture
    def url(self, site: Site) -> str:
        return f"http://{site.variables(next(iter(site.balancers)))['haweb_address']}/balancer-manager"

    @pytest.fixture
    def login(self, site: Site, url: str) -> list[str]:
        return ["--user", f"admin:{site.secret('haweb_balancer_manager_password')}", "--referer", url]

    @pytest.mark.parametrize("method", METHODS)
    def test_a5_nobody_comes_in_without_the_password(self, site: Site, url: str, method: str) -> None:
        request = ["--head"] if method == "HEAD" else ["--request", method]
        assert site.status(url, *request) == HTTPStatus.UNAUTHORIZED
        assert site.status(url, *request, "--user", "admin:wrong") == HTTPStatus.UNAUTHORIZED

    def test_a5_right_password_comes_in(self, site: Site, url: str, login: list[str]) -> None:
        assert site.status(url, *login) == HTTPStatus.OK

    @pytest.mark.parametrize("method", METHODS)
    def test_a5_stranger_stays_out_whatever_the_password(
        self, site: Site, url: str, login: list[str], method: str
    ) -> None:
        program = (
            "import sys, base64, urllib.request as u, urllib.error as e\n"
            "r = u.Request(sys.argv[1], method=sys.argv[2])\n"
            "r.add_header('Authorization', 'Basic ' + base64.b64encode(sys.argv[3].encode()).decode())\n"
            "try: print(u.urlopen(r).status)\n"
            "except e.HTTPError as why: print(why.code)"
        )
        stranger = next(iter(site.webservers.values()))
        assert stranger.check_output("python3 -c %s %s %s %s", program, url, method, login[1]) == "403"

    def test_drain_by_hand_survives_a_reload(self, site: Site, url: str, login: list[str]) -> None:
        drained, *others = site.webservers
        balancer = next(iter(site.balancers.values()))
        self.set_drain(site, url, login, drained, "1")
        assert site.serves(others)
        balancer.check_output("systemctl reload apache2")
        assert site.serves(others)

        kept = site.curl("--head", "--cookie", f"BALANCEID=balancer.{drained}", site.url)
        assert f"X-Served-By: {drained}" in kept  # its sessions stay until they end
        self.set_drain(site, url, login, drained, "0")
        assert site.serves(list(site.webservers))

    def set_drain(self, site: Site, url: str, login: list[str], name: str, value: str) -> None:
        page = site.curl(*login, url)
        member = f"http://{site.variables(name)['haweb_address']}"
        pattern = rf'\?(b=[^&"]*&(?:amp;)?w={re.escape(member)}[^&"]*&(?:amp;)?nonce=[0-9a-f-]+)'
        found = re.search(pattern, page)
        assert found, f"{member} is not in the balancer-manager"
        form = found.group(1).replace("&amp;", "&")
        assert site.status(url, *login, "--data", f"{form}&w_status_N={value}") == HTTPStatus.OK

    def test_password_file_is_for_apache_alone(self, site: Site) -> None:
        for balancer in site.balancers.values():
            file = balancer.file("/etc/apache2/haweb-balancer.htpasswd")
            assert (file.user, file.group, file.mode) == ("root", "www-data", 0o640)
            assert file.content_string.startswith("admin:$2y$12$")

    def test_password_is_nowhere_on_the_balancer(self, site: Site) -> None:
        secret = site.secret("haweb_balancer_manager_password")
        for balancer in site.balancers.values():
            searched = balancer.run(
                "grep --recursive --files-with-matches %s /etc /var /root /tmp /run", secret
            )
            assert searched.stdout == ""
            assert secret not in balancer.check_output("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
