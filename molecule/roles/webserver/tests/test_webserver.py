"""A web server serves its site, says that it is well, and sets the cookie by which a balancer finds it."""

from __future__ import annotations

import pytest
from testbed.container import Node, Pairs, play

# Debian's ports.conf has 80, and with mod_ssl 443.
PORTS = {
    "node1": {80},
    "node2": {80, 443},
    "node3": {80, 443, 8080, 8443},
    "node4": {80, 443, 8080, 8443},
}
LISTENS = ["Listen 8080", "Listen 8443 https"]
BLOG = "blog.example.com"
KEY = "/etc/ssl/private/haweb-webserver.key"


def test_apache_runs_now_and_at_boot(node: Node) -> None:
    service = node.host.service("apache2")
    assert (service.is_running, service.is_enabled) == (True, True)


def test_apache_finds_nothing_to_complain_about(node: Node) -> None:
    assert "Syntax OK" in node.host.run("apache2ctl configtest").stderr


def test_only_the_sites_of_the_role_and_of_the_user_are_enabled(node: Node) -> None:
    users = ["blog.conf"] if node.name == "node2" else []
    assert sorted(node.host.file("/etc/apache2/sites-enabled").listdir()) == ["000-haweb.conf", *users]


def test_nothing_else_listens(node: Node) -> None:
    ports = {socket.rpartition(":")[2] for socket in node.host.socket.get_listening_sockets()}
    assert {port for port in (80, 443, 8080, 8443) if str(port) in ports} == PORTS[node.name]


def test_files_of_debians_package_are_as_they_were(node: Node) -> None:
    """On one host an older version had replaced ports.conf."""
    assert "/etc/apache2" not in node.host.run("dpkg --verify apache2").stdout


def test_ports_that_are_missing_have_a_file(alternative: Node) -> None:
    assert alternative.lines("/etc/apache2/conf-enabled/haweb-listen.conf") == LISTENS


def test_ports_of_debians_file_are_in_no_other(default: Node) -> None:
    assert not default.host.file("/etc/apache2/conf-enabled/haweb-listen.conf").exists


@pytest.mark.parametrize(("port", "tls"), [(80, False), (443, True)])
def test_site_of_the_user_answers_for_its_name(pairs: Pairs, port: int, tls: bool) -> None:
    answer = pairs["default"][1].ask("/", port, tls=tls, Host=BLOG)
    assert (answer.status, answer.body) == (200, "Blog\n")


def test_directors_that_ask_by_address_get_their_page(node: Node) -> None:
    path, port, text = ("/ldirector.html", 80, "Test Page\n")
    if node.name in ("node3", "node4"):
        path, port, text = ("/status/health.php", 8080, "all is well\n")
    answer = node.ask(path, port, Host=node.address)
    assert (answer.status, answer.body) == (200, text)


def test_site_that_comes_first_ends_the_run(pairs: Pairs) -> None:
    node, file = pairs["default"][1], "/etc/apache2/sites-enabled/00-first.conf"
    node.host.check_output(f"cp /etc/apache2/sites-available/blog.conf {file} && systemctl reload apache2")
    done = play("examples/webserver.yml", "--limit=node2")
    node.host.check_output(f"rm {file} && systemctl reload apache2")
    said = " ".join(done.output.split())
    assert done.returncode != 0
    assert "node2: http://127.0.0.1:80/ldirector.html, asked on this host" in said
    assert f"the first site on the port, which is {BLOG} ({file}:1)." in said


def test_port_on_which_the_user_listens_by_now(pairs: Pairs) -> None:
    """Nor does Apache start with both lines."""
    node, file = pairs["default"][0], "/etc/apache2/sites-enabled/mine.conf"
    runs = [play("examples/webserver.yml", "--limit=node1", webserver_port=8090)]
    drop_in = node.lines("/etc/apache2/conf-enabled/haweb-listen.conf")
    node.host.check_output(f"echo Listen 8090 > {file}")
    runs.append(play("examples/webserver.yml", "--limit=node1", webserver_port=8090))
    gone = not node.host.file("/etc/apache2/conf-enabled/haweb-listen.conf").exists
    node.host.check_output(f"rm {file}")
    runs.append(play("examples/webserver.yml"))
    assert [run.returncode for run in runs] == [0, 0, 0], [run.output for run in runs]
    assert (drop_in, gone) == (["Listen 8090"], True)


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
