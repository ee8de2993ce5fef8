# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.modules import both_info

Run = Callable[..., dict[str, Any]]

WHY = "after loadb1; the tables are different"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(both_info, "STATE", tmp_path / "state")
    return tmp_path / "state"


def test_unit_that_does_not_run(run: Run, state: Path) -> None:
    assert run(both_info) == {
        "changed": False,
        "runs": False,
        "takes": "nothing",
        "why": "haweb-both does not run",
        "outdated": False,
    }


def test_director_that_takes_packets(run: Run, state: Path) -> None:
    program = state.with_name("program")
    program.write_text("as it started")
    files = {str(program): "52f7e9349c8aa1dc7f10929cd3c270b774d041f5c2dda1a240941cf583d32f66"}
    state.write_text(json.dumps({"takes": "services", "why": WHY, "files": files}))
    answer = run(both_info, wait=True)
    assert answer == {"changed": False, "runs": True, "takes": "services", "why": WHY, "outdated": False}


@pytest.mark.parametrize(
    "state_of",
    [
        lambda program: {},
        lambda program: {"files": {str(program): "0" * 64}},
        lambda program: {"files": {f"{program}.gone": "0" * 64}},
    ],
    ids=["an older program", "another file", "no file"],
)
def test_unit_that_started_with_other_files(
    run: Run, state: Path, state_of: Callable[[Path], dict[str, Any]]
) -> None:
    program = state.with_name("program")
    program.write_text("as it is now")
    state.write_text(json.dumps({"takes": "services", "why": WHY, **state_of(program)}))
    assert run(both_info)["outdated"]


def test_director_that_takes_none(run: Run, state: Path) -> None:
    state.write_text(json.dumps({"takes": "nothing", "why": WHY}))
    answer = run(both_info, wait=True, timeout=0)
    assert answer["failed"]
    assert f"this director takes no packets after 0 s, {WHY}. Compare `ipvsadm" in answer["msg"]


def test_check_mode_does_not_wait(run: Run, state: Path) -> None:
    assert "failed" not in run(both_info, check_mode=True, wait=True)
