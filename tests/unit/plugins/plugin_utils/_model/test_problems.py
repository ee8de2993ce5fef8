# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each kind of problem of a service, once, by its code and data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord import problems as of_ldirectord
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.read import read
from ansible_collections.haweb.cluster.plugins.plugin_utils._model import both
from ansible_collections.haweb.cluster.plugins.plugin_utils._model import problems as of_the_model

Found = tuple[str, str, Mapping[str, object]]

REAL = "192.168.0.101"
WWW: dict[str, Any] = {"name": "www", "address": "192.168.0.105/24", "port": 80, "real_servers": [REAL]}
MARKED = {**WWW, "port": None, "fwmark": 1, "ports": [80]}
ABOUT, ABOUT_REAL = "Service www", f"Service www, real server {REAL}"
MH = {"scheduler": "mh", "schedflags": ["mh-port", "mh-fallback"]}


def with_real(**real: object) -> dict[str, Any]:
    return {**WWW, "real_servers": [{"address": REAL, **real}]}


# Services and global options -> their only problem.
SERVICES: list[tuple[object, object, Found]] = [
    ("www", {}, ("The services", "not_a_list", {"found": "text"})),
    ([], {}, ("The services", "no_service", {})),
    (
        ["www"],
        {},
        (
            "Service number 1",
            "not_what",
            {"found": "text", "must": f"a dictionary such as {of_the_model.EXAMPLE}"},
        ),
    ),
    (
        [{**WWW, "autoreload": True}],
        {},
        (ABOUT, "in_the_options", {"name": "autoreload", "elsewhere": "ldirectord's options"}),
    ),
    (
        [{**WWW, "checktype": "ping", "check": {"type": "ping"}}],
        {},
        (ABOUT, "said_twice", {"name": "checktype", "other": "check.type"}),
    ),
    (
        [{**WWW, "check": "ping"}],
        {},
        (f"{ABOUT}, check", "not_what", {"found": "text", "must": "a dictionary such as {timeout: ...}"}),
    ),
    (
        [{**WWW, "check": {"checktype": "ping"}}],
        {},
        (f"{ABOUT}, check", "in_another_section", {"name": "checktype", "right": "check.type"}),
    ),
    (
        [{**WWW, "ldirectord": {"passwd": "geheim"}}],
        {},
        (f"{ABOUT}, ldirectord", "in_another_section", {"name": "passwd", "right": "check.passwd"}),
    ),
    (
        [{**WWW, "check": {"scheduler": "rr"}}],
        {},
        (
            f"{ABOUT}, check",
            "in_another_section",
            {"name": "scheduler", "right": "scheduler, in the service itself"},
        ),
    ),
    (
        [{**WWW, "check": {"quiescent": True}}],
        {},
        (f"{ABOUT}, check", "in_another_section", {"name": "quiescent", "right": "ldirectord.quiescent"}),
    ),
    (
        [{**WWW, "ldirectord": {"autoreload": True}}],
        {},
        (
            f"{ABOUT}, ldirectord",
            "in_the_options",
            {"name": "autoreload", "elsewhere": "ldirectord's options"},
        ),
    ),
    (
        [{**WWW, "check": {"typ": "ping"}}],
        {},
        (f"{ABOUT}, check", "unknown", {"name": "'typ'", "guess": "; did you mean type?"}),
    ),
    (
        [{**WWW, "ldirectord": {"quiescnt": True}}],
        {},
        (f"{ABOUT}, ldirectord", "unknown", {"name": "'quiescnt'", "guess": "; did you mean quiescent?"}),
    ),
    (
        [{**WWW, "check": {"port": 0}}],
        {},
        (
            ABOUT,
            "unfit",
            {"name": "check.port", "found": "0", "must": "must be a whole number from 1 to 65535"},
        ),
    ),
    (
        [{**WWW, "check": {"passwd": "a#b"}}],
        {},
        (
            ABOUT,
            "unfit_secret",
            {"name": "check.passwd", "must": "must not contain #, which would begin a comment there"},
        ),
    ),
    ([{**WWW, "port": None, "ports": [80]}], {}, (ABOUT, "ports_without_mark", {})),
    ([{**MARKED, "port": 80}], {}, (ABOUT, "port_with_mark", {})),
    ([{**WWW, "real_servers": REAL}], {}, (ABOUT, "real_servers_not_a_list", {"found": f"'{REAL}'"})),
    ([{**WWW, "real_servers": []}], {}, (ABOUT, "no_real_server", {})),
    (
        [{**MARKED, "fallback": "127.0.0.1:80"}],
        {},
        (ABOUT, "mark_keeps_ports", {"name": "fallback", "port": 80}),
    ),
    (
        [with_real(port=8080)],
        {},
        (
            ABOUT_REAL,
            "forwarding_keeps_port",
            {"name": "it", "port": 8080, "forwarding": "gate", "expected": 80},
        ),
    ),
    (
        [{**WWW, "real_servers": ["192.168.0.105"]}],
        {},
        ("Service www, real server 192.168.0.105", "virtual_address_itself", {}),
    ),
    (
        [{**WWW, "real_servers": [REAL, {"address": REAL, "port": 80}]}],
        {},
        (ABOUT_REAL, "real_server_twice", {}),
    ),
    ([with_real(lower=9, upper=1)], {}, (ABOUT_REAL, "lower_above_upper", {"lower": 9, "upper": 1})),
    (
        [WWW, {**WWW, "name": "other"}],
        {},
        (
            "Service other",
            "taken",
            {
                "claim": "tcp 192.168.0.105:80",
                "owner": "www",
                "cure": "give one of the two another address or port",
            },
        ),
    ),
    ([{**WWW, "ops": True}], {}, (ABOUT, "ops_without_udp", {})),
    ([{**WWW, "netmask": "255.255.255.0"}], {}, (ABOUT, "netmask_without_persistent", {})),
    (
        [{**WWW, "httpmethod": "HEAD", "receive": "a"}],
        {},
        (ABOUT, "head_with_receive", {"method": "httpmethod", "receive": "receive"}),
    ),
    (
        [{**WWW, "check": {"method": "HEAD"}, "receive": "a"}],
        {},
        (ABOUT, "head_with_receive", {"method": "check.method", "receive": "receive"}),
    ),
    ([{**WWW, "schedflags": "sh-port"}], {}, (ABOUT, "schedflags_of_another", {})),
    ([WWW], 5, ("ldirectord's options", "options_not_a_dictionary", {"found": "a number"})),
    ([WWW], {"scheduler": "rr"}, ("ldirectord's options", "in_a_service", {"name": "scheduler"})),
    (
        [{**WWW, "checktype": "external"}],
        {},
        (ABOUT, "external_without_command", {"type": "checktype", "command": "checkcommand"}),
    ),
    (
        [{**WWW, "check": {"type": "external"}}],
        {},
        (ABOUT, "external_without_command", {"type": "check.type", "command": "check.command"}),
    ),
    ([{**MARKED, "ops": True}], {}, (ABOUT, "ops_with_mark", {})),
    ([{**WWW, "checkinterval": 2}], {}, (ABOUT, "interval_without_fork", {"interval": "checkinterval"})),
    (
        [{**WWW, "check": {"interval": 2}}],
        {},
        (ABOUT, "interval_without_fork", {"interval": "check.interval"}),
    ),
    ([MARKED], {"fallback": "127.0.0.1"}, (ABOUT, "no_fallback_for_mark", {})),
    (
        [{**WWW, "port": 53}],
        {},
        (ABOUT, "needs", {"service": "dns", "missing": ("request", "receive"), "type": "checktype"}),
    ),
    (
        [{**WWW, "port": 3306, "check": {"request": "SELECT 1"}}],
        {},
        (ABOUT, "needs", {"service": "mysql", "missing": ("check.login",), "type": "check.type"}),
    ),
    (
        [{**WWW, "port": 143, "login": "monitor"}],
        {},
        (ABOUT, "half_a_login", {"found": "login", "missing": "passwd", "service": "imap"}),
    ),
    (
        [{**WWW, "port": 389, "receive": "dc=example"}],
        {},
        (ABOUT, "receive_without_request", {"receive": "receive", "request": "request", "service": "ldap"}),
    ),
    (
        [{**WWW, "request": "http://192.168.0.101/a"}],
        {},
        (ABOUT, "whole_url", {"request": "request", "found": "'http://192.168.0.101/a'"}),
    ),
    (
        [with_real(request="/a?to=http://b/")],
        {},
        (
            ABOUT_REAL,
            "url_inside",
            {"request": "request", "found": "'/a?to=http://b/'", "scheme": "http"},
        ),
    ),
    (
        [{**WWW, "port": 3128, "request": "/a"}],
        {},
        (ABOUT, "no_whole_url", {"request": "request", "found": "'/a'"}),
    ),
    (
        [{**WWW, "protocol": "udp", "port": 514, "receive": "a"}],
        {},
        (ABOUT, "udp_without_service", {"port": 514, "type": "checktype", "service": "service"}),
    ),
    (
        [{**MARKED, "protocol": "udp", "service": "sip"}],
        {},
        (ABOUT, "mark_with_tcp", {"what": "sip", "type": "checktype"}),
    ),
    (
        [{**MARKED, "protocol": "udp", "checktype": 5}],
        {},
        (ABOUT, "mark_with_tcp", {"what": "a number as type", "type": "checktype"}),
    ),
    (
        [{**MARKED, "checktype": "connect", "checkport": None}],
        {},
        (ABOUT, "mark_without_port", {"port": "checkport"}),
    ),
    (
        [{**WWW, "receive": "It works! (web"}],
        {},
        (
            ABOUT,
            "no_expression",
            {
                "receive": "receive",
                "found": "'It works! (web'",
                "why": "missing ), unterminated subpattern",
            },
        ),
    ),
    (
        [with_real(request="a", receive='b","c')],
        {},
        (ABOUT_REAL, "quote_between", {"read": """'a","b' and 'c'"""}),
    ),
]
# Regular expression -> whether Perl can read it; Python reads none of them.
EXPRESSIONS = {
    r"a\l(": False,
    r"\Q(\E": False,
    r"(a\1": False,
    r"\p{L}[": False,
    r"\c(": True,
    r"(a\1)": True,
    r"\l\(a": True,
}
# A service that a single director can serve -> the reason why two directors cannot.
BOTH: list[tuple[dict[str, Any], Found]] = [
    (WWW, (ABOUT, "other_scheduler", {"scheduler": "rr"})),
    ({**MARKED, **MH}, (ABOUT, "mark", {"mark": 1})),
    ({**WWW, **MH, "protocol": "udp", "checktype": "ping"}, (ABOUT, "not_tcp", {"protocol": "udp"})),
    ({**WWW, **MH, "persistent": 300}, (ABOUT, "persistent", {})),
    ({**with_real(forwarding="masq"), **MH}, (ABOUT_REAL, "not_gate", {"forwarding": "masq"})),
    ({**with_real(upper=9), **MH}, (ABOUT_REAL, "limit", {})),
]


@pytest.mark.parametrize(("services", "options", "found"), SERVICES)
def test_services(services: object, options: object, found: Found) -> None:
    assert [(one.where, one.code, one.data) for one in read(services, options).problems] == [found]


@pytest.mark.parametrize(("receive", "readable"), EXPRESSIONS.items())
def test_expression_that_python_stops_reading_early(receive: str, readable: bool) -> None:
    with pytest.raises(re.error):
        re.compile(receive)
    found = [one.code for one in read([{**WWW, "receive": receive}], {}).problems]
    assert found == ([] if readable else ["no_expression"])


@pytest.mark.parametrize(("service", "found"), BOTH)
def test_both_directors(service: dict[str, Any], found: Found) -> None:
    config = read([service], {})
    assert config.problems == ()
    assert [(one.where, one.code, one.data) for one in both.problems(config.services)] == [found]


def kinds(module: ModuleType) -> set[str]:
    return {one.code for one in vars(module).values() if isinstance(one, Kind)}


def test_no_kind_is_without_a_row() -> None:
    # That of the own page has a filter of its own.
    rows = {"other_text"} | {found[1] for *_given, found in SERVICES} | {found[1] for _service, found in BOTH}
    assert kinds(of_the_model) | kinds(of_ldirectord) | kinds(both) <= rows
