"""A web server serves its site, says that it is well, and sets the cookie by which a balancer finds it."""

from __future__ import annotations

import pytest
from testbed.container import Node, Pairs, play

PORTS = {"node1": 80, "node2": 80, "node3": 8080, "node4": 8080}
KEY = "/etc/ssl/private/haweb-webserver.key"


def test_apache_runs_now_and_at_boot(node: Node) -> None:
    service = node.host.service("apache2")
    assert (service.is_running, service.is_enabled) == (True, True)


def test_apache_finds_nothing_to_complain_about(node: Node) -> None:
    assert "Syntax OK" in node.host.run("apache2ctl configtest").stderr


def test_no_other_site_is_enabled(node: Node) -> None:
    assert node.host.file("/etc/apache2/sites-enabled").listdir() == ["haweb.conf"]


def test_nothing_else_listens(node: Node) -> None:
    ports = {socket.rpartition(":")[2] for socket in node.host.socket.get_listening_sockets()}
    expected = {str(PORTS[node.name])} | ({"8443"} if node.name in ("node3", "node4") else set())
    assert {port for port in ports if port in ("80", "443", "8080", "8443")} == expected


@pytest.mark.parametrize(("path", "body"), [("/", "Served by {}\n"), ("/ldirector.html", "Test Page\n")])
def test_default_pages(default: Node, path: str, body: str) -> None:
    answer = default.ask(path)
    assert (answer.status, answer.body) == (200, body.format(default.name))


@pytest.mark.parametrize("header", ["Set-Cookie", "X-Served-By", "Strict-Transport-Security"])
def test_default_says_no_more_than_it_must(default: Node, header: str) -> None:
    assert header not in default.ask("/").headers


def test_directors_page_stays_on_http(alternative: Node) -> None:
    answer = alternative.ask("/status/health.php", 8080)
    assert (answer.status, answer.body) == (200, "all is well\n")


def test_directors_page_is_there_by_https_too(alternative: Node) -> None:
    answer = alternative.ask("/status/health.php", 8443, tls=True)
    assert (answer.status, answer.body) == (200, "all is well\n")


@pytest.mark.parametrize("page", ["index.php", "status/health.php"])
def test_application_keeps_its_page(alternative: Node, page: str) -> None:
    file = alternative.host.file(f"/srv/shop/{page}")
    assert (file.content_string, file.mode) == ("<?php phpinfo();\n", 0o640)


def test_application_gets_no_other_pages(alternative: Node) -> None:
    found = alternative.host.check_output("find /srv/shop -type f -printf '%P\n' | sort").split()
    assert found == ["index.php", "status/health.php"]


def test_directors_page_takes_nothing_below_its_path(pairs: Pairs) -> None:
    """Debian's package has a folder of that name in the document root."""
    node = pairs["default"][0]
    done = play("examples/webserver.yml", "--limit=node1", webserver_health_page="html")
    page, below = node.ask("/html"), node.ask("/html/index.html")
    again = play("examples/webserver.yml")
    assert (done.returncode, again.returncode) == (0, 0), done.output
    assert page.body == "Test Page\n"
    assert "Debian" in below.body


def test_document_root_that_was_not_there(pairs: Pairs) -> None:
    root = "/srv/new/site"
    done = play("examples/webserver.yml", "--limit=node1", webserver_document_root=root)
    found = [pairs["default"][0].host.file(f"{root}/index.html").content_string]
    again = play("examples/webserver.yml")
    assert (done.returncode, again.returncode) == (0, 0), done.output
    assert found == ["Served by node1\n"]


def test_all_else_moves_to_https(alternative: Node) -> None:
    answer = alternative.ask("/cart", 8080)
    assert (answer.status, answer.headers["Location"]) == (301, "https://www.example.com:8443/cart")


def test_cookie_names_the_route_behind_a_dot(alternative: Node) -> None:
    cookie = alternative.ask("/", 8443, tls=True).headers["Set-Cookie"]
    assert cookie.split(";")[0] == f"STICKY=balancer.{alternative.name}"


@pytest.mark.parametrize("word", ["domain=.example.com", "secure", "HttpOnly", "SameSite=Lax"])
def test_cookie_has_its_attribute(alternative: Node, word: str) -> None:
    words = alternative.ask("/", 8443, tls=True).headers["Set-Cookie"].split(";")
    assert word.lower() in [found.strip().lower() for found in words]


@pytest.mark.parametrize(
    ("header", "value"), [("X-Served-By", "this is {}"), ("Strict-Transport-Security", "max-age=3600")]
)
def test_header(alternative: Node, header: str, value: str) -> None:
    assert alternative.ask("/", 8443, tls=True).headers[header] == value.format(alternative.name)


def test_key_is_for_root_alone(alternative: Node) -> None:
    assert alternative.rights(KEY) == ("root", "root", 0o600)


def test_without_tls_there_is_no_key(default: Node) -> None:
    assert not default.host.file(KEY).exists
