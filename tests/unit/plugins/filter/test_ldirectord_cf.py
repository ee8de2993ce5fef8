# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The real ldirectord must accept the rendered files. These tests run it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.filter.ldirectord_cf import FilterModule
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.options import (
    EMAIL_STATES,
    GLOBAL_OPTIONS,
    VIRTUAL_LINES,
    VIRTUAL_OPTIONS,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.read import read
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.words import (
    CHECKED_SERVICES,
    SCHEDFLAGS,
    SCHEDULERS,
    SHORT,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

ldirectord_cf: Callable[..., Any] = FilterModule().filters()["ldirectord_cf"]
IN_A_SERVICE = {line.name for line in VIRTUAL_LINES}

# Without the first line, which only Ansible can render.
TEMPLATE = Path(__file__).parents[4] / "roles/director/templates/ldirectord.cf.j2"
TUTORIAL: dict[str, Any] = {
    "name": "www",
    "address": "192.168.0.105/24",
    "port": 80,
    "protocol": "tcp",
    "real_servers": ["192.168.0.101", {"address": "192.168.0.102", "port": 80, "weight": 1}],
    "scheduler": "rr",
    "fallback": "127.0.0.1:80 gate",
    "checktype": "negotiate",
    "request": "ldirector.html",
    "receive": "Test Page",
}
TUTORIAL_OPTIONS = {"checktimeout": 10, "checkinterval": 2, "quiescent": True}
TUTORIAL_FILE = """\
checktimeout=10
checkinterval=2
failurecount=2
autoreload=yes
quiescent=yes
readdquiescent=yes
cleanstop=no
logfile="local0"

# www
virtual=192.168.0.105:80
    real=192.168.0.101:80 gate 1
    real=192.168.0.102:80 gate 1
    fallback=127.0.0.1:80 gate
    protocol=tcp
    scheduler=rr
    checktype=negotiate
    service=http
    request="ldirector.html"
    receive="Test Page"
"""
# The exit codes of `ldirectord FILE status`: running, old pid file, stopped. 2 means that it refuses the
# file.
ACCEPTED = (0, 1, 3)


def render(services: object, options: object) -> str:
    environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True, autoescape=False)
    text = TEMPLATE.read_text().partition("\n")[2]
    return environment.from_string(text).render(__director_ldirectord=ldirectord_cf(services, options))


def ask(ldirectord: Path, folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "ldirectord.cf").write_text(text, encoding="utf-8")
    # With -d it uses a file of this name in the current folder instead of /sbin/ipvsadm, which `status`
    # never runs. With PERLIO set, the script does not run itself a second time.
    (folder / "ipvsadm").touch()
    return subprocess.run(
        ["perl", str(ldirectord), "-d", str(folder / "ldirectord.cf"), "status"],
        cwd=folder,
        env={**os.environ, "PERLIO": "perlio"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tutorials_file(ldirectord: Path, tmp_path: Path) -> None:
    text = render([TUTORIAL], TUTORIAL_OPTIONS)
    assert text == TUTORIAL_FILE
    assert ask(ldirectord, tmp_path, text).returncode in ACCEPTED


def test_the_oracle_refuses(ldirectord: Path, tmp_path: Path) -> None:
    """If ldirectord accepted everything, these tests would prove nothing."""
    answer = ask(ldirectord, tmp_path, TUTORIAL_FILE.replace("    real", "  real"))
    assert answer.returncode not in ACCEPTED
    assert "line 12: Unknown command" in answer.stderr


@pytest.mark.parametrize(
    ("change", "present", "absent"),
    [
        ({"port": 443}, ["service=https"], []),
        ({"port": 8080}, ["service=http", "real=192.168.0.101:8080 gate 1"], []),
        ({"port": 25}, ["service=smtp"], ["request", "receive"]),
        ({"checktype": "connect"}, ["checktype=connect"], ["service", "request", "receive"]),
        ({"checktype": 3}, ["checktype=3", "service=http"], []),
        ({"httpmethod": "HEAD"}, ["httpmethod=HEAD"], ["receive"]),
        ({"receive": None}, ['request="ldirector.html"'], ["receive"]),
        ({"real_servers": [{"address": "10.0.0.1", "receive": "ok 7", "upper": 9, "lower": 2}]},
         ['real=10.0.0.1:80 gate 1 "ldirector.html","ok 7" l:2 u:9'], []),
        ({"checktype": "on", "real_servers": [{"address": "10.0.0.1", "request": "a"}]},
         ['real=10.0.0.1:80 gate 1 "a",""'], []),
        ({"emailalertstatus": ["starting", "stopping"]}, ["emailalertstatus=starting,stopping"], []),
    ],
)  # fmt: skip
def test_defaults_follow_the_check(
    ldirectord: Path, tmp_path: Path, change: dict[str, Any], present: list[str], absent: list[str]
) -> None:
    service = {"name": "x", "address": "192.168.0.105/24", "port": 80, "real_servers": ["192.168.0.101"]}
    text = render([service | change], {})
    lines = [line.strip() for line in text.splitlines()]
    assert set(present) <= set(lines)
    assert not {line.partition("=")[0] for line in lines} & set(absent)
    assert ask(ldirectord, tmp_path, text).returncode in ACCEPTED


def test_a_mark_makes_several_ports_one_service(ldirectord: Path, tmp_path: Path) -> None:
    service = {
        "name": "www",
        "address": "192.168.0.105/24",
        "fwmark": 7,
        "ports": [443, 80],
        "real_servers": ["192.168.0.101", {"address": "192.168.0.102", "weight": 3}],
        "fallback": "127.0.0.1 gate",
        "persistent": 300,
    }
    text = render([service], {})
    assert text.partition("\n\n")[2].splitlines() == [
        "# www",
        "virtual=7",
        "    real=192.168.0.101 gate 1",
        "    real=192.168.0.102 gate 3",
        "    fallback=127.0.0.1 gate",
        "    protocol=fwm",
        "    scheduler=rr",
        "    persistent=300",
        "    checktype=negotiate",
        "    checkport=443",
        "    service=https",
        '    request="ldirector.html"',
        '    receive="Test Page"',
    ]
    assert ask(ldirectord, tmp_path, text).returncode in ACCEPTED


def test_null_leaves_an_option_to_ldirectord(ldirectord: Path, tmp_path: Path) -> None:
    text = render([TUTORIAL | dict.fromkeys(IN_A_SERVICE)], dict.fromkeys(GLOBAL_OPTIONS))
    assert [line.strip() for line in text.splitlines()] == [
        "",
        "# www",
        "virtual=192.168.0.105:80",
        "real=192.168.0.101:80 gate 1",
        "real=192.168.0.102:80 gate 1",
    ]
    assert ask(ldirectord, tmp_path, text).returncode in ACCEPTED


def test_invalid_services_are_never_rendered() -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"Service www: scheduler is 'rrr'.*Service www, real server 1"
    ):
        ldirectord_cf([TUTORIAL | {"scheduler": "rrr", "real_servers": [None]}])


SECONDS = st.integers(1, 90)
YES_NO = st.sampled_from([True, False, "yes", "no", "true", "False", "on", "off"])
TEXT = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20)
PATHS = st.builds(lambda name: f"/nowhere/{name}", TEXT)
ADDRESSES = st.ip_addresses(v=4).map(str)
FALLBACKS = st.builds("{} {}".format, ADDRESSES, st.sampled_from(["gate", "masq", "ipip"]))
# Values to try for each option. An option without a line here fails test_every_option_is_tried.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(
        ("checktimeout", "negotiatetimeout", "checkinterval", "persistent", "emailalertfreq"), SECONDS
    ),
    **dict.fromkeys(("checkcount", "failurecount", "checkport"), st.integers(1, 9)),
    **dict.fromkeys(
        ("autoreload", "quiescent", "readdquiescent", "cleanstop", "fork", "supervised", "ops"), YES_NO
    ),
    **dict.fromkeys(("callback", "fallbackcommand", "checkcommand", "maintenancedir"), PATHS),
    **dict.fromkeys(("emailalert", "emailalertfrom", "servicename", "comment", "virtualhost"), TEXT),
    **dict.fromkeys(("request", "receive", "login", "passwd", "database", "secret"), TEXT),
    "fallback": FALLBACKS,
    "logfile": st.just("local0") | PATHS,
    "emailalertstatus": st.lists(st.sampled_from(EMAIL_STATES), min_size=1),
    "smtp": ADDRESSES,
    "execute": st.sampled_from(["other.cf"]),
    "protocol": st.sampled_from(["tcp", "udp"]),
    "scheduler": st.sampled_from(SCHEDULERS),
    "schedflags": st.lists(st.sampled_from(SCHEDFLAGS), min_size=1, max_size=2),
    "netmask": st.integers(1, 32).map(lambda bits: str(ipv4_mask(bits))),
    "checktype": st.sampled_from(
        ["connect", "external", "external-perl", "negotiate", "off", "on", "ping", 1, "5"]
    ),
    "service": st.sampled_from(CHECKED_SERVICES),
    "httpmethod": st.sampled_from(["GET", "HEAD"]),
    # ldirectord opens this file when it reads the configuration.
    "monitorfile": st.just("/dev/null"),
}


def ipv4_mask(bits: int) -> str:
    mask = (0xFFFFFFFF << (32 - bits)) & 0xFFFFFFFF
    return ".".join(str((mask >> shift) & 0xFF) for shift in (24, 16, 8, 0))


def some_of(names: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(st.sampled_from(sorted(names)), unique=True, max_size=6).flatmap(
        lambda chosen: st.fixed_dictionaries({name: VALUES[name] for name in chosen})
    )


REAL_SERVERS = ADDRESSES | st.fixed_dictionaries(
    {"address": ADDRESSES},
    optional={
        "forwarding": st.sampled_from(["gate", "masq", "ipip"]),
        "weight": st.integers(0, 65535),
        "lower": st.integers(0, 9),
        "upper": st.integers(9, 99),
        "request": TEXT,
        "receive": TEXT,
    },
)
PORTS = st.integers(1, 65535)
SERVICE = st.builds(
    lambda own, place, options: {**options, **own, **place},
    st.fixed_dictionaries(
        {
            "name": TEXT,
            "address": st.builds("{}/{}".format, ADDRESSES, st.integers(1, 32)),
            "real_servers": st.lists(REAL_SERVERS, min_size=1, max_size=4),
        }
    ),
    st.fixed_dictionaries({"port": PORTS})
    | st.fixed_dictionaries(
        {"fwmark": st.integers(1, 4294967295), "ports": st.lists(PORTS, min_size=1, max_size=3)}
    ),
    some_of(IN_A_SERVICE),
)


def test_every_option_is_tried() -> None:
    assert set(VALUES) == set(GLOBAL_OPTIONS) | IN_A_SERVICE


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(services=st.lists(SERVICE, min_size=1, max_size=2), options=some_of(GLOBAL_OPTIONS))
def test_ldirectord_accepts_all_rendered_files(
    ldirectord: Path, tmp_path: Path, services: object, options: object
) -> None:
    assume(not read(services, options).problems)
    text = render(services, options)
    assert all(line == line.rstrip() or line.endswith('"') for line in text.splitlines())
    answer = ask(ldirectord, tmp_path, text)
    assert answer.returncode in ACCEPTED, answer.stderr


def in_sections(service: dict[str, Any]) -> dict[str, Any]:
    """Return a service in sections: the check's options in `check`, ldirectord's own in `ldirectord`."""
    check = {SHORT[name]: value for name, value in service.items() if name in SHORT}
    own = {name: value for name, value in service.items() if name in VIRTUAL_OPTIONS}
    rest = {name: value for name, value in service.items() if name not in SHORT and name not in own}
    return {**rest, "check": check, "ldirectord": own}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(service=SERVICE, options=some_of(GLOBAL_OPTIONS))
def test_both_forms_of_a_service_are_equal(service: dict[str, Any], options: object) -> None:
    assume(not read([service], options).problems)
    assert ldirectord_cf([in_sections(service)], options) == ldirectord_cf([service], options)


def test_the_tutorial_in_sections() -> None:
    assert in_sections(TUTORIAL)["check"] == {
        "type": "negotiate",
        "request": "ldirector.html",
        "receive": "Test Page",
    }
    assert render([in_sections(TUTORIAL)], TUTORIAL_OPTIONS) == TUTORIAL_FILE
