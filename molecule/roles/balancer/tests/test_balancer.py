"""Requests are spread over the members, sessions stay; without members clients hear when to come again."""

from __future__ import annotations

import base64
import time
from http import HTTPStatus

import pytest
from testbed.container import Node, Pairs, play

MEMBERS = ["http1", "http2"]
SITE = "/etc/apache2/sites-available/haweb-balancer.conf"
SAVED = "/run/apache2/slotmem-shm-former.persist"
HTPASSWD = "/etc/apache2/haweb-balancer.htpasswd"


def test_apache_runs_now_and_at_boot(node: Node) -> None:
    service = node.host.service("apache2")
    assert (service.is_running, service.is_enabled) == (True, True)


def test_kernel_gives_ports_of_ended_connections_again(node: Node) -> None:
    assert node.host.sysctl("net.ipv4.tcp_tw_reuse") == 1


def test_files_of_debians_package_are_as_they_were(node: Node) -> None:
    """On one host an older version had replaced ports.conf."""
    assert "/etc/apache2" not in node.host.run("dpkg --verify apache2").stdout


def test_only_the_sites_of_the_role_and_of_the_user_are_enabled(node: Node) -> None:
    users = ["blog.conf"] if node.name == "node2" else []
    assert sorted(node.host.file("/etc/apache2/sites-enabled").listdir()) == [
        "000-haweb-balancer.conf",
        *users,
    ]


@pytest.mark.parametrize(("port", "tls"), [(80, False), (443, True)])
def test_site_of_the_user_answers_for_its_name(pairs: Pairs, port: int, tls: bool) -> None:
    answer = pairs["default"][1].ask("/", port, tls=tls, Host="blog.example.com")
    assert (answer.status, answer.body) == (200, "Blog\n")


def test_directors_that_ask_by_address_get_their_page(default: Node) -> None:
    answer = default.ask("/ldirector.html", Host=default.address)
    assert (answer.status, answer.body) == (200, "Test Page\n")


def test_saved_state_of_former_members_goes_with_a_change(pairs: Pairs) -> None:
    node = pairs["default"][0]
    node.host.check_output(f"touch {SAVED}")
    same = play("examples/balancer.yml", "--limit=node1")
    kept = node.host.file(SAVED).exists
    changed = play("examples/balancer.yml", "--limit=node1", balancer_retry_after=11)
    gone = not node.host.file(SAVED).exists
    again = play("examples/balancer.yml")
    assert [run.returncode for run in (same, changed, again)] == [0, 0, 0], changed.output
    assert (kept, gone) == (True, True)


def test_heartbeats_of_the_members_are_received(pairs: Pairs) -> None:
    """The site has the line; it may be there once only."""
    node = pairs["default"][0]
    runs = [play("examples/balancer.yml", "--limit=node1", balancer_options={"lbmethod": "heartbeat"})]
    said = node.lines(SITE)
    runs.append(play("examples/balancer.yml"))
    assert [run.returncode for run in runs] == [0, 0], runs[0].output
    assert said[0] == "HeartbeatListen 239.0.0.1:27999"


def test_new_clients_are_spread(default: Node) -> None:
    assert {default.ask("/").body for _ in range(8)} == {f"Served by {name}\n" for name in MEMBERS}


@pytest.mark.parametrize("route", MEMBERS)
def test_cookie_leads_to_the_member(default: Node, route: str) -> None:
    answers = {default.ask("/", Cookie=f"BALANCEID=balancer.{route}").body for _ in range(4)}
    assert answers == {f"Served by {route}\n"}


def test_page_for_those_who_check_is_the_balancers_own(default: Node) -> None:
    answer = default.ask("/ldirector.html")
    assert (answer.status, answer.body) == (200, "Test Page\n")


@pytest.mark.parametrize(("port", "tls"), [(80, False), (443, True)])
def test_page_for_those_who_check_may_be_in_a_folder(alternative: Node, port: int, tls: bool) -> None:
    answer = alternative.ask("/status/alive.html", port, tls=tls)
    assert (answer.status, answer.body) == (200, "Test Page\n")


def test_refused_site_is_not_written(pairs: Pairs) -> None:
    node = pairs["default"][0]
    before = node.lines(SITE)
    variables = {"balancer_options": {"lbmethod": "heartbeat"}, "balancer_heartbeat_listen": "nowhere at all"}
    runs = [play("examples/balancer.yml", "--limit=node1", **variables) for _ in range(2)]
    after = node.lines(SITE)
    mended = play("examples/balancer.yml")
    assert all(run.returncode for run in runs), runs[-1].output
    assert after == before
    assert mended.returncode == 0, mended.output


def test_manager_is_off_and_not_handed_on(default: Node) -> None:
    assert default.ask("/balancer-manager").status == HTTPStatus.NOT_FOUND


def test_dead_member_is_left_alone_and_its_sessions_move(default: Node) -> None:
    default.host.check_output("systemctl stop http1")
    try:
        answers = [default.ask("/", Cookie="BALANCEID=balancer.http1") for _ in range(4)]
    finally:
        default.host.check_output("systemctl start http1")
    assert {(answer.status, answer.body) for answer in answers} == {(200, "Served by http2\n")}


def test_member_comes_back_by_itself(default: Node) -> None:
    wait_for_members(default)


def test_without_members_clients_hear_when_to_come_again(default: Node) -> None:
    default.host.check_output("systemctl stop http1 http2")
    try:
        answer = default.ask("/")
    finally:
        default.host.check_output("systemctl start http1 http2")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
    assert "We are back in a moment." in answer.body
    wait_for_members(default)


def test_all_else_moves_to_https(alternative: Node) -> None:
    answer = alternative.ask("/cart")
    assert (answer.status, answer.headers["Location"]) == (301, "https://www.example.com/cart")


def test_balancers_own_cookie_names_the_route_behind_a_dot(alternative: Node) -> None:
    answer = alternative.ask("/", 443, tls=True)
    served_by = answer.body.split()[-1]
    assert answer.headers["Set-Cookie"].split(";")[0] == f"ROUTEID=balancer.{served_by}"


@pytest.mark.parametrize("route", MEMBERS)
def test_balancers_own_cookie_leads_back(alternative: Node, route: str) -> None:
    answers = {alternative.ask("/", 443, tls=True, Cookie=f"ROUTEID=balancer.{route}").body for _ in range(4)}
    assert answers == {f"Served by {route}\n"}


@pytest.mark.parametrize("path", ["/etc/ssl/private/haweb-balancer.key"])
def test_key_is_for_root_alone(alternative: Node, path: str) -> None:
    assert alternative.rights(path) == ("root", "root", 0o600)


def test_password_is_for_apache_alone(alternative: Node) -> None:
    assert alternative.rights(HTPASSWD) == ("root", "www-data", 0o640)


@pytest.mark.parametrize(("password", "status"), [(None, 401), ("wrong", 401), ("right", 200)])
def test_manager_wants_its_password(
    alternative: Node, secret: str, password: str | None, status: int
) -> None:
    headers = {}
    if password:
        word = secret if password == "right" else password
        headers["Authorization"] = "Basic " + base64.b64encode(f"admin:{word}".encode()).decode()
    assert alternative.ask("/balancer-manager", 443, tls=True, **headers).status == status


def wait_for_members(node: Node) -> None:
    end = time.monotonic() + 15
    while {node.ask("/").body for _ in range(4)} != {f"Served by {name}\n" for name in MEMBERS}:
        assert time.monotonic() < end, f"{node.name} does not use both members again"
        time.sleep(0.5)
