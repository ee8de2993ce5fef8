"""The power button, the power cut, and the freeze of a guest."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from haweb_lab import power
from haweb_lab.description import Lab
from haweb_lab.errors import LabError
from haweb_lab.guests import Process
from testbed.lab_sample import LAB, node, running


def test_a_request_to_the_kernels_console_has_a_fixed_size() -> None:
    request = power.console_request(b"cad")
    assert request[:15] == struct.pack("=III", 0xCAFEBABE, 2, 3) + b"cad"
    assert len(request) == 12 + 512


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (struct.pack("=III", 0, 0, 2) + b"OK", None),
        (struct.pack("=III", 1, 0, 2) + b"no, really", "no"),
        (struct.pack("=III", 1, 0, 0), ""),
    ],
)
def test_refusal(answer: bytes, why: str | None) -> None:
    assert power.refusal(answer) == why


@contextlib.contextmanager
def console(directory: Path, answer: bytes) -> Iterator[list[bytes]]:
    """Simulate a kernel's control socket that answers one request."""
    asked: list[bytes] = []
    (directory / "uml/web1").mkdir(parents=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(directory / "uml/web1/mconsole"))
        server.settimeout(10)

        def serve() -> None:
            request, client = server.recvfrom(1024)
            asked.append(request)
            server.sendto(answer, client)

        thread = threading.Thread(target=serve)
        thread.start()
        yield asked
        thread.join()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Lab, "run", tmp_path)
    return tmp_path


def test_the_power_button_is_ctrl_alt_del(run: Path) -> None:
    with console(run, struct.pack("=III", 0, 0, 2) + b"OK") as asked:
        power.press_buttons(LAB, [node("web1"), node("web2")], running(web1="S"))
    assert asked == [power.console_request(b"cad")]
    assert [path.name for path in run.iterdir()] == ["uml"]


def test_a_kernel_that_refuses(run: Path) -> None:
    with (
        console(run, struct.pack("=III", 1, 0, 4) + b"busy"),
        pytest.raises(LabError, match="web1 refused the power button: busy"),
    ):
        power.press_button(LAB, node("web1"))


def test_a_kernel_without_an_answer(run: Path) -> None:
    with pytest.raises(LabError, match=r"web1 does not answer at .*/uml/web1/mconsole: .*\. Cut its power\."):
        power.press_button(LAB, node("web1"))
    assert list(run.iterdir()) == []


def test_a_frozen_guest_has_no_power_button() -> None:
    with pytest.raises(LabError, match=r"web1 is frozen and cannot stop\. Thaw it or cut its power"):
        power.press_buttons(LAB, [node("web1")], running(web1="T"))


def test_a_power_cut_ends_the_whole_group() -> None:
    guest = ["sh", "-c", "(echo begun; sleep 3; echo survived) & wait"]
    with subprocess.Popen(guest, stdout=subprocess.PIPE, start_new_session=True) as kernel:
        assert kernel.stdout
        assert kernel.stdout.readline() == b"begun\n"
        power.cut_power([Process(kernel.pid, kernel.pid, "S", ())])
        assert kernel.stdout.read() == b""
        assert kernel.wait() == -signal.SIGKILL


def test_a_guest_may_end_before_its_power_is_cut() -> None:
    with subprocess.Popen("true", start_new_session=True) as kernel:
        kernel.wait()
    power.cut_power([Process(kernel.pid, kernel.pid, "S", ())])


def test_a_guest_that_is_off_cannot_be_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power, "guests", lambda _lab: {})
    with pytest.raises(LabError, match=r"web1 is off\. Start it with `/labs/test/lab start web1`"):
        power.signal_kernels(LAB, [node("web1")], signal.SIGSTOP)


def test_a_freeze_stops_the_kernel_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    members = [Process(30, 30, "S", ()), Process(31, 30, "S", ())]
    monkeypatch.setattr(power, "guests", lambda _lab: {"web1": members})
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    power.signal_kernels(LAB, [node("web1")], signal.SIGSTOP)
    assert sent == [(30, signal.SIGSTOP)]


@pytest.mark.parametrize(("state", "wanted"), [("T", "frozen"), ("S", "running")])
def test_the_wait_ends_with_the_state(monkeypatch: pytest.MonkeyPatch, state: str, wanted: str) -> None:
    states = iter([{}, {}, running(web1=state)])
    monkeypatch.setattr(power, "guests", lambda _lab: next(states))
    power.wait_for_state(LAB, node("web1"), wanted)
    assert list(states) == []
