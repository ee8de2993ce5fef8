# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.modules import ipvs_info

Run = Callable[..., dict[str, Any]]

UNSERVED = "TCP  10.0.0.5:80 rr\n  -> 127.0.0.1:80  Route   1      0          0\n"
SERVED = "TCP  10.0.0.5:80 rr\n  -> 10.0.0.6:80  Route   1      0          0\n"
DAEMON = "backup sync daemon (mcast=eth0, syncid=7, maxlen=1472)\n"


@dataclass
class Machine:
    """A machine whose programs are shell scripts."""

    path: Path

    def install(self, name: str, script: str) -> None:
        program = self.path / "bin" / name
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    def load(self) -> None:
        (self.path / "ip_vs").touch()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(ipvs_info, "LOADED", tmp_path / "ip_vs")
    monkeypatch.setattr(ipvs_info, "MODULES", tmp_path / "modules")
    monkeypatch.setattr(ipvs_info, "CONTAINER_MARKS", (tmp_path / "container",))
    monkeypatch.setattr(
        AnsibleModule,
        "get_bin_path",
        lambda _, name: str(tmp_path / "bin" / name) if (tmp_path / "bin" / name).exists() else None,
    )
    return Machine(tmp_path)


def test_a_bare_machine(run: Run, machine: Machine) -> None:
    answer = run(ipvs_info, check_mode=True)
    assert "failed" not in answer
    assert (answer["changed"], answer["available"], answer["loaded"], answer["ipvsadm"]) == (False,) * 4
    assert (answer["services"], answer["daemons"]) == ([], [])


def test_a_bare_machine_is_not_enough(run: Run, machine: Machine) -> None:
    answer = run(ipvs_info, required=True)
    assert answer["failed"]
    assert f"the kernel {answer['kernel']} has no IPVS" in answer["msg"]
    assert f"/lib/modules/{answer['kernel']} does not exist" in answer["msg"]


def test_in_a_container_the_host_is_to_blame(run: Run, machine: Machine) -> None:
    (machine.path / "container").touch()
    assert "This is a container, whose kernel is its host's" in run(ipvs_info, required=True)["msg"]


def test_a_loadable_module_is_enough_and_stays_unloaded(run: Run, machine: Machine) -> None:
    machine.install("modprobe", 'test "$*" = "--dry-run --quiet ip_vs"')
    machine.install("ipvsadm", "echo ipvsadm would load ip_vs; exit 1")
    answer = run(ipvs_info, required=True)
    assert (answer["available"], answer["loaded"], answer["ipvsadm"]) == (True, False, True)
    assert answer["services"] == []


def test_table_and_daemons(run: Run, machine: Machine) -> None:
    machine.load()
    machine.install("ipvsadm", f"case $* in *daemon*) printf '{DAEMON}';; *) printf '{SERVED}';; esac")
    answer = run(ipvs_info, wait_for=["10.0.0.5:80"])
    assert answer["services"][0]["real_servers"][0]["address"] == "10.0.0.6"
    assert answer["daemons"] == [{"state": "backup", "interface": "eth0", "syncid": 7}]


def test_waiting_ends_when_a_real_server_is_up(run: Run, machine: Machine) -> None:
    machine.load()
    machine.install(
        "ipvsadm",
        f"cd {machine.path}; test -e seen && printf '{SERVED}' || printf '{UNSERVED}'; touch seen",
    )
    answer = run(ipvs_info, wait_for=["10.0.0.5:80"], timeout=10)
    assert [real["address"] for real in answer["services"][0]["real_servers"]] == ["10.0.0.6"]


def test_waiting_in_vain(run: Run, machine: Machine) -> None:
    machine.load()
    machine.install("ipvsadm", f"printf '{UNSERVED}'")
    answer = run(ipvs_info, wait_for=["10.0.0.5:80"], timeout=0)
    assert answer["failed"]
    assert "still has no working real server for 10.0.0.5:80; found: tcp 10.0.0.5:80 rr" in answer["msg"]
    assert answer["services"]


def test_check_mode_does_not_wait_for_what_it_did_not_start(run: Run, machine: Machine) -> None:
    answer = run(ipvs_info, check_mode=True, wait_for=["10.0.0.5:80"], timeout=60)
    assert "failed" not in answer
    assert answer["services"] == []


def test_without_ipvsadm_there_is_nothing_to_wait_for(run: Run, machine: Machine) -> None:
    machine.load()
    answer = run(ipvs_info, wait_for=["10.0.0.5:80"])
    assert "cannot wait for 10.0.0.5:80, since ipvsadm is not installed" in answer["msg"]


def test_an_error_of_ipvsadm_is_reported(run: Run, machine: Machine) -> None:
    machine.load()
    machine.install("ipvsadm", "echo not for you >&2; exit 1")
    answer = run(ipvs_info)
    assert answer["failed"]
    assert "not for you" in answer["msg"]
