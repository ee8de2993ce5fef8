# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._cl_status import State
from ansible_collections.haweb.cluster.plugins.modules import haresources

Run = Callable[..., dict[str, Any]]

A, B = "VirtualAddress::10.0.0.5/24/eth0", "VirtualAddress::10.0.0.6/24/eth0"


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node that has both addresses, and a script that records its calls."""
    script = tmp_path / "resource.d" / "VirtualAddress"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\ncd {tmp_path}\ncp haresources seen\necho "$*" >>calls\n')
    script.chmod(0o755)
    (tmp_path / "haresources").write_text(f"lb1 {A}\n")
    monkeypatch.setattr(haresources, "FILE", tmp_path / "haresources")
    monkeypatch.setattr(haresources, "FOLDERS", (tmp_path / "nowhere", tmp_path / "resource.d"))
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "lb1", "6.1", "#1", "x86_64")))
    monkeypatch.setattr(haresources, "look", lambda *_: has("10.0.0.5", "10.0.0.6"))
    return tmp_path


def has(*addresses: str) -> State:
    return State(running=True, nodename="lb1", resources="all", addresses=addresses)


def calls(node: Path) -> list[str]:
    return (node / "calls").read_text().splitlines() if (node / "calls").exists() else []


def test_file_that_is_as_it_should_be(run: Run, node: Path) -> None:
    answer = run(haresources, content=f"lb1 {A}")
    assert (answer["changed"], answer["stopped"], answer["started"]) == (False, [], [])
    assert calls(node) == []


def test_address_that_comes(run: Run, node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(haresources, "look", lambda *_: has("10.0.0.5"))
    answer = run(haresources, content=f"lb1 {A} {B}\n")
    assert (answer["changed"], answer["stopped"], answer["started"]) == (True, [], [B])
    assert (answer["diff"]["before"], answer["diff"]["after"]) == (f"lb1 {A}\n", f"lb1 {A} {B}\n")
    assert calls(node) == ["10.0.0.6/24/eth0 start"]
    assert (node / "haresources").read_text() == f"lb1 {A} {B}\n"
    assert (node / "haresources").stat().st_mode & 0o777 == 0o644  # noqa: PLR2004


def test_address_that_leaves(run: Run, node: Path) -> None:
    (node / "haresources").write_text(f"lb1 {A} {B}\n")
    answer = run(haresources, content=f"lb1 {A}")
    assert (answer["changed"], answer["stopped"], answer["started"]) == (True, [B], [])
    assert calls(node) == ["10.0.0.6/24/eth0 stop"]
    # If the run ends while the script works, the comment remains.
    assert (node / "seen").read_text() == f"lb1 {A}\n# leaving: {B}\n"
    assert (node / "haresources").read_text() == f"lb1 {A}\n"


def test_check_mode_changes_nothing(run: Run, node: Path) -> None:
    (node / "haresources").write_text(f"lb1 {A} {B}\n")
    answer = run(haresources, content=f"lb1 {A}", check_mode=True)
    assert (answer["changed"], answer["stopped"]) == (True, [B])
    assert calls(node) == []
    assert (node / "haresources").read_text() == f"lb1 {A} {B}\n"


def test_script_that_fails(run: Run, node: Path) -> None:
    (node / "haresources").write_text(f"lb1 {A} {B}\n")
    (node / "resource.d" / "VirtualAddress").write_text("#!/bin/sh\necho Cannot find device >&2\nexit 1\n")
    answer = run(haresources, content=f"lb1 {A}")
    assert answer["failed"]
    script = node / "resource.d" / "VirtualAddress"
    assert answer["msg"].startswith(
        f"lb1: `{script} 10.0.0.6/24/eth0 stop` ended with 1: Cannot find device. The other"
    )
    # The next run tries it again.
    assert (node / "haresources").read_text() == f"lb1 {A}\n# leaving: {B}\n"


def test_script_that_is_missing(run: Run, node: Path) -> None:
    answer = run(haresources, content=f"lb1 MailTo::root {A}")
    assert answer["failed"]
    assert answer["msg"].startswith("lb1: cannot start MailTo::root: there is no script MailTo in ")


def test_other_resource_that_comes(run: Run, node: Path) -> None:
    script = node / "resource.d" / "MailTo"
    script.write_text(f"#!/bin/sh\ncp {node}/haresources {node}/seen\n")
    script.chmod(0o755)
    answer = run(haresources, content=f"lb1 MailTo::root {A}")
    assert answer["started"] == ["MailTo::root"]
    # If the run ends while the script works, the comment remains.
    assert (node / "seen").read_text() == f"lb1 MailTo::root {A}\n# starting: MailTo::root\n"
    assert (node / "haresources").read_text() == f"lb1 MailTo::root {A}\n"


def test_another_preferred_node(run: Run, node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run_command(_module: object, command: list[str], **_options: Any) -> tuple[int, str, str]:
        commands.append([*command, (node / "haresources").read_text()])
        return 0, "", ""

    monkeypatch.setattr(AnsibleModule, "run_command", run_command)
    answer = run(haresources, content=f"lb2 {A}")
    assert answer["heartbeat_stopped"]
    # heartbeat is stopped before the file is written, so that it releases its resources.
    assert commands == [["systemctl", "stop", "heartbeat", f"lb1 {A}\n"]]
    assert (node / "haresources").read_text() == f"lb2 {A}\n"
