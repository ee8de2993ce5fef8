"""The state of each node, as a table."""

from __future__ import annotations

from typing import Any

import pytest
from haweb_lab import status
from haweb_lab.description import Lab
from haweb_lab.network import tap_name
from haweb_lab.status import Row
from testbed.lab_sample import ETH0, ETH1, LAB, node, running


def test_rows_show_what_runs_and_which_cards_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes: dict[str, Any] = {"web1": node("web1", ETH0, ETH1), "web2": node("web2")}
    monkeypatch.setattr(Lab, "nodes", lambda _lab: nodes)
    monkeypatch.setattr(status, "guests", lambda _lab: running(web1="T"))
    monkeypatch.setattr(status, "cuts", lambda _lab: {tap_name("web1", 1): "in", "another lab's": "both"})
    monkeypatch.setattr(status, "memory_of", lambda kernel: kernel.pid << 20)
    assert status.rows(LAB) == [
        Row("web1", "frozen", "192.0.2.11", 100, 100 << 20, {"eth1": "in"}),
        Row("web2", "off", "192.0.2.11", None, 0, {}),
    ]


def test_table() -> None:
    rows = [
        Row("loadb1", "running", "192.0.2.13", 4242, 80 << 20, {"eth0": "in", "eth1": "both"}),
        Row("web1", "off", "192.0.2.11", None, 0, {}),
    ]
    assert list(status.table(rows)) == [
        "NODE                     STATE    ADDRESS               PID   MEMORY  CUT",
        "loadb1                   running  192.0.2.13           4242    80 MB  eth0:in eth1:both",
        "web1                     off      192.0.2.11              -     0 MB  -",
        "together                                                       80 MB",
    ]
