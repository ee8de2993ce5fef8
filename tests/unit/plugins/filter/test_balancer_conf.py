# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.filter.balancer_conf import FilterModule

conf: Callable[..., Any] = FilterModule().filters()["balancer_conf"]

WEB1 = {"url": "http://192.168.0.101:80", "route": "web1"}
HEALTH = "hcmethod=GET hcuri=/ldirector.html hcexpr=haweb_health hcinterval=1 hcpasses=1 hcfails=2"
CONNECTIONS = "connectiontimeout=2 timeout=60 disablereuse=On"
DEFAULTS = f"{CONNECTIONS} upgrade=websocket {HEALTH}"


def parameters(member_options: object = None, text: str = "Test Page", **member: object) -> str:
    """Return the parameters after the URL of a balancer's only member."""
    shape = conf([WEB1 | member], None, member_options, "ldirector.html", text)
    return str(shape["members"][0]["parameters"])


@pytest.mark.parametrize("page", ["status/alive.html", "/status/alive.html"])
def test_members_and_balancer_have_the_page_at_one_path(page: str) -> None:
    shape = conf([WEB1], None, None, page)
    assert "hcuri=/status/alive.html " in shape["members"][0]["parameters"]
    assert shape["health_page"] == "/status/alive.html"


def test_members_keep_their_order_and_urls() -> None:
    web2 = {"url": "http://192.168.0.102:80", "route": "web2"}
    assert [member["url"] for member in conf([web2, WEB1])["members"]] == [web2["url"], WEB1["url"]]


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ({}, f"route=web1 {DEFAULTS}"),
        ({"route": 1}, f"route=1 {DEFAULTS}"),
        (
            {"loadfactor": 2.5, "lbset": 1, "status": "-H"},
            f"route=web1 loadfactor=2.5 lbset=1 status=-H {DEFAULTS}",
        ),
        (
            {"retry": 0, "connectiontimeout": "500ms", "upgrade": None},
            f"route=web1 retry=0 connectiontimeout=500ms timeout=60 disablereuse=On {HEALTH}",
        ),
        (
            {"hcmethod": "TCP"},
            f"route=web1 {CONNECTIONS} upgrade=websocket hcmethod=TCP hcinterval=1 hcpasses=1 hcfails=2",
        ),
        (
            {"hcmethod": "HEAD", "hcuri": "/up", "hcinterval": 5},
            f"route=web1 {CONNECTIONS} upgrade=websocket "
            "hcmethod=HEAD hcuri=/up hcinterval=5 hcpasses=1 hcfails=2",
        ),
        (
            {"keepalive": True, "disablereuse": False, "flushpackets": "auto"},
            "route=web1 connectiontimeout=2 timeout=60 keepalive=On disablereuse=Off flushpackets=auto "
            f"upgrade=websocket {HEALTH}",
        ),
    ],
)
def test_parameters(member: dict[str, Any], expected: str) -> None:
    assert parameters(**member) == expected


def test_member_overrides_the_options_of_all_members() -> None:
    assert "retry=7 " in parameters({"retry": 7})
    assert "retry=9 " in parameters({"retry": 7}, retry=9)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (None, {"stickysession": "BALANCEID", "nofailover": "Off", "lbmethod": "byrequests"}),
        (
            {"nofailover": "on", "lbmethod": "bybusyness", "failonstatus": [500, 503]},
            {
                "stickysession": "BALANCEID",
                "nofailover": "On",
                "lbmethod": "bybusyness",
                "failonstatus": "500,503",
            },
        ),
        (
            {"stickysession": "JSESSIONID|jsessionid", "scolonpathdelim": True, "nofailover": None},
            {"stickysession": "JSESSIONID|jsessionid", "scolonpathdelim": "On", "lbmethod": "byrequests"},
        ),
    ],
)
def test_options(options: object, expected: dict[str, str]) -> None:
    assert {option["name"]: option["value"] for option in conf([WEB1], options)["options"]} == expected


def test_the_module_of_apaches_own_lbmethod_is_loaded() -> None:
    shape = conf([WEB1], {"lbmethod": None})
    assert "lbmethod" not in [option["name"] for option in shape["options"]]
    assert shape["lbmethod"] == "byrequests"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Test Page", r"%{REQUEST_STATUS} =~ /^[23]/ && hc('body') =~ /Test\ Page/"),
        ("a/b (c)", r"%{REQUEST_STATUS} =~ /^[23]/ && hc('body') =~ /a\/b\ \(c\)/"),
        ("", ""),
    ],
)
def test_expected_text_is_found_as_it_is(text: str, expected: str) -> None:
    assert conf([WEB1], None, None, "x", text)["health_expression"] == expected


def test_without_expected_text_there_is_no_expression_to_name() -> None:
    assert "hcexpr" not in parameters(text="")


def test_refuses_with_all_sentences() -> None:
    with pytest.raises(AnsibleFilterError, match=r"retri.*lbmethod|lbmethod.*retri"):
        conf([WEB1 | {"retri": 1}], {"lbmethod": "x"})
