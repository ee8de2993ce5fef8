# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.modules import ipvs_services

Run = Callable[..., dict[str, Any]]

WANTED = 'virtual=10.0.0.5:80\n    real=10.0.0.6:80 gate 1\n    protocol=tcp\n    passwd="geheim"\n'
KEPT = "-A -t 10.0.0.5:80 -s rr\n-a -t 10.0.0.5:80 -r 10.0.0.6:80 -g -w 1\n"
GONE = "-A -t 10.0.0.50:80 -s rr\n-a -t 10.0.0.50:80 -r 10.0.0.6:80 -g -w 1\n"
FOREIGN = "-A -t 10.9.9.9:80 -s rr\n"

# Supports --save, -A and -D, and stores a table without real servers.
IPVSADM = """\
case $1 in
    --save) cat table ;;
    -A) echo "$*" >> table ;;
    -D) grep -v -e "$2 $3 " table > rest; mv rest table ;;
esac
"""


@dataclass
class Machine:
    path: Path

    def install(self, script: str) -> None:
        program = self.path / "ipvsadm"
        program.write_text(f'#!/bin/sh\ncd {self.path}\necho "$*" >> asked\n{script}\n', encoding="utf-8")
        program.chmod(0o755)

    def load(self, table: str, old: str = "") -> None:
        (self.path / "ip_vs").touch()
        (self.path / "table").write_text(table, encoding="utf-8")
        (self.path / "ldirectord.cf").write_text(old, encoding="utf-8")

    @property
    def table(self) -> str:
        return (self.path / "table").read_text(encoding="utf-8")

    @property
    def asked(self) -> str:
        asked = self.path / "asked"
        return asked.read_text(encoding="utf-8") if asked.exists() else ""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "loadb1", "6.1", "#1", "x86_64")))
    monkeypatch.setattr(ipvs_services, "LOADED", tmp_path / "ip_vs")
    program = tmp_path / "ipvsadm"
    monkeypatch.setattr(AnsibleModule, "get_bin_path", lambda *_: str(program) if program.exists() else None)
    return Machine(tmp_path)


@pytest.fixture
def prepare(run: Run, machine: Machine) -> Run:
    def prepared(check_mode: bool = False) -> dict[str, Any]:
        path = str(machine.path / "ldirectord.cf")
        return run(ipvs_services, check_mode=check_mode, content=WANTED, path=path, addresses=["10.0.0.5/24"])

    return prepared


def test_a_bare_machine(prepare: Run) -> None:
    answer = prepare()
    assert (answer["changed"], answer["added"], answer["removed"]) == (False, [], [])


def test_ip_vs_stays_unloaded(prepare: Run, machine: Machine) -> None:
    machine.install("exit 1")
    assert not prepare()["changed"]
    assert machine.asked == ""


def test_a_table_that_is_right(prepare: Run, machine: Machine) -> None:
    machine.install(IPVSADM)
    machine.load(KEPT + FOREIGN, old=WANTED)
    assert not prepare()["changed"]
    assert machine.table == KEPT + FOREIGN


def test_only_removed_services_are_removed(prepare: Run, machine: Machine) -> None:
    machine.install(IPVSADM)
    machine.load(KEPT + GONE + FOREIGN, old="virtual=10.0.0.50:80\n")
    answer = prepare()
    assert (answer["changed"], answer["removed"]) == (True, ["-t 10.0.0.50:80"])
    assert machine.table == KEPT + FOREIGN


def test_removed_service_is_reported(prepare: Run, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _, warning: said.append(warning))
    machine.install(IPVSADM)
    machine.load(KEPT + GONE, old="virtual=10.0.0.50:80\n")
    prepare()
    (warning,) = said
    assert warning.startswith("loadb1: virtual services were removed")
    assert "-t 10.0.0.50:80" in warning


def test_new_services_are_added(prepare: Run, machine: Machine) -> None:
    machine.install(IPVSADM)
    machine.load(GONE)
    assert prepare()["added"] == ["-t 10.0.0.5:80"]
    assert machine.table == f"{GONE}-A -t 10.0.0.5:80 -s wrr\n"
    assert "-a -t 10.0.0.5:80 -r 10.0.0.6:80 -g -w 1\n" in machine.asked


def test_check_mode_only_looks(prepare: Run, machine: Machine) -> None:
    machine.install(IPVSADM)
    machine.load(KEPT + GONE, old="virtual=10.0.0.50:80\n")
    answer = prepare(check_mode=True)
    assert (answer["changed"], answer["removed"]) == (True, ["-t 10.0.0.50:80"])
    assert answer["diff"] == {"before": KEPT + GONE, "after": KEPT}
    assert machine.asked == "--save --numeric\n"


def test_the_password_is_not_shown(prepare: Run, machine: Machine) -> None:
    machine.install(IPVSADM)
    machine.load(KEPT + GONE, old="virtual=10.0.0.50:80\n")
    assert "geheim" not in str(prepare())


def test_ldirectord_was_faster(prepare: Run, machine: Machine) -> None:
    machine.install(f"{IPVSADM}\ntest $1 = --save || {{ echo No such service >&2; exit 1; }}")
    machine.load(KEPT + GONE, old="virtual=10.0.0.50:80\n")
    assert "failed" not in prepare()


def test_a_refusal_of_ipvsadm_is_an_error(prepare: Run, machine: Machine) -> None:
    machine.install('test "$1" = --save && cat table || { echo not for you >&2; exit 1; }')
    machine.load(KEPT + GONE, old="virtual=10.0.0.50:80\n")
    answer = prepare()
    assert answer["failed"]
    assert (
        "loadb1: the IPVS table cannot be changed: `ipvsadm -D -t 10.0.0.50:80`: not for you" in answer["msg"]
    )
