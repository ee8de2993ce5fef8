# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._flooding import Seen, Wanted, frames, packed
from ansible_collections.haweb.cluster.plugins.modules import shared_mac_check

Run = Callable[..., dict[str, Any]]

MACS = {"192.168.0.105": "02:00:c0:a8:00:69"}
GIVEN = {
    "macs": MACS,
    "interface": "eth0",
    "address": "192.168.0.103",
    "peers": ["192.168.0.104"],
    "timeout": 3,
}


def test_network_that_carries_all(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def try_network(wanted: Wanted, seconds: float) -> Seen:
        assert (wanted.address, wanted.peers, seconds) == ("192.168.0.103", ("192.168.0.104",), 3)
        seen = Seen()
        peer = Wanted("eth0", "192.168.0.104", (), MACS)
        for frame in frames(packed("52:54:00:00:00:04"), peer, content=True):
            seen.note(frame, MACS.values())
        return seen

    monkeypatch.setattr(shared_mac_check, "try_network", try_network)
    assert run(shared_mac_check, check_mode=True, **GIVEN) == {"changed": False}


def test_network_that_carries_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_mac_check, "try_network", lambda _wanted, _seconds: Seen())
    answer = run(shared_mac_check, **GIVEN)
    assert answer["failed"]
    assert answer["msg"] == " ".join(answer["problems"])
    assert "no frame from 192.168.0.104 arrived on eth0 within 3 s" in answer["msg"]


def test_card_that_does_not_exist(run: Run) -> None:
    answer = run(shared_mac_check, **{**GIVEN, "interface": "no-such-card"})
    assert answer["failed"]
    assert "cannot send frames on the interface 'no-such-card': " in answer["msg"]
