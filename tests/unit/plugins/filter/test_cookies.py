# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.filter.header_cookie import FilterModule as HeaderCookie
from ansible_collections.haweb.cluster.plugins.filter.rewrite_cookie import FilterModule as RewriteCookie
from hypothesis import given
from hypothesis import strategies as st

rewrite_cookie: Callable[..., Any] = RewriteCookie().filters()["rewrite_cookie"]
header_cookie: Callable[..., Any] = HeaderCookie().filters()["header_cookie"]

ALL = {
    "name": "STICKY",
    "domain": ".example.com",
    "lifetime": 60,
    "path": "/shop",
    "secure": True,
    "httponly": True,
    "samesite": "None",
}


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        ({}, "CO=;BALANCEID;balancer.http1;%{SERVER_NAME};0;/;0;0;Lax"),
        ({"domain": ".example.com"}, "CO=;BALANCEID;balancer.http1;.example.com;0;/;0;0;Lax"),
        (ALL, "CO=;STICKY;balancer.http1;.example.com;60;/shop;1;1;None"),
    ],
)
def test_flag_of_mod_rewrite(cookie: dict[str, Any], expected: str) -> None:
    assert rewrite_cookie(cookie, "http1") == expected


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        ({}, "BALANCEID=balancer.%{BALANCER_WORKER_ROUTE}e; path=/; SameSite=Lax"),
        (
            ALL,
            "STICKY=balancer.%{BALANCER_WORKER_ROUTE}e; path=/shop; domain=.example.com; max-age=3600; "
            "secure; "
            "HttpOnly; SameSite=None",
        ),
    ],
)
def test_header(cookie: dict[str, Any], expected: str) -> None:
    assert header_cookie(cookie) == expected


@given(route=st.from_regex(r"[A-Za-z0-9_-]{1,63}", fullmatch=True))
def test_apache_finds_the_route_behind_the_first_dot(route: str) -> None:
    value = rewrite_cookie({}, route).split(";")[2]
    assert value.partition(".")[2] == route


@given(name=st.text())
def test_name_never_splits_the_flag(name: str) -> None:
    try:
        flag = rewrite_cookie({"name": name}, "http1")
    except AnsibleFilterError:
        return
    assert flag.split(";")[1:3] == [name, "balancer.http1"]
    assert not set(flag) & set(", ]\"'\\\n")


@pytest.mark.parametrize("route", ["", "a.b", "a b", None, ["a"]])
def test_refuses_a_route(route: object) -> None:
    with pytest.raises(AnsibleFilterError, match="route"):
        rewrite_cookie({}, route)


def test_header_of_a_cookie_that_cannot_work() -> None:
    with pytest.raises(AnsibleFilterError, match=r"The balancer's sticky cookie: name is 'a b', but "):
        header_cookie({"name": "a b"})
