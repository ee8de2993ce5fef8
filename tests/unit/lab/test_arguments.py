"""The lab's command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest
from haweb_lab import commands
from haweb_lab.arguments import duration, parser


@pytest.mark.parametrize(
    ("line", "act", "options"),
    [
        ("status", commands.show_status, {"json": False}),
        ("status --json", commands.show_status, {"json": True}),
        ("start web1 web2", commands.start, {"nodes": ["web1", "web2"], "timeout": 120.0}),
        ("power-on web1 --timeout 5min", commands.start, {"nodes": ["web1"], "timeout": 300.0}),
        ("stop web1", commands.stop, {"nodes": ["web1"], "timeout": 120.0}),
        ("power-cut web1 web2", commands.power_cut, {"nodes": ["web1", "web2"]}),
        ("freeze web1", commands.freeze, {"nodes": ["web1"]}),
        ("thaw web1", commands.thaw, {"nodes": ["web1"]}),
        ("cut web1", commands.cut, {"nodes": ["web1"], "direction": "both", "interface": None}),
        (
            "cut web1 --direction in --interface eth1",
            commands.cut,
            {"nodes": ["web1"], "direction": "in", "interface": "eth1"},
        ),
        ("heal web1 --interface eth1", commands.heal, {"nodes": ["web1"], "interface": "eth1"}),
        ("shell web1", commands.shell, {"nodes": ["web1"]}),
        ("run web1 -- ls -l", commands.run_on_node, {"nodes": ["web1"], "command": ["ls", "-l"]}),
        ("client -- ping web1", commands.run_on_client, {"command": ["ping", "web1"]}),
        (
            "ask http://web1/",
            commands.ask,
            {"url": "http://web1/", "seconds": 10.0, "every": 0.02, "timeout": 1.0, "json": None},
        ),
        (
            "ask http://web1/ --for 30s --every 1s --timeout 500ms --json seen.json",
            commands.ask,
            {"url": "http://web1/", "seconds": 30.0, "every": 1.0, "timeout": 0.5, "json": Path("seen.json")},
        ),
    ],
)
def test_commands(line: str, act: commands.Act, options: dict[str, Any]) -> None:
    assert vars(parser().parse_args(line.split())) == {"act": act, "from_input": False, **options}


@pytest.mark.parametrize(
    ("line", "act", "from_input"),
    [
        ("check", commands.check, True),
        ("inventory", commands.write_inventory, False),
        ("destroy", commands.destroy, True),
    ],
)
def test_the_roles_own_commands_are_not_listed(line: str, act: commands.Act, from_input: bool) -> None:
    assert vars(parser().parse_args([line])) == {"act": act, "from_input": from_input}
    assert line not in parser().format_help().split()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "reboot web1",
        "start",
        "shell web1 web2",
        "cut web1 --direction up",
        "start web1 --timeout soon",
        "run web1",
    ],
)
def test_refused_command_lines(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(line.split())
    assert ended.value.code == 2  # noqa: PLR2004
    assert capsys.readouterr().err.startswith("usage: lab ")


@pytest.mark.parametrize(
    ("text", "seconds"), [("20ms", 0.02), ("2s", 2.0), ("2", 2.0), ("0.5", 0.5), ("5min", 300.0)]
)
def test_duration(text: str, seconds: float) -> None:
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "s", "2h", "-1s", "0", "ms20"])
def test_duration_refuses(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        duration(text)
