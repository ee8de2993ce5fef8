"""Bad input about sessions gets clear sentences, all at once, before anything changes."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from testbed.certificates import key_and_certificate
from testbed.fingerprint import fingerprint
from testbed.site_with_sessions import Site

URL = "http://192.168.0.101:80"
EXPIRED = key_and_certificate("shop.example.com", last_day=-1)[1]
OTHER_KEY = key_and_certificate("www.example.com")[0]

# The problem, the host that reports it, and words of its sentences.
CASES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "route and cookie": (
        {"haweb_route": "web 1", "haweb_sticky_cookie": {"name": "BALANCE;ID", "domain": "example"}},
        "http1",
        [
            "its route is 'web 1', but must be a word of letters, digits, - and _",
            "name is 'BALANCE;ID', but must be a word",
            "domain is 'example', but must have two parts",
        ],
    ),
    "members": (
        {
            "haweb_members": [
                {"url": "192.168.0.101", "route": "bare"},
                {"url": URL, "route": "web.1"},
                {"url": URL, "route": "web"},
                {"url": "http://192.168.0.102:80", "route": "web"},
            ]
        },
        "balancer1",
        [
            "Balancer member bare: url is '192.168.0.101', but must be a URL",
            "Balancer member web.1: route is 'web.1', but must be a word",
            f"Balancer member web: its route is web, which is already the route of {URL}",
        ],
    ),
    "certificate": (
        {
            "haweb_server_name": "www.example.com",
            "haweb_tls_certificate": EXPIRED,
            "haweb_tls_key": OTHER_KEY,
        },
        "balancer1",
        [
            "was not made for this key; give the key that belongs to it",
            "expired on",
            "covers shop.example.com, but not www.example.com",
        ],
    ),
    "balancer-manager without user and password": (
        {"haweb_balancer_manager_user": "", "haweb_balancer_manager_password": ""},
        "balancer1",
        ["there is no default user", "there is no default password"],
    ),
    "no web servers": (
        {"haweb_members": []},
        "balancer1",
        ["it has no members; a balancer needs one web server at least"],
    ),
}


@pytest.fixture(scope="module", autouse=True)
def untouched(site: Site) -> Iterator[None]:
    """Check that the machines are as before after all these tests."""
    before = fingerprint(site)
    yield
    assert fingerprint(site) == before


@pytest.mark.parametrize(("variables", "host", "sentences"), CASES.values(), ids=CASES)
def test_bad_input(site: Site, variables: dict[str, Any], host: str, sentences: list[str]) -> None:
    run = site.run_site(**variables)
    assert run.returncode != 0, f"the run did not fail:\n{run.output}"
    said = run.errors()
    assert f"{host}:" in said, said
    assert [sentence for sentence in sentences if sentence not in said] == [], said
    assert run.changed == 0, run.output
    assert site.status(site.url) == HTTPStatus.OK
