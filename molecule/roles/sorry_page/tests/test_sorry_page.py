"""Whoever asks hears that the site is away, and when to come again."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from testbed.container import Node, Pairs

WORDS = {
    "node1": (80, "10", "We are back in a moment."),
    "node2": (80, "10", "We are back in a moment."),
    "node3": (8080, "3600", "Tomorrow."),
    "node4": (8080, "3600", "Tomorrow."),
}


def test_apache_runs_now_and_at_boot(node: Node) -> None:
    service = node.host.service("apache2")
    assert (service.is_running, service.is_enabled) == (True, True)


def test_files_of_debians_package_are_as_they_were(node: Node) -> None:
    """On one host an older version had replaced ports.conf."""
    assert "/etc/apache2" not in node.host.run("dpkg --verify apache2").stdout


def test_it_comes_before_the_site_of_a_user(pairs: Pairs) -> None:
    assert pairs["default"][1].ask("/", Host="blog.example.com").status == HTTPStatus.SERVICE_UNAVAILABLE


def test_other_sites_stay_enabled(pairs: Pairs) -> None:
    """Debian's, where the role has installed Apache, and a user's."""
    sites = [node.host.file("/etc/apache2/sites-enabled").listdir() for node in pairs["default"]]
    assert sites == [["000-default.conf"], ["blog.conf"]]


@pytest.mark.parametrize("path", ["/", "/any/page?x=1", "/ldirector.html"])
def test_every_page_is_away(node: Node, path: str) -> None:
    port, retry_after, text = WORDS[node.name]
    answer = node.ask(path, port)
    assert (answer.status, answer.headers["Retry-After"]) == (503, retry_after)
    assert text in answer.body


def test_nobody_remembers_it(node: Node) -> None:
    assert node.ask("/", WORDS[node.name][0]).headers["Cache-Control"] == "no-store"
