# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
import os
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils import _ask_heartbeat, _waiting
from ansible_collections.haweb.cluster.plugins.modules import heartbeat_info

Run = Callable[..., dict[str, Any]]

INTERFACES = [
    {
        "ifname": "lo",
        "flags": ["LOOPBACK"],
        "addr_info": [{"family": "inet", "local": "192.168.0.106", "prefixlen": 32}],
    },
    {
        "ifname": "eth0",
        "address": "02:00:00:00:00:03",
        "flags": ["UP"],
        "addr_info": [{"family": "inet", "local": "192.168.0.105", "prefixlen": 24}],
    },
]
# The answers of heartbeat 3.0.6 on a node whose partner is dead.
ALONE = """
case "$*" in
    "listnodes -n") echo loadb1; echo loadb2 ;;
    "nodestatus loadb1") echo active ;;
    "nodestatus loadb2") echo dead; exit 1 ;;
    rscstatus) echo all ;;
    *) exit 2 ;;
esac
"""
# If no heartbeat runs, hbstatus takes seconds to report that.
STOPPED = "exec sleep 60"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    def installer(name: str, script: str) -> None:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\ncd {tmp_path}\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr(_ask_heartbeat, "heartbeat_runs", lambda: script != STOPPED)

    def get_bin_path(_: object, name: str, required: bool = False) -> str | None:
        return str(tmp_path / name) if (tmp_path / name).exists() else None

    monkeypatch.setattr(AnsibleModule, "get_bin_path", get_bin_path)
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "LoadB1", "6.1", "#1", "x86_64")))
    installer("ip", f"echo '{json.dumps(INTERFACES)}'")
    return installer


def test_resources_and_addresses(run: Run, install: Callable[[str, str], None]) -> None:
    install("cl_status", ALONE)
    answer = run(heartbeat_info, addresses=["192.168.0.105/24", "192.168.0.106", "192.168.0.107/24"])
    assert answer == {
        "changed": False,
        "running": True,
        "nodename": "loadb1",
        "nodes": {"loadb1": "active", "loadb2": "dead"},
        "resources": "all",
        "addresses": ["192.168.0.105"],
        "unheld": [],
        "contested": {},
        "missed": [],
        "settled": True,
    }


@pytest.mark.parametrize("script", [None, STOPPED])
@pytest.mark.parametrize("check_mode", [True, False])
def test_heartbeat_does_not_run(
    run: Run, install: Callable[[str, str], None], script: str | None, check_mode: bool
) -> None:
    if script:
        install("cl_status", script)
    # Check mode does not wait for a heartbeat that it has not started.
    answer = run(heartbeat_info, check_mode=check_mode, wait=check_mode)
    assert "failed" not in answer
    assert (answer["running"], answer["nodes"], answer["resources"], answer["settled"]) == (
        False,
        {},
        None,
        False,
    )


def test_waiting_in_vain(run: Run, install: Callable[[str, str], None]) -> None:
    install("cl_status", STOPPED)
    answer = run(heartbeat_info, wait=True, timeout=0)
    assert answer["failed"]
    assert answer["msg"].startswith("LoadB1: heartbeat does not run after 0 s;")


def test_one_settled_look_is_not_enough(
    run: Run, install: Callable[[str, str], None], tmp_path: Path
) -> None:
    # It is settled at the first look and not at the second; only the third and the fourth agree.
    answers = "echo >> looks; [ $(wc -l < looks) = 2 ] && echo transition || echo all"
    install("cl_status", ALONE.replace("echo all", answers))
    answer = run(heartbeat_info, wait=True, timeout=20)
    assert answer["settled"]
    assert (tmp_path / "looks").read_text(encoding="utf-8") == "\n" * 4


OWN, PEER, OTHER = "02:00:00:00:00:03", "02:00:00:00:00:04", "02:00:00:00:00:09"


@pytest.mark.parametrize(
    ("here", "elsewhere", "unheld", "contested"),
    [
        # The machines that answer for the address of this node, and for the other one.
        (set(), {PEER}, [], {}),
        ({OWN}, {PEER}, [], {}),
        (set(), set(), ["192.168.0.107"], {}),
        ({PEER}, {PEER}, [], {"192.168.0.105": ["loadb1", f"192.168.0.104 ({PEER})"]}),
        ({OTHER}, {PEER}, [], {"192.168.0.105": ["loadb1", OTHER]}),
        (set(), {PEER, OTHER}, [], {"192.168.0.107": [f"192.168.0.104 ({PEER})", OTHER]}),
    ],
)
@pytest.mark.parametrize("waits", [True, False])
def test_exactly_one_machine_must_have_each_address(
    run: Run,
    install: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    waits: bool,
    here: set[str],
    elsewhere: set[str],
    unheld: list[str],
    contested: dict[str, list[str]],
) -> None:
    answers = {"192.168.0.105": here, "192.168.0.107": elsewhere, "192.168.0.104": {PEER}}

    def who_has(device: str, targets: set[IPv4Address], _timeout: float) -> dict[IPv4Address, set[str]]:
        assert device == "eth0"
        return {target: answers[str(target)] for target in targets}

    monkeypatch.setattr(heartbeat_info, "who_has", who_has)
    # It looks twice, which takes long on a busy machine; what stays wrong is waited for to the end.
    monkeypatch.setattr(_waiting, "PAUSE", 0.01)
    install("cl_status", ALONE)
    answer = run(
        heartbeat_info,
        wait=waits,
        timeout=1 if unheld or contested else 30,
        interface="eth0",
        addresses=["192.168.0.105/24", "192.168.0.107/24"],
        peers=["192.168.0.104"],
    )
    good = not unheld and not contested
    assert (answer["unheld"], answer["contested"], answer["settled"]) == (unheld, contested, good)
    assert answer.get("failed", False) is (waits and not good)


def test_node_that_must_be_active(run: Run, install: Callable[[str, str], None]) -> None:
    install("cl_status", ALONE)
    answer = run(heartbeat_info, wait=True, timeout=1, active_nodes=["loadb1", "loadb2"], udpport=695)
    assert answer["failed"]
    assert answer["missed"] == ["loadb2"]
    assert "reports that loadb2 is dead" in answer["msg"]
    assert "open UDP port 695 between them" in answer["msg"]


def test_cl_status_that_hangs(
    run: Run, install: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_ask_heartbeat, "LIMIT", 1)
    install("cl_status", ALONE.replace("echo all", "sleep 60"))
    answer = run(heartbeat_info)
    assert answer["failed"]
    assert answer["msg"].startswith(
        "LoadB1: heartbeat runs, but cl_status reports: nothing within 1 s (`cl_status rscstatus`)"
    )


def test_nobody_can_be_asked_on_this_interface(run: Run, install: Callable[[str, str], None]) -> None:
    install("cl_status", ALONE)
    answer = run(heartbeat_info, wait=True, timeout=1, interface="none0", addresses=["192.168.0.107"])
    assert answer["failed"]
    begin = "LoadB1: cannot ask by ARP on the interface 'none0' who has 192.168.0.107: "
    assert answer["msg"].startswith(begin), answer["msg"]


@pytest.mark.parametrize("waits", [True, False])
def test_cl_status_has_no_answer(run: Run, install: Callable[[str, str], None], waits: bool) -> None:
    install("cl_status", ALONE.replace("echo all", "echo Cannot get cluster resource status >&2; exit 3"))
    answer = run(heartbeat_info, wait=waits, timeout=0)
    assert answer["failed"]
    assert "Cannot get cluster resource status" in answer["msg"]
    assert answer["running"] is True


def test_an_address_that_is_none(run: Run, install: Callable[[str, str], None]) -> None:
    answer = run(heartbeat_info, addresses=["loadb1"])
    assert answer["msg"] == (
        "LoadB1: one of addresses or peers cannot be used: it must be an IPv4 address such as 192.168.0.101."
    )
