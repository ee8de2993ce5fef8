# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each kind of problem of a web server and of a balancer, as data.

The tests of the filters compare sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache import problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.read import (
    balancer_problems,
    web_server_problems,
)

WEB1 = {"url": "http://192.168.0.101:80", "route": "web1"}
WEB2 = {"url": "http://192.168.0.102:80", "route": "web2"}
BALANCER: dict[str, Any] = {
    "members": [WEB1, WEB2],
    "options": {},
    "member_options": {},
    "health_page": "ldirector.html",
    "health_text": "Test Page",
    "names": [],
    "cookie": {},
    "manager": {},
}
WEB_SERVER: dict[str, Any] = {
    "cookie": {},
    "own_route": "web1",
    "names": [],
    "headers": [],
    "health_page": "ldirector.html",
}
MEMBER_EXAMPLE = "a dictionary such as {url: http://192.168.0.101:80, route: webserver1}"

Found = tuple[str, str, Mapping[str, object]]

# Changed arguments -> where, code and data of the resulting problem.
OF_A_BALANCER: list[tuple[dict[str, Any], Found]] = [
    (
        {"members": "web1"},
        ("The balancer", "unfit_set", {"name": "members", "found": "text", "must": "a list"}),
    ),
    (
        {"options": {"lbmehod": "byrequests"}},
        ("The balancer", "unknown_option", {"name": "'lbmehod'", "guess": "; did you mean lbmethod?"}),
    ),
    ({"options": {"growth": 5}}, ("The balancer", "growth", {})),
    ({"member_options": {"route": "web1"}}, ("The balancer", "not_for_all", {"name": "route"})),
    ({"members": []}, ("The balancer", "no_members", {})),
    ({"members": [{"url": WEB1["url"]}]}, ("Balancer member 1", "no_route", {})),
    (
        {"members": [WEB1, WEB2 | {"route": "web1"}]},
        ("Balancer member web1", "route_twice", {"route": "web1", "owner": WEB1["url"]}),
    ),
    (
        {"members": [WEB1, WEB2 | {"url": WEB1["url"]}]},
        ("Balancer member web2", "url_twice", {"url": WEB1["url"]}),
    ),
    (
        {"members": [WEB1 | {"redirect": "wb2"}, WEB2]},
        ("Balancer member web1", "redirect_unknown", {"found": "'wb2'", "guess": "; did you mean web2?"}),
    ),
    ({"members": [WEB1 | {"status": "+D"}]}, ("The balancer", "none_serves", {})),
    ({"cookie": {"samesite": "None"}}, ("The balancer's sticky cookie", "samesite_without_secure", {})),
    (
        {"manager": {"user": "admin", "password": "correct horse", "allow": []}},
        ("The balancer-manager", "allows_nobody", {}),
    ),
    # Kinds that all engines share.
    (
        {"members": ["web1"]},
        ("Balancer member 1", "not_what", {"found": "text", "must": MEMBER_EXAMPLE}),
    ),
    (
        {"members": [WEB1 | {"loadfaktor": 2}]},
        ("Balancer member web1", "unknown", {"name": "'loadfaktor'", "guess": "; did you mean loadfactor?"}),
    ),
    (
        {"members": [WEB1 | {"route": ""}]},
        (
            "Balancer member 1",
            "unfit",
            {
                "name": "route",
                "found": "''",
                "must": "must be a word of letters, digits, - and _: Apache looks for the member whose route "
                "is all that follows the first dot in the cookie",
            },
        ),
    ),
]
OF_A_WEB_SERVER: list[tuple[dict[str, Any], Found]] = [
    ({"cookie": {"httponly": True}}, ("The sticky cookie", "httponly_without_secure", {})),
    ({"cookie": {"path": None}}, ("The sticky cookie", "missing", {"name": "path"})),
]


@pytest.mark.parametrize(("change", "found"), OF_A_BALANCER)
def test_balancer(change: dict[str, Any], found: Found) -> None:
    (problem,) = balancer_problems(**{**BALANCER, **change})
    assert (problem.where, problem.code, problem.data) == found


@pytest.mark.parametrize(("change", "found"), OF_A_WEB_SERVER)
def test_web_server(change: dict[str, Any], found: Found) -> None:
    (problem,) = web_server_problems(**{**WEB_SERVER, **change})
    assert (problem.where, problem.code, problem.data) == found


def test_nothing_is_wrong_with_what_the_table_changes() -> None:
    assert balancer_problems(**BALANCER) == []
    assert web_server_problems(**WEB_SERVER) == []


def test_table_has_every_kind_once() -> None:
    kinds = {kind.code for kind in vars(problems).values() if isinstance(kind, Kind)}
    codes = [code for _change, (_where, code, _data) in (*OF_A_BALANCER, *OF_A_WEB_SERVER)]
    assert kinds <= set(codes)
    assert len(codes) == len(set(codes))
