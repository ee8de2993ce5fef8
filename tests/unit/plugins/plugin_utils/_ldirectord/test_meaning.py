# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What we write means to the real ldirectord what the user's words mean to us, and no check is in vain.

meaning.pl lets its own code read our files, choose the checks, and judge the answers of a good server.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import jinja2
import pytest
from ansible_collections.haweb.cluster.plugins.filter.ldirectord_cf import ldirectord_cf
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.problems import REQUIRED, asked
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.read import read
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.words import (
    CHECKED_SERVICES,
    SERVICE_OF_PORT,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Understand = Callable[[Sequence[str]], list[dict[str, Any]]]

TEMPLATE = Path(__file__).parents[5] / "roles/director/templates/ldirectord.cf.j2"
# Below its first line, which only Ansible understands.
FILE = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True, autoescape=False).from_string(
    TEMPLATE.read_text().partition("\n")[2]
)
PROGRAM = Path(__file__).parent / "meaning.pl"
REAL = "192.168.0.101"
WWW: dict[str, Any] = {"name": "www", "address": "192.168.0.105/24", "port": 80, "real_servers": [REAL]}
# All that a check of any service can need; `well` is in what the server answers.
ALL = {
    **dict.fromkeys(("request", "receive", "passwd", "database", "secret"), "well"),
    "login": "monitor",
}
ONLY = {
    "simpletcp": {"receive": "OK"},
    "http_proxy": {"request": "http://www.example.com/", "receive": "well"},
}


@pytest.fixture
def understand(ldirectord: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Understand:
    def ask(texts: Sequence[str]) -> list[dict[str, Any]]:
        monkeypatch.setenv("PERLIO", "perlio")
        answer = subprocess.run(
            ["perl", str(PROGRAM), str(ldirectord)],
            input=json.dumps(list(texts)),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        found: list[dict[str, Any]] = json.loads(answer.stdout)
        return found

    return ask


def render(service: dict[str, Any], options: dict[str, Any] | None = None) -> str:
    return FILE.render(__director_ldirectord=ldirectord_cf([service], options))


def codes(service: dict[str, Any], options: dict[str, Any] | None = None) -> list[str]:
    return [problem.code for problem in read([service], options).problems]


# Ports, protocols, services and check types of every kind, in all combinations.
PORTS = (21, 53, 80, 443, 514, 3306, 5060)
COMBINATIONS = [
    {
        **{key: value for key, value in WWW.items() if key != "port"},
        **({"fwmark": 7, "ports": [port, 22]} if mark else {"port": port}),
        **{
            name: value
            for name, value in (("protocol", protocol), ("service", service), ("checktype", kind))
            if value is not None
        },
        **({**ALL, **ONLY.get(service or SERVICE_OF_PORT.get(port, ""), {})} if asks else {}),
    }
    for port, protocol, service, kind, mark, asks in product(
        PORTS,
        (None, "tcp", "udp"),
        (None, "http", "sip", "simpletcp", "none"),
        (None, "negotiate", "connect", "off", False, True, 3),
        (False, True),
        (False, True),
    )
]


def right(service: dict[str, Any]) -> dict[str, Any]:
    """Return what a service means by ldirectord's manual, and by ours where it differs from that."""
    ports = service.get("ports") or [service["port"]]
    mark = "fwmark" in service
    of_port = SERVICE_OF_PORT.get(ports[0])
    transport = service.get("protocol", "udp" if of_port == "dns" and not mark else "tcp")
    kind = service.get("checktype")
    if kind is None:
        unknown = of_port is None or (mark and of_port == "sip")
        silent = not {*ALL, "service"} & {*service}
        kind = "ping" if transport == "udp" and unknown and silent else "negotiate"
    kind = {True: "on", False: "off"}.get(kind, kind) if isinstance(kind, bool) else kind
    asks = kind == "negotiate" or isinstance(kind, int)
    name = service.get("service", of_port or "http")
    check: str | None
    if asks:
        check = "check_http" if name in ("http", "https", "http_proxy") else f"check_{name}"
    elif kind == "connect" and transport == "udp":
        check = "check_ping"
    else:
        check = None if kind in ("on", "off") else f"check_{kind}"
    return {
        "protocol": "fwm" if mark else transport,
        "check": check,
        "port": ports[0],
        "state": None if kind == "off" else "up",
        "died": "",
    }


def test_what_is_written_means_what_the_words_mean(understand: Understand) -> None:
    accepted = [one for one in COMBINATIONS if not codes(one)]
    assert len(accepted) > len(COMBINATIONS) / 2
    different = []
    for service, answer in zip(accepted, understand([render(one) for one in accepted]), strict=True):
        (virtual,) = answer["virtuals"]
        (real,) = virtual["reals"]
        found = {
            "protocol": virtual["protocol"],
            **{name: real[name] for name in ("check", "port", "state", "died")},
        }
        if found != right(service):
            different.append((service, found, right(service)))
    assert different == []
    refused = {code for one in COMBINATIONS for code in codes(one)}
    assert refused == {"needs", "udp_without_service", "mark_with_tcp"}


@pytest.mark.parametrize("service", CHECKED_SERVICES)
def test_a_check_that_is_accepted_succeeds_and_needs_what_we_require(
    understand: Understand, service: str
) -> None:
    """Take away one option after the other: those without which the check fails are the required ones."""
    options = {"receive": "OK"} if service == "simpletcp" else ALL | ONLY.get(service, {})
    full = {**WWW, "port": 8080, "service": service, **options}
    ones = [full, *({**full, name: None} for name in options)]
    # Past our own judgement: the file as it would be.
    answers = understand([unjudged(one) for one in ones])
    states = [answer["virtuals"][0]["reals"][0]["state"] for answer in answers]
    assert states[0] == "up"
    failing = {name for name, state in zip(options, states[1:], strict=True) if state != "up"}
    refused = {name for name, one in zip(options, ones[1:], strict=True) if codes(one)}
    assert codes(full) == []
    assert failing <= refused
    # An Oracle without a database is refused by Oracle; half a login is ldap's, which then takes none.
    excess = {
        "oracle": {"database"},
        "ldap": {"login", "passwd", "request"},
        "ldaps": {"login", "passwd", "request"},
    }
    half = {"imap": {"login"}, "imaps": {"login"}, "pop": {"login"}, "pops": {"login"}}
    assert refused - failing <= excess.get(service, set()) | half.get(service, set())
    assert set(REQUIRED.get(service, ())) == {*failing, *({"database"} if service == "oracle" else ())} - {
        *({"passwd"} if service in half else ()),
        *({"request"} if service in ("ldap", "ldaps") else ()),
    }


def unjudged(service: dict[str, Any]) -> str:
    """Write a service of WWW with options of its check, whatever we think of it."""
    lines = [f'    {name}="{value}"' for name, value in service.items() if name in ALL and value is not None]
    return "\n".join(
        [
            f"virtual=192.168.0.105:{service['port']}",
            f"    real={REAL}:{service['port']} gate 1",
            f"    service={service['service']}",
            *lines,
            "",
        ]
    )


@pytest.mark.parametrize(
    ("options", "own", "check", "negotiate"),
    [
        ({}, {}, 2, 2),
        ({"negotiatetimeout": 10}, {}, 10, 10),
        ({"checktimeout": 10}, {}, 10, 10),
        ({"checktimeout": 3, "negotiatetimeout": 10}, {}, 3, 10),
        ({"checktimeout": None}, {}, 2, 2),
        ({"checktimeout": None, "negotiatetimeout": None}, {}, 5, 30),
        ({}, {"checktimeout": 7}, 7, 7),
        ({}, {"negotiatetimeout": 7}, 7, 7),
        ({"negotiatetimeout": 10}, {"checktimeout": 7}, 7, 7),
        ({}, {"checktimeout": 7, "negotiatetimeout": 8}, 7, 8),
    ],
)
def test_one_time_limit_is_the_default_of_the_other(
    understand: Understand, options: dict[str, Any], own: dict[str, Any], check: int, negotiate: int
) -> None:
    ((virtual,),) = (answer["virtuals"] for answer in understand([render({**WWW, **own}, options)]))
    assert (int(virtual["checktimeout"]), int(virtual["negotiatetimeout"])) == (check, negotiate)


MARKED = {**{key: value for key, value in WWW.items() if key != "port"}, "fwmark": 7}


@pytest.mark.parametrize(
    ("change", "port", "url"),
    [
        ({"ports": [80, 443]}, 80, f"http://{REAL}:80/ldirector.html"),
        ({"ports": [80, 443], "service": "https"}, 443, f"https://{REAL}:443/ldirector.html"),
        ({"ports": [80, 8443], "service": "https"}, 80, f"https://{REAL}:80/ldirector.html"),
        ({"ports": [80, 443], "checkport": 443}, 443, f"https://{REAL}:443/ldirector.html"),
        ({"ports": [80, 443], "check": {"service": "https"}}, 443, f"https://{REAL}:443/ldirector.html"),
    ],
)
def test_the_service_of_a_mark_chooses_its_port(
    understand: Understand, change: dict[str, Any], port: int, url: str
) -> None:
    ((virtual,),) = (answer["virtuals"] for answer in understand([render({**MARKED, **change})]))
    (real,) = virtual["reals"]
    assert (real["port"], real["url"], real["state"]) == (port, url, "up")


def test_a_request_with_a_slash_keeps_its_answer(understand: Understand) -> None:
    real = {"address": REAL, "request": "/alive", "receive": "well"}
    ((virtual,),) = (answer["virtuals"] for answer in understand([render({**WWW, "real_servers": [real]})]))
    (found,) = virtual["reals"]
    assert (found["url"], found["receive"]) == (f"http://{REAL}:80/alive", "well")


TEXT = st.text(st.sampled_from('ab1 "\\,.()/:l'), min_size=1, max_size=12)
QUESTION = st.fixed_dictionaries({}, optional={"request": TEXT, "receive": TEXT | st.just("")})


@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(QUESTION, QUESTION), min_size=20, max_size=20))
def test_every_text_arrives_as_it_was_written(
    understand: Understand, cases: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    services = [
        {**WWW, **check, "real_servers": [{"address": REAL, "upper": 9, **own}]} for check, own in cases
    ]
    accepted = [one for one in services if not codes(one)]
    for service, answer in zip(accepted, understand([render(one) for one in accepted]), strict=True):
        (real,) = answer["virtuals"][0]["reals"]
        own = service["real_servers"][0]
        request = own.get("request", service.get("request", "ldirector.html"))
        receive = own.get("receive", service.get("receive", "Test Page"))
        path = request.lstrip("/") if own.keys() & {"request", "receive"} else request.removeprefix("/")
        assert (real["request"], real["receive"]) == (f"/{path}", receive)
        # Not even a broken expression, which would end ldirectord.
        assert real["died"] == ""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "http"),
        ({"checktype": None}, "http"),
        ({"service": None}, "http"),
        ({"port": 8080, "service": None}, "none"),
        ({"checktype": "connect"}, None),
    ],
)
def test_which_service_the_check_asks(change: dict[str, Any], expected: str | None) -> None:
    (service,) = read([WWW | change], {}).services
    assert asked(service) == expected
