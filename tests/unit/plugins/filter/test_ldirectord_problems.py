# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.filter.ldirectord_problems import FilterModule
from hypothesis import given
from hypothesis import strategies as st

problems: Callable[..., Any] = FilterModule().filters()["ldirectord_problems"]

SERVICE: dict[str, Any] = {
    "name": "www",
    "address": "192.168.0.105/24",
    "port": 80,
    "real_servers": ["192.168.0.101", "192.168.0.102"],
}
SCHEDULERS = "rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh"
GATE_PORT = "has port 8080, but gate forwards packets unchanged, so that it must be the service's port 80"


def with_real(**real: object) -> dict[str, Any]:
    return {"real_servers": [{"address": "192.168.0.101", **real}]}


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({}, None),
        ({}, {}),
        ({}, {"checkinterval": 5, "quiescent": True, "autoreload": "no", "callback": "/usr/local/bin/copy"}),
        ({"checkinterval": 3}, {"fork": True}),
        ({"scheduler": "mh", "schedflags": ["mh-port", "mh-fallback"]}, {}),
        ({"persistent": 300, "netmask": "255.255.255.0"}, {}),
        (
            {
                "protocol": "udp",
                "ops": True,
                "port": "53",
                "service": "dns",
                "request": "a.example",
                "receive": "^192",
            },
            {},
        ),
        ({"checktype": 4}, {}),
        ({"checktype": "external", "checkcommand": "/usr/local/bin/check -v"}, {}),
        ({"httpmethod": "HEAD"}, {}),
        ({"httpmethod": "HEAD", "receive": ""}, {}),
        ({"receive": '"status":"UP"'}, {}),
        ({"receive": ""}, {}),
        ({"checktype": True}, {}),
        ({"check": {"type": False}}, {}),
        ({"protocol": "udp", "port": 514}, {}),
        ({"protocol": "udp", "port": 514, "service": "http", "checkport": 80}, {}),
        ({"port": 143}, {}),
        ({"port": 389}, {}),
        # Perl reads it, and Python does not.
        ({"receive": "\\p{L}+\\z"}, {}),
        (with_real(receive=""), {}),
        (with_real(receive='"status":"UP"'), {}),
        (with_real(request="http://192.168.0.101:8080/alive"), {}),
        ({"fallback": "127.0.0.1"}, {}),
        ({"fallback": "127.0.0.1:8080 masq"}, {}),
        (with_real(port=8080, forwarding="masq", weight=0, lower=10, upper=20), {}),
        (with_real(request="a.html", receive="ok"), {}),
        ({"receive": None}, {"logfile": None, "emailalertstatus": "starting, stopping"}),
        # The prefix is that of the interface, so the host bits are not zero.
        ({"address": "192.168.0.105/32"}, {}),
    ],
)
def test_nothing_to_say(change: dict[str, Any], options: object) -> None:
    assert problems([SERVICE | change], options) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"scheduler": "rrr"}, f"scheduler is 'rrr', but must be one of {SCHEDULERS}; did you mean rr?"),
        ({"scheduler": "xyz"}, f"scheduler is 'xyz', but must be one of {SCHEDULERS}."),
        ({"scheduler": True}, f"scheduler is true, but must be one of {SCHEDULERS}."),
        (
            {"checktype": "negociate"},
            "checktype is 'negociate', but must be one of connect, external, external-perl, negotiate, off, "
            "on, ping; did you mean negotiate? (or a number N: one negotiate check after N connect checks).",
        ),
        ({"protocol": "tpc"}, "protocol is 'tpc', but must be one of tcp, udp; did you mean tcp?"),
        ({"protocol": "fwm"}, "a firewall mark has a word of its own; set fwmark, and here tcp or udp."),
        ({"service": "htpp"}, "did you mean http?"),
        ({"schedulr": "rr"}, "'schedulr' is unknown; did you mean scheduler?"),
        ({"real_server": []}, "'real_server' is unknown; did you mean real_servers?"),
        ({"autoreload": True}, "autoreload cannot stand in a service; move it into ldirectord's options."),
        ({"quiescent": "maybe"}, "quiescent is 'maybe', but must be yes or no."),
        ({"quiescent": 1}, "quiescent is 1, but must be yes or no."),
        ({"checktimeout": 0}, "checktimeout is 0, but must be a whole number from 1 to 2678400."),
        ({"checktimeout": "2s"}, "checktimeout is '2s', but must be a whole number from 1 to 2678400."),
        ({"checktimeout": 1.5}, "checktimeout is 1.5, but must be a whole number from 1 to 2678400."),
        ({"failurecount": True}, "failurecount is true, but must be a whole number from 1 to 10000."),
        ({"port": 65536}, "port is 65536, but must be a whole number from 1 to 65535."),
        ({"port": None}, "port is missing."),
        (
            {"ports": [80, 443]},
            "ports is set, but fwmark is not, and only a firewall mark makes several ports",
        ),
        ({"checkport": 0}, "checkport is 0, but must be a whole number from 1 to 65535."),
        ({"netmask": "24", "persistent": 9}, "netmask is '24', but must be a netmask such as 255.255.255.0."),
        ({"virtualhost": 'a"b'}, 'must not contain a double quote ("), which would end it.'),
        ({"request": "a#b"}, "must not contain #, which would begin a comment there."),
        ({"receive": "a\nb"}, "must be one line without tabs and other control characters."),
        ({"receive": " "}, "receive is ' ', but must not be blank."),
        ({"receive": ["a"]}, "receive is a list, but must be text."),
        ({"servicename": " a"}, "servicename is ' a', but must not begin or end with a blank."),
        ({"checkcommand": "check"}, "checkcommand is 'check', but must be an absolute path."),
        ({"smtp": "@home"}, "smtp is '@home', but must be the name or the address of a host."),
        ({"fallback": "127.0.0.1 gate 1"}, "must look like 127.0.0.1:80 gate."),
        ({"fallback": "127.0.0.1:80 gat"}, "must be one of gate, masq, ipip; did you mean gate?"),
        ({"fallback": "127.0.0.1:8080 gate"}, f"fallback {GATE_PORT}; use that, or forwarding masq."),
        ({"name": None}, "name is missing."),
        ({"name": "a\nb"}, "name is 'a\\nb', but must be one line"),
        ({"address": "192.168.0.105"}, "is missing; write for example 192.168.0.105/24."),
        ({"address": "192.168.0.105/33"}, "must have a prefix from 1 to 32, for example 192.168.0.105/24."),
        ({"address": "192.168.0.305/24"}, "must be an IPv4 address with a prefix such as 192.168.0.105/24."),
        ({"address": 5}, "address is 5, but must be an IPv4 address with a prefix such as 192.168.0.105/24."),
        ({"address": "2001:db8::1/64"}, "IPv6 is not supported yet: it must be an IPv4 address."),
        ({"checkinterval": 2}, "only with fork: true in its options"),
        ({"ops": True}, "one-packet scheduling exists for udp only; remove ops, or set protocol: udp."),
        ({"checktype": "external"}, "checktype is external, but checkcommand is missing"),
        ({"check": {"type": "external"}}, "check.type is external, but check.command is missing"),
        ({"netmask": "255.255.255.0"}, "set persistent, or remove netmask."),
        ({"httpmethod": "HEAD", "receive": "a"}, "set httpmethod: GET, or remove receive."),
        ({"check": {"method": "HEAD", "receive": "a"}}, "set check.method: GET, or remove check.receive."),
        ({"schedflags": "sh-port"}, "schedflags are of another scheduler than this service's"),
        ({"schedflags": "sh-prot"}, "did you mean sh-port?"),
        (
            {"emailalertstatus": "none,all"},
            "emailalertstatus is 'none,all', but none must stand alone, or not at all.",
        ),
        ({"real_servers": []}, "there is no real server; name at least one in real_servers."),
        ({"real_servers": None}, "there is no real server; name at least one in real_servers."),
        ({"real_servers": "192.168.0.101"}, "real_servers is '192.168.0.101', but must be a list."),
        (
            {"real_servers": [7]},
            "real server 1: address is 7, but must be an IPv4 address such as 192.168.0.101.",
        ),
        ({"real_servers": [{}]}, "real server 1: address is missing."),
        ({"real_servers": ["::1"]}, "real server 1: address is '::1', but IPv6 is not supported yet"),
        ({"real_servers": ["192.168.0.101:80"]}, "must be an IPv4 address such as 192.168.0.101."),
        ({"real_servers": ["192.168.0.105"]}, "192.168.0.105: this is the virtual address itself; name the "),
        ({"real_servers": ["192.168.0.101"] * 2}, "it is in the list more than once; remove the others."),
        (with_real(wieght=1), "real server 1: 'wieght' is unknown; did you mean weight?"),
        (with_real(weight=-1), "weight is -1, but must be a whole number from 0 to 65535."),
        (with_real(forwarding="nat"), "forwarding is 'nat', but must be one of gate, masq, ipip."),
        (with_real(port=8080), f"real server 192.168.0.101: it {GATE_PORT}; use that, or forwarding masq."),
        (with_real(lower=9, upper=3), "lower is 9, above upper 3;"),
        (
            with_real(receive='a","b'),
            "real server 192.168.0.101: of request and receive ldirectord would read",
        ),
    ],
)
def test_a_service(change: dict[str, Any], sentence: str) -> None:
    (found,) = problems([SERVICE | change], {})
    assert found.startswith("Service ")
    assert sentence in found


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("fast", "ldirectord's options: found text, but they must be a dictionary of option: value."),
        (
            {"scheduler": "rr"},
            "ldirectord's options: scheduler cannot stand here; move it into the services that need it.",
        ),
        ({"autoreaload": "no"}, "ldirectord's options: 'autoreaload' is unknown; did you mean autoreload?"),
        ({5: "no"}, "ldirectord's options: 5 is unknown."),
        ({"fork": "perhaps"}, "ldirectord's options: fork is 'perhaps', but must be yes or no."),
        ({"execute": "a b"}, "execute is 'a b', but must be a single word without blanks."),
        ({"logfile": {}}, "ldirectord's options: logfile is a dictionary, but must be text."),
        ({"callback": "x" * 70 + "#"}, "callback is '" + "x" * 57 + "...', but must not contain #"),
    ],
)
def test_options(options: object, sentence: str) -> None:
    (found,) = problems([SERVICE], options)
    assert sentence in found


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        (None, "The services: found empty, but they must be a list."),
        ("www", "The services: found text, but they must be a list."),
        ([], "The services: there is none; name at least one with its address, port and real_servers."),
        (["www"], "Service number 1: found text, but it must be a dictionary such as {name: www, "),
    ],
)
def test_services(services: object, expected: str) -> None:
    (found,) = problems(services)
    assert found.startswith(expected)


MARKED: dict[str, Any] = {
    "name": "www",
    "address": "192.168.0.105/24",
    "fwmark": 1,
    "ports": [80, 443],
    "real_servers": ["192.168.0.101", "192.168.0.102"],
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"fwmark": "4294967295", "ports": ["443"]},
        {"fallback": "127.0.0.1 gate", "persistent": 300},
        {"protocol": "udp", "ports": [5060]},
        {"checkport": 443},
        {"checkport": None, "service": "https"},
    ],
)
def test_a_mark_may_join_ports(change: dict[str, Any]) -> None:
    assert problems([MARKED | change], {}) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"fwmark": 0}, "fwmark is 0, but must be a whole number from 1 to 4294967295."),
        ({"fwmark": 4294967296}, "fwmark is 4294967296, but must be a whole number from 1 to 4294967295."),
        ({"fwmark": "one"}, "fwmark is 'one', but must be a whole number from 1 to 4294967295."),
        ({"fwmark": True}, "fwmark is true, but must be a whole number from 1 to 4294967295."),
        ({"ports": None}, "ports is missing."),
        ({"ports": 80}, "ports is 80, but must be a list of ports such as [80, 443]."),
        ({"ports": []}, "ports is a list, but must be a list of ports such as [80, 443]."),
        (
            {"ports": [80, 0]},
            "ports is a list, but each of its ports must be a whole number from 1 to 65535.",
        ),
        ({"ports": [80, "80"]}, "ports is a list, but must name each port once."),
        (
            {"port": 80},
            "port is set, but a service with fwmark has a list; write ports, as in ports: [80, 443].",
        ),
        ({"protocol": "fwm"}, "set fwmark, and here tcp or udp."),
        ({"ops": True}, "ops is yes, but with fwmark ldirectord ignores it; remove ops, or fwmark."),
        ({"ops": True, "protocol": "udp"}, "ops is yes, but with fwmark ldirectord ignores it"),
        (
            {"fallback": "127.0.0.1:80 gate"},
            "fallback has port 80, but a service with fwmark forwards all its ports, each to the same port; "
            "remove the port.",
        ),
        (
            with_real(port=80),
            "real server 192.168.0.101: it has port 80, but a service with fwmark forwards all",
        ),
        ({"real_servers": ["192.168.0.101"] * 2}, "it is in the list more than once; remove the others."),
    ],
)
def test_a_mark_has_rules_of_its_own(change: dict[str, Any], sentence: str) -> None:
    (found,) = problems([MARKED | change], {})
    assert found.startswith("Service www")
    assert sentence in found


def test_ldirectord_has_no_general_fallback_for_marks() -> None:
    (found,) = problems([MARKED], {"fallback": "127.0.0.1"})
    assert (
        "ldirectord cannot use the fallback in its options for a firewall mark; give this service a" in found
    )
    assert problems([MARKED | {"fallback": "127.0.0.1"}], {"fallback": "127.0.0.1"}) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"fwmark": 2},
            "tcp 192.168.0.105:80 already belongs to service www; give one of the two another address ",
        ),
        ({"ports": [8080]}, "fwmark 1 already belongs to service www; give one of the two another mark."),
    ],
)
def test_marks_and_ports_have_one_owner(change: dict[str, Any], sentence: str) -> None:
    (found,) = problems([MARKED, MARKED | {"name": "shop", "ports": [80]} | change])
    assert found.startswith("Service shop: ")
    assert sentence in found


def test_a_port_belongs_to_a_mark_or_to_a_service_of_its_own() -> None:
    (found,) = problems([MARKED, SERVICE | {"name": "plain", "port": 443}])
    assert found.startswith("Service plain: tcp 192.168.0.105:443 already belongs to service www;")


def test_two_services_on_one_address_and_port() -> None:
    assert problems([SERVICE, SERVICE | {"name": "shop"}]) == [
        "Service shop: tcp 192.168.0.105:80 already belongs to service www; "
        "give one of the two another address or port."
    ]


@pytest.mark.parametrize("other", [{"port": 443}, {"protocol": "udp"}, {"address": "192.168.0.106/24"}])
def test_two_services_apart(other: dict[str, object]) -> None:
    assert problems([SERVICE, SERVICE | {"name": "other"} | other]) == []


def test_all_findings_at_once() -> None:
    found = problems(
        [SERVICE | {"scheduler": "x", "port": 0, "real_servers": [{"weight": "x"}]}], {"fork": 1}
    )
    assert [sentence.partition(" is ")[0] for sentence in found] == [
        "ldirectord's options: fork",
        "Service www: port",
        "Service www: scheduler",
        "Service www, real server 1: address",
        "Service www, real server 1: weight",
    ]


@pytest.mark.parametrize("name", ["login", "passwd", "secret"])
def test_secrets_stay_secret(name: str) -> None:
    (found,) = problems([SERVICE | {name: "hunter#2"}])
    assert "hunter" not in found
    assert found.startswith(f"Service www: {name} cannot be used: it must not contain #, which")


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(sorted(SERVICE)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*SERVICE, "fwmark", "ports", "scheduler", "fallback", "weight", "fork"])
            | st.integers(),
            inner,
        )
    ),
)


@given(GARBAGE, GARBAGE)
def test_garbage_gets_sentences(services: object, options: object) -> None:
    found = problems(services, options)
    assert found
    assert all(isinstance(sentence, str) and sentence[-1] in ".?" for sentence in found)


@given(st.dictionaries(st.sampled_from([*MARKED, "scheduler", "fallback", "schedflags", "request"]), GARBAGE))
def test_a_partly_valid_service_gets_sentences(change: dict[str, object]) -> None:
    assert all(isinstance(sentence, str) for sentence in problems([SERVICE | change], {}))


MH = {"scheduler": "mh", "schedflags": ["mh-port", "mh-fallback"]}
MUST = "and haweb_active is both, where both directors must choose the same real server"


@pytest.mark.parametrize("change", [MH, {"scheduler": "mh"}, {**MH, "fallback": "127.0.0.1:80 gate"}])
def test_both_directors_can_serve(change: dict[str, Any]) -> None:
    assert problems([{**SERVICE, **change}], {}, "both") == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, f": scheduler is rr, {MUST}; use scheduler: mh with schedflags: [mh-port, mh-fallback]"),
        ({**MH, "persistent": 300}, f": persistent is set, which each director stores separately, {MUST}"),
        (
            {**MH, "protocol": "udp", "checktype": "ping"},
            ": protocol is udp, of which each packet would arrive twice",
        ),
        (
            {**MH, **with_real(forwarding="masq")},
            f", real server 192.168.0.101: forwarding is masq, {MUST}; use gate",
        ),
        (
            {**MH, **with_real(upper=10)},
            ", real server 192.168.0.101: lower or upper is set, which each director counts",
        ),
        (
            {**MH, "port": None, "fwmark": 1, "ports": [80, 443]},
            f": fwmark is 1, {MUST}; make a service of each port",
        ),
    ],
)
def test_both_directors_would_choose_differently(change: dict[str, Any], sentence: str) -> None:
    service = {**SERVICE, **change}
    assert problems([service]) == []
    (found,) = problems([service], {}, "both")
    assert found.startswith(f"Service www{sentence}")
    assert found.endswith("or remove haweb_active.")
