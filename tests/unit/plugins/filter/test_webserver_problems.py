# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.filter.webserver_problems import FilterModule

problems: Callable[..., Any] = FilterModule().filters()["webserver_problems"]

PARTS = (
    "must have two parts with a dot between them at least, such as .example.com, or browsers refuse the "
    "cookie; leave it out for the host that the client asked for (%{SERVER_NAME})"
)


@pytest.mark.parametrize(
    "domain", [".example.com", "example.com", "www.example.com", "192.168.0.105", "%{SERVER_NAME}"]
)
def test_domain_that_browsers_accept(domain: str) -> None:
    assert problems({"domain": domain}, "web1") == []


@pytest.mark.parametrize(
    ("cookie", "sentence"),
    [
        ({"domain": ".com"}, f"domain is '.com', but {PARTS}."),
        ({"domain": "localhost"}, f"domain is 'localhost', but {PARTS}."),
        ({"domain": "a b.example.com"}, f"domain is 'a b.example.com', but {PARTS}."),
        (
            {"name": "BALANCE ID"},
            "name is 'BALANCE ID', but must be a word of letters, digits, - and _, or it would "
            "get lost on the way.",
        ),
        ({"lifetime": "1h"}, "lifetime is '1h', but must be a whole number from 0 to 525600."),
        ({"path": "shop"}, "path is 'shop', but must be a path of the site such as /, without ; , ? and #."),
        ({"secure": "perhaps"}, "secure is 'perhaps', but must be true or false."),
        ({"samesite": "lax"}, "samesite is 'lax', but must be one of Lax, Strict, None; did you mean Lax?"),
        (
            {"samesite": "None"},
            "samesite is 'None', but secure is false, and browsers refuse such a cookie; set secure: true "
            "(and serve the site by TLS), or samesite: Lax.",
        ),
        (
            {"httponly": True},
            "httponly is true, but secure is false, and mod_rewrite writes HttpOnly only after Secure; set "
            "secure: true (and serve the site by TLS), or httponly: false.",
        ),
        ({"same_site": "Lax"}, "'same_site' is unknown; did you mean samesite?"),
    ],
)
def test_cookie(cookie: dict[str, Any], sentence: str) -> None:
    assert problems(cookie, "web1") == [f"The sticky cookie: {sentence}"]


def test_cookie_must_be_a_dictionary() -> None:
    assert problems("BALANCEID", "web1") == [
        "The sticky cookie: found text, but it must be a dictionary such as {name: BALANCEID, path: /}."
    ]


@pytest.mark.parametrize("route", ["web.1", "web 1", "wéb", "web;1"])
def test_route(route: str) -> None:
    (sentence,) = problems({}, route)
    assert sentence.startswith(f"The web server: its route is '{route}', but must be a word of letters")


def test_without_a_route_the_cookie_is_not_checked() -> None:
    assert problems({"domain": ".com"}, "") == []


PAGE = (
    "must be the path of a page such as ldirector.html or status/alive.html: words of letters, digits and "
    ". _ ~ - with single slashes between them, none of them . or .."
)


@pytest.mark.parametrize("page", ["ldirector.html", "/ldirector.html", "status/alive.html", "health.php"])
def test_valid_page(page: str) -> None:
    assert problems({}, "", health_page=page) == []


@pytest.mark.parametrize(
    "page",
    [
        *("", "/", "status/", "//alive.html", "../alive.html", "status/../x", "./x", "a b.html", 'a".html'),
        *("a'.html", "alive.html?deep=1", "alive.html#x", "a%20b.html", "a\\b", "<x>", "${HOME}", "über"),
        "x.html\nListen 81",
    ],
)
def test_invalid_page(page: str) -> None:
    (sentence,) = problems({}, "", health_page=page)
    assert sentence == f"The web server: its health page is {page!r}, but {PAGE}."


def test_invalid_header() -> None:
    (sentence,) = problems({}, "", [], ["X-Served-By", "Served by"])
    assert sentence.startswith("The web server: the name of a header is 'Served by', but ")
