"""The login to a guest: its command, its failures, and the connections that are kept."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from haweb_lab import ssh
from haweb_lab.errors import LabError
from haweb_lab.guests import Guests
from testbed.lab_sample import LAB, node, running


def test_login() -> None:
    assert ssh.login(LAB, node(), "-t") == ["ssh", "-F", "/labs/test/ssh_config", "-t", "192.0.2.11"]


@pytest.mark.parametrize(
    ("code", "stderr", "why"),
    [
        (0, "Warning: a new key\n", ""),
        (255, "first\nConnection refused\n", "Connection refused"),
        (255, "", "exit status 255"),
    ],
)
def test_why_a_login_failed(monkeypatch: pytest.MonkeyPatch, code: int, stderr: str, why: str) -> None:
    def attempt(command: list[str], **_options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, code, "", stderr)

    monkeypatch.setattr(subprocess, "run", attempt)
    assert ssh.failed_login(LAB, node()) == why


def test_a_login_that_hangs_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def attempt(command: list[str], *, timeout: float, **_options: Any) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", attempt)
    assert ssh.failed_login(LAB, node()) == "no answer in 10 s"


@pytest.mark.parametrize(
    ("guests", "problem"),
    [
        ({}, r"web1 ended while it booted\. .* /labs/test/consoles/web1\.log"),
        (running(web1="S"), r"web1 runs, but no SSH login succeeded in time \(refused\)"),
    ],
)
def test_a_login_that_never_succeeds(monkeypatch: pytest.MonkeyPatch, guests: Guests, problem: str) -> None:
    monkeypatch.setattr(ssh, "failed_login", lambda _lab, _node: "refused")
    monkeypatch.setattr(ssh, "guests", lambda _lab: guests)
    with pytest.raises(LabError, match=problem):
        ssh.wait_for_login(LAB, node(), time.monotonic() - 1)


def test_the_wait_ends_with_the_login(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = iter(["refused", ""])
    monkeypatch.setattr(ssh, "failed_login", lambda _lab, _node: next(attempts))
    monkeypatch.setattr(ssh, "guests", lambda _lab: running(web1="S"))
    ssh.wait_for_login(LAB, node(), time.monotonic() + 60)
    assert list(attempts) == []


def test_a_connection_that_is_kept_is_ended_with_its_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_options: ended.append(command))
    control = tmp_path / "control"
    ssh.end_connection(control)
    assert ended == []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(control))
        ssh.end_connection(control)
    assert ended == [["ssh", "-o", f"ControlPath={control}", "-O", "exit", "any"]]
    assert not control.exists()
