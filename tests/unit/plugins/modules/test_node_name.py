# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.modules import node_name

NODES = {"lb1": "LoadB1", "lb2": "loadb2"}


@pytest.fixture(autouse=True)
def uname(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "loadb1", "6.1", "#1", "x86_64")))


@pytest.mark.parametrize("check_mode", [True, False])
def test_right(run: Callable[..., dict[str, Any]], check_mode: bool) -> None:
    answer = run(node_name, check_mode=check_mode, host="lb1", nodes=NODES)
    assert answer == {
        "changed": False,
        "nodename": "loadb1",
        "nodes": ["loadb1", "loadb2"],
        "preferred": True,
    }


def test_wrong(run: Callable[..., dict[str, Any]]) -> None:
    answer = run(node_name, host="lb2", nodes=NODES)
    assert answer["failed"]
    assert answer["msg"].startswith("lb2: ha.cf would contain `node loadb2`, but `uname -n` prints loadb1")
    mismatch, other = answer["problems"]
    assert answer["msg"] == f"{mismatch} {other}"
    assert (answer["nodename"], answer["nodes"], answer["preferred"]) == (
        "loadb1",
        ["loadb1", "loadb2"],
        True,
    )
