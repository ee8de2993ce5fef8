# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values are typed: only render.py creates the text of Apache's configuration."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.read import read_balancer, read_cookie
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.values import Time
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.cookie import Cookie
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.member import Member

WEB1 = {"url": "http://192.168.0.101:80", "route": "web1"}


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("loadfactor", "2.50", Decimal("2.50")),
        ("retry", "5", 5),
        ("keepalive", "On", True),
        ("disablereuse", False, False),
        ("connectiontimeout", 2, Time(2)),
        ("connectiontimeout", "500ms", Time(500, milliseconds=True)),
        ("status", "+H", "+H"),
        ("hcuri", "/up", "/up"),
    ],
)
def test_parameter_of_a_member(name: str, given: object, value: object) -> None:
    balancer, _problems = read_balancer([WEB1 | {name: given}], {}, {}, "x.html", "")
    (member,) = balancer.members
    assert member.parameters[name] == value
    assert type(member.parameters[name]) is type(value)


def test_member_has_url_and_route_of_its_own() -> None:
    balancer, problems = read_balancer([WEB1], {}, {"upgrade": None, "hcmethod": None}, "x.html", "")
    parameters: dict[str, Any] = {
        "connectiontimeout": Time(2),
        "timeout": 60,
        "disablereuse": True,
        "hcinterval": Time(1),
        "hcpasses": 1,
        "hcfails": 2,
    }
    assert problems == []
    assert balancer.members == (Member(WEB1["url"], "web1", parameters),)


def test_codes_are_numbers() -> None:
    balancer, _problems = read_balancer([WEB1], {"failonstatus": "500, 503"}, {}, "x.html", "")
    assert balancer.options["failonstatus"] == (500, 503)


@pytest.mark.parametrize("given", [{}, {"domain": "%{SERVER_NAME}"}])
def test_cookie_of_the_host_that_was_asked_for(given: dict[str, Any]) -> None:
    assert read_cookie(given, Problems("The cookie")) == Cookie(
        name="BALANCEID", domain="", lifetime=0, path="/", secure=False, httponly=False, samesite="Lax"
    )
