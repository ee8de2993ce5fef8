# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.filter.balancer_problems import FilterModule
from hypothesis import given
from hypothesis import strategies as st

problems: Callable[..., Any] = FilterModule().filters()["balancer_problems"]

WEB1: dict[str, Any] = {"url": "http://192.168.0.101:80", "route": "web1"}
WEB2: dict[str, Any] = {"url": "http://192.168.0.102:80", "route": "web2"}
MANAGER: dict[str, Any] = {"user": "admin", "password": "correct horse", "allow": ["10.0.0.0/8", "::1"]}
ROUTE = (
    "must be a word of letters, digits, - and _: Apache looks for the member whose route is all that follows "
    "the first dot in the cookie"
)

HTTP_ONLY = "TLS ends at the balancer, which speaks http with its members; write http:// and the port for it"


@pytest.mark.parametrize(
    ("members", "options"),
    [
        ([WEB1], None),
        ([WEB1, WEB2], {"lbmethod": "heartbeat", "maxattempts": 1, "timeout": 30}),
        ([WEB1, WEB2 | {"status": "+H"}], {}),
        ([WEB1 | {"redirect": "web2"}, WEB2], {}),
        ([WEB1 | {"url": "http://web.example.com/app"}], {}),
    ],
)
def test_nothing_to_say(members: list[dict[str, Any]], options: object) -> None:
    assert problems(members, options) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"route": "web 1"}, f"Balancer member web 1: route is 'web 1', but {ROUTE}."),
        ({"route": "web.1"}, f"Balancer member web.1: route is 'web.1', but {ROUTE}."),
        (
            {"route": "w" * 64},
            f"Balancer member {'w' * 64}: route is '{'w' * 57}...', but must have 63 letters at most.",
        ),
        (
            {"route": None},
            "Balancer member 1: route is missing; without one no session can stay on this member.",
        ),
        (
            {"url": "192.168.0.101"},
            "Balancer member web1: url is '192.168.0.101', but must be a URL such as "
            "http://192.168.0.101:80.",
        ),
        (
            {"url": "http://192.168.0.101:99999"},
            "Balancer member web1: url is 'http://192.168.0.101:99999', but must be a URL such as "
            "http://192.168.0.101:80.",
        ),
        *(
            (
                {"url": f"{scheme}://192.168.0.101:1"},
                f"Balancer member web1: url is '{scheme}://192.168.0.101:1', but must begin with http://: "
                f"{why}.",
            )
            for schemes, why in (
                (("https", "HTTPS", "h2"), HTTP_ONLY),
                (("wss",), f"{HTTP_ONLY}. WebSockets pass through http members"),
                (("ws",), "WebSockets pass through http members, without another member for them"),
                (("h2c",), "the balancer speaks HTTP/1.1 with its members"),
                (
                    ("ajp", "fcgi", "scgi", "uwsgi", "unix"),
                    "the balancer speaks only http with its members; make the application, or a web server "
                    "before it, listen for http",
                ),
            )
            for scheme in schemes
        ),
        (
            {"url": "http://192.168.0.101/"},
            "Balancer member web1: url is 'http://192.168.0.101/', but must end without a slash; write "
            "http://192.168.0.101.",
        ),
        ({"url": None}, "Balancer member web1: url is missing."),
        ({"loadfaktor": 2}, "Balancer member web1: 'loadfaktor' is unknown; did you mean loadfactor?"),
        (
            {"loadfactor": 101},
            "Balancer member web1: loadfactor is 101, but must be a number from 1 to 100, with two "
            "decimals at most.",
        ),
        (
            {"status": "standby"},
            "Balancer member web1: status is 'standby', but must be flags such as +H (hot standby), +R (hot "
            "spare), +N (drain), +D (disabled), +S (stopped) or +I (ignore errors).",
        ),
        (
            {"status": "+H"},
            "The balancer: no member takes requests, since the status of each one has a flag of D, S, R, H "
            "or "
            "N; remove it from one.",
        ),
        (
            {"redirect": "web9"},
            "Balancer member web1: redirect is 'web9', but no member has this route; did you mean web1?",
        ),
        (
            {"upgrade": "a b"},
            "Balancer member web1: upgrade is 'a b', but must be a single word without blanks, quotes, "
            "backslashes and angle brackets.",
        ),
        (
            {"connectiontimeout": "2s"},
            "Balancer member web1: connectiontimeout is '2s', but must be a whole number from 1 to 86400000 "
            "of seconds, or one that ends in ms.",
        ),
    ],
)
def test_member(change: dict[str, Any], sentence: str) -> None:
    assert problems([WEB1 | change]) == [sentence]


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ([], "The balancer: it has no members; a balancer needs one web server at least."),
        (None, "The balancer: its members are empty, but must be a list."),
        (
            ["http://192.168.0.101"],
            "Balancer member 1: found text, but it must be a dictionary such as {url: "
            "http://192.168.0.101:80, route: webserver1}.",
        ),
        (
            [WEB1, WEB2 | {"route": "web1"}],
            "Balancer member web1: its route is web1, which is already the route of http://192.168.0.101:80; "
            "give each member a route of its own, or sessions move between them.",
        ),
        (
            [WEB1, WEB2 | {"url": WEB1["url"]}],
            "Balancer member web2: its url http://192.168.0.101:80 is in the list more than once; remove the "
            "others.",
        ),
    ],
)
def test_members(members: object, sentence: str) -> None:
    assert problems(members) == [sentence]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"lbmethod": "byrequest"},
            "The balancer: lbmethod is 'byrequest', but must be one of byrequests, bytraffic, bybusyness, "
            "heartbeat; did you mean byrequests?",
        ),
        (
            {"stickysession": "BALANCE ID"},
            "The balancer: stickysession is 'BALANCE ID', but must be a word of letters, digits, - and _, or "
            "it would get lost on the way.",
        ),
        (
            {"growth": 5},
            "The balancer: growth cannot be used: on a reload its free places bring back members that are in "
            "the inventory no longer; leave it out, a reload makes room for new members anyway.",
        ),
        ({"nofailower": True}, "The balancer: its option 'nofailower' is unknown; did you mean nofailover?"),
        (
            ["x"],
            "The balancer: its options are a list, but must be a dictionary such as {lbmethod: byrequests}.",
        ),
    ],
)
def test_options(options: object, sentence: str) -> None:
    assert problems([WEB1], options) == [sentence]


def test_member_options_must_be_a_dictionary() -> None:
    assert problems([WEB1], {}, ["retry"]) == [
        "The balancer: its member_options are a list, but must be a dictionary such as {retry: 5}."
    ]


def test_unknown_word_of_all_members_is_reported_once() -> None:
    assert problems([WEB1 | {"retri": 5}], {}, {"retri": 5}) == [
        "Balancer member web1: 'retri' is unknown; did you mean retry?"
    ]


def test_member_with_an_empty_route_has_its_position_as_name() -> None:
    assert problems([WEB1 | {"route": ""}]) == [f"Balancer member 1: route is '', but {ROUTE}."]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, None),
        ({"user": ""}, "user cannot be used: it must be a word without a colon; there is no default user."),
        # User and password are swapped.
        (
            {"user": "correct horse", "password": "admin"},
            "user cannot be used: it must be a word without a colon; there is no default user.",
        ),
        ({"password": ""}, "password cannot be used: it must not be empty; there is no default password."),
        (
            {"password": "p" * 73},
            "password cannot be used: it must have 72 bytes at most, since bcrypt ignores what is longer.",
        ),
        ({"allow": []}, "allow names nobody, so that nobody could use it; name addresses, or switch it off."),
        (
            {"allow": ["everybody"]},
            "allow is 'everybody', but must be an address or a network such as 192.168.0.0/24.",
        ),
    ],
)
def test_manager(change: dict[str, Any], sentence: str | None) -> None:
    expected = [f"The balancer-manager: {sentence}"] if sentence else []
    assert problems([WEB1], manager=MANAGER | change) == expected


@pytest.mark.parametrize("entry", ["192.168.0.101", "10.0.0.0/255.0.0.0", "10.1.2.3/8", "fd00::/8"])
def test_address_or_network_that_may_use_the_manager(entry: str) -> None:
    assert problems([WEB1], manager=MANAGER | {"allow": [entry]}) == []


@pytest.mark.parametrize(
    "entry", ["10", "10.1", "10.0.0.0/ 8", "10.0.0.0/+8", "10.0.0.0/33", "10.0.0.0/", "[::1]", "", 10]
)
def test_neither_an_address_nor_a_network(entry: object) -> None:
    (sentence,) = problems([WEB1], manager=MANAGER | {"allow": [entry]})
    assert sentence.endswith("but must be an address or a network such as 192.168.0.0/24.")


@given(password=st.text(min_size=73))
def test_password_is_in_no_sentence(password: str) -> None:
    (sentence,) = problems([WEB1], manager=MANAGER | {"password": password})
    assert password not in sentence


def test_balancers_own_cookie_is_checked_too() -> None:
    assert problems([WEB1], cookie={"name": "ROUTEID"}) == []
    (sentence,) = problems([WEB1], cookie={"name": "ROUTE;ID"})
    assert sentence.startswith("The balancer's sticky cookie: name is 'ROUTE;ID', but ")


def test_names_of_the_site() -> None:
    assert problems([WEB1], names=["www.example.com", "*.example.com", "192.168.0.105"]) == []
    (sentence,) = problems([WEB1], names=["www example"])
    assert sentence == (
        "The balancer: a name of its site is 'www example', but must be a host name such as www.example.com."
    )


@pytest.mark.parametrize("page", ["status/alive.html", "/ldirector.html"])
def test_valid_page(page: str) -> None:
    assert problems([WEB1], health_page=page) == []


@pytest.mark.parametrize("page", ["", "/", "up/", "a b", "up?deep=1", "../up"])
def test_invalid_page(page: str) -> None:
    (sentence,) = problems([WEB1], health_page=page)
    assert sentence.startswith(
        f"The balancer: its health page is {page!r}, but must be the path of a page such as "
    )


@pytest.mark.parametrize(
    "page", ["haweb-sorry.html", "/haweb-sorry.html", "balancer-manager", "balancer-manager/up"]
)
def test_page_that_is_the_balancers_own(page: str) -> None:
    (sentence,) = problems([WEB1], health_page=page)
    assert sentence == (
        f"The balancer: its health page is {page!r}, but must be another one than /haweb-sorry.html and "
        "/balancer-manager, which the balancer has for other purposes."
    )


@pytest.mark.parametrize("text", ["it's", 'say "yes"', "a {b}", "back\\slash", "two\nlines"])
def test_text_that_would_end_the_expression(text: str) -> None:
    (sentence,) = problems([WEB1], None, None, "x", text)
    assert sentence.startswith("The balancer: health_text is ")


OFF = {"user": "", "password": "", "allow": []}


@pytest.mark.parametrize("enabled", [False, "false", "False", "no", "off", None])
def test_manager_that_is_off(enabled: object) -> None:
    assert problems([WEB1], manager=OFF | {"enabled": enabled}) == []


@pytest.mark.parametrize("enabled", [True, "true", "True", "yes", "on"])
def test_manager_that_is_on(enabled: object) -> None:
    assert problems([WEB1], manager=MANAGER | {"enabled": enabled}) == []
    assert problems([WEB1], manager=OFF | {"enabled": enabled}) != []


@pytest.mark.parametrize("enabled", ["maybe", "", 2, []])
def test_manager_that_is_neither(enabled: object) -> None:
    (sentence,) = problems([WEB1], manager=OFF | {"enabled": enabled})
    assert sentence.startswith("The balancer-manager: balancer_manager is ")
    assert sentence.endswith(", but must be true or false.")
