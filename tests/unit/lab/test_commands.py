"""The output and the exit codes of the commands."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from haweb_lab import client, commands, network, power, ssh, status
from haweb_lab.answers import Answer
from haweb_lab.description import Lab
from haweb_lab.errors import LabError
from haweb_lab.guests import Guests
from haweb_lab.status import Row
from testbed.lab_sample import LAB, node, running

NODES = [node("web1"), node("web2")]


def ask(monkeypatch: pytest.MonkeyPatch, statuses: Iterable[int], file: Path | None) -> int:
    answers = [Answer(float(start), 0.5, status, "web1") for start, status in enumerate(statuses)]
    monkeypatch.setattr(network, "enter_client_host", lambda *_words: None)
    monkeypatch.setattr(client, "measure", lambda *_words: answers)
    options = Namespace(url="http://web1/", seconds=1.0, every=0.02, timeout=1.0, json=file)
    with pytest.raises(SystemExit) as ended:
        commands.ask(LAB, options)
    return int(str(ended.value.code))


@pytest.mark.parametrize(("statuses", "code"), [((200, 200), 0), ((200, 503), 1)])
def test_ask_fails_if_a_request_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], statuses: tuple[int, ...], code: int
) -> None:
    assert ask(monkeypatch, statuses, None) == code
    assert capsys.readouterr().out.startswith(f"2 asked, {code} failed, longest outage ")


def test_ask_without_any_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "enter_client_host", lambda *_words: None)
    options = Namespace(url="http://web1/", seconds=0.005, every=0.02, timeout=1.0, json=None)
    with pytest.raises(LabError, match=r"^No request was sent: --for is 0\.005 s, and --every is 0\.02 s\. "):
        commands.ask(LAB, options)


def test_ask_saves_every_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(monkeypatch, (200, 503), tmp_path / "seen.json")
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert [answer["status"] for answer in seen["answers"]] == [200, 503]
    assert set(seen["answers"][0]) == {"start", "duration", "status", "server", "error"}
    assert set(seen) == {
        *("asked", "failed", "longest_outage", "slowest", "servers", "errors"),
        *("begun", "answers"),
    }


def test_status_for_programs_is_the_same_as_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(status, "rows", lambda _lab: [Row("web1", "off", "192.0.2.11", None, 0, {})])
    commands.show_status(LAB, Namespace(json=True))
    (row,) = json.loads(capsys.readouterr().out)
    off: dict[str, Any] = {
        "node": "web1",
        "state": "off",
        "address": "192.0.2.11",
        "pid": None,
        "memory": 0,
        "cut": {},
    }
    assert row == off
    commands.show_status(LAB, Namespace(json=False))
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["web1", "off"]


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Record ended guests and connections, while web1 runs and web2 is off."""
    seen: list[Any] = []
    monkeypatch.setattr(commands, "guests", lambda _lab: running(web1="S"))
    monkeypatch.setattr(power, "press_button", lambda _lab, node: seen.append(node.name))
    monkeypatch.setattr(power, "cut_power", lambda members: seen.append(members[0].pid))
    monkeypatch.setattr(power, "wait_until_off", lambda *_words: None)
    monkeypatch.setattr(
        ssh, "end_connections", lambda _lab, nodes: seen.append([node.name for node in nodes])
    )
    return seen


def test_stop(ended: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    commands.stop(LAB, Namespace(nodes=NODES, timeout=1.0))
    assert ended == ["web1", ["web1"], ["web2"]]
    assert capsys.readouterr().out == "web1: off\nweb2: was off already\n"


def test_power_cut(ended: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    commands.power_cut(LAB, Namespace(nodes=NODES))
    assert ended == [100, ["web1", "web2"]]
    assert capsys.readouterr().out == "web1: power cut\nweb2: was off already\n"


@pytest.mark.parametrize(
    ("guests", "namespace", "sockets", "said"),
    [
        ({}, False, False, "nothing was there"),
        (running(web1="S"), False, False, "removed"),
        ({}, True, False, "removed"),
        ({}, False, True, "removed"),
    ],
)
def test_destroy_reports_whether_something_was_there(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    guests: Guests,
    namespace: bool,
    sockets: bool,
    said: str,
) -> None:
    found = iter([guests, {}])
    monkeypatch.setattr(Lab, "run", tmp_path / "run")
    monkeypatch.setattr(commands, "guests", lambda _lab: next(found))
    monkeypatch.setattr(power, "cut_power", lambda _members: None)
    monkeypatch.setattr(network, "remove", lambda _lab: namespace)
    if sockets:
        (tmp_path / "run").mkdir()
    commands.destroy(LAB, Namespace())
    assert capsys.readouterr().out == f"{said}\n"
    assert not (tmp_path / "run").exists()


def test_all_problems_are_reported_at_once() -> None:
    commands.report(iter([]))
    with pytest.raises(LabError, match=r"^one\ntwo$"):
        commands.report(iter(["one", "two"]))
