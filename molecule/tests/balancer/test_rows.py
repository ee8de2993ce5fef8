"""Rows A1 to A6 of the tutorial of session-aware balancing, and further features of a balancer."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from testbed.site_with_sessions import Site
from testbed.waiting import wait_for

MODULES = ["proxy_module", "proxy_balancer_module", "proxy_http_module", "lbmethod_byrequests_module"]


def cookies(headers: str) -> list[str]:
    return re.findall(r"(?mi)^set-cookie: *(.*?)\r?$", headers)


def test_a1_web_server_sets_the_sticky_cookie(site: Site) -> None:
    for name in site.webservers:
        address = site.address_of(name)
        (cookie,) = cookies(site.curl("--head", f"http://{address}/"))
        assert cookie.startswith(f"BALANCEID=balancer.{name}; path=/; domain={address}")


def test_a2_modules_are_loaded(site: Site) -> None:
    for balancer in site.balancers.values():
        loaded = balancer.check_output("apache2ctl -M")
        assert [module for module in MODULES if module not in loaded] == []


def test_a3_clients_without_a_cookie_are_spread(site: Site) -> None:
    assert site.serves(list(site.webservers))


def test_a3_site_is_no_open_proxy(site: Site) -> None:
    """A proxy request for a closed port gets the site; an open proxy would try to connect to the port."""
    answer = site.curl("--head", "--proxy", f"http://{site.address}:80", "http://192.168.0.2:9/")
    assert "X-Served-By" in answer


def test_a3_redirections_stay_on_the_site(site: Site) -> None:
    for webserver in site.webservers.values():
        webserver.check_output("mkdir -p /var/www/folder")
    headers = site.curl("--head", f"{site.url}folder")
    assert f"Location: {site.url}folder/" in headers


def test_a4_manager_is_never_forwarded(site: Site) -> None:
    assert "X-Served-By" not in site.curl("--include", f"{site.url}balancer-manager")


def test_a6_a_client_stays_where_it_was_and_others_are_elsewhere(site: Site) -> None:
    visit = site.browse(clients=10, requests=20)
    assert (visit.failed, visit.wrong) == (0, 0)
    assert all(len(stays) == 1 for stays in visit.stays.values())
    assert {stays[0] for stays in visit.stays.values()} == set(site.webservers)


def test_web_servers_receive_the_client_and_the_host(site: Site) -> None:
    """Headers with which a client claims another origin are ignored."""
    name, webserver = next(iter(site.webservers.items()))
    log = "/var/log/apache2/origin.log"
    headers = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Host"]
    directive = f'GlobalLog {log} "{" ".join(f"%{{{header}}}i" for header in headers)}"'
    webserver.check_output(
        "echo %s > /etc/apache2/conf-enabled/origin.conf && systemctl reload apache2", directive
    )
    lies = [word for header in headers[:3] for word in ("--header", f"{header}: 8.8.8.8")]
    site.curl(*lies, "--cookie", f"BALANCEID=balancer.{name}", f"{site.url}?origin")
    heard = webserver.check_output(f"cat {log}; rm /etc/apache2/conf-enabled/origin.conf")
    assert f"192.168.0.2 {site.address} http {site.address}" in heard.splitlines()
    assert "8.8.8.8" not in heard


@pytest.mark.usefixtures("mended")
def test_member_without_the_text_gets_no_requests(site: Site) -> None:
    ill, *others = site.webservers
    page = "/var/lib/haweb-webserver/health.html"
    site.webservers[ill].check_output(f"mv {page} {page}.kept && echo 'Database is away' > {page}")
    try:
        # Check by its sessions: new clients go to the member that has served fewest, which may be another
        # one anyway.
        wait_for(f"{ill} gets no requests", lambda: site.server_of_session(ill) in others)
    finally:
        site.webservers[ill].check_output(f"mv {page}.kept {page}")
    wait_for(f"{ill} is back", lambda: site.server_of_session(ill) == ill)


@pytest.mark.usefixtures("mended")
def test_sorry_page_without_any_web_server(site: Site) -> None:
    for webserver in site.webservers.values():
        webserver.check_output("systemctl stop apache2")
    wait_for("the sorry page", lambda: site.status(site.url) == HTTPStatus.SERVICE_UNAVAILABLE)
    answer = site.curl("--include", site.url)
    assert re.search(r"(?m)^Retry-After: 10\r?$", answer)
    assert "We are back in a moment" in answer

    for webserver in site.webservers.values():
        webserver.check_output("systemctl start apache2")
    wait_for("service comes back by itself", lambda: site.status(site.url) == HTTPStatus.OK, seconds=15)
