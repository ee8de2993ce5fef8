# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""These tests run the real ldirectord, too."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._refusal import SECRETS
from ansible_collections.haweb.cluster.plugins.modules import ldirectord_cf_check
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.words import CHECK

Run = Callable[..., dict[str, Any]]

FILE = """\
checktimeout=3

virtual=192.168.0.105:80
    real=192.168.0.101:80 gate 1
    passwd="geheim"
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "loadb1", "6.1", "#1", "x86_64")))
    program = tmp_path / "ldirectord"
    found = {"ldirectord": program}

    def get_bin_path(_: object, name: str) -> str | None:
        return str(found[name]) if found[name].exists() else None

    def installer(script: str) -> None:
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    monkeypatch.setattr(AnsibleModule, "get_bin_path", get_bin_path)
    return installer


@pytest.fixture
def real(install: Callable[[str], None], ldirectord: Path, tmp_path: Path) -> None:
    # If ipvsadm is not installed, -d makes ldirectord use one from the current folder; status does not run
    # it.
    (tmp_path / "ipvsadm").touch()
    install(f'cd {tmp_path} && PERLIO=perlio exec perl {ldirectord} -d "$@"')


@pytest.mark.parametrize(
    ("found", "secret"),
    [
        (None, False),
        ("virtual=192.168.0.105:80\n    real=192.168.0.101:80 gate 1\n", False),
        (FILE, True),
        ('virtual=1\n\tlogin = "falko"\n', True),
        ("virtual=1\n    secret=geheim\n", True),
        ("#   passwd=geheim\n", True),
        ("checktimeout=3 # no passwd here\n", False),
    ],
)
@pytest.mark.usefixtures("install")
def test_secret_in_the_file_that_is_there(run: Run, tmp_path: Path, found: str | None, secret: bool) -> None:
    file = tmp_path / "ldirectord.cf"
    if found is not None:
        file.write_text(found)
    answer = run(ldirectord_cf_check, content="checktimeout=3\n", path=str(file))
    assert answer["secret"] is secret
    assert "geheim" not in str(answer)


def test_nobody_to_ask(run: Run, install: object) -> None:
    answer = run(ldirectord_cf_check, content=FILE)
    assert (answer["changed"], answer["asked"]) == (False, False)


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.usefixtures("real")
def test_accepted(run: Run, check_mode: bool) -> None:
    answer = run(ldirectord_cf_check, check_mode=check_mode, content=FILE)
    assert (answer["changed"], answer["asked"]) == (False, True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "    monitorfile=/none/www.log",
            ["monitorfile in line 6 of its file", "/none/www.log: No such file"],
        ),
        ("    real=192.168.0.102:80 gait", ["real in line 6", "forward method must be gate, masq or ipip"]),
        ("    passwd=offen", ['passwd in line 6 of its file: Unknown command "    passwd=(hidden)']),
        ("autoreload=perhaps", ["autoreload in line 6", "autoreload must be 'yes' or 'no'"]),
    ],
)
@pytest.mark.usefixtures("real")
def test_refused(run: Run, line: str, words: list[str]) -> None:
    answer = run(ldirectord_cf_check, content=f"{FILE}{line}\n")
    assert answer["failed"]
    assert answer["msg"].startswith("loadb1: ldirectord refuses ")
    assert all(word in answer["msg"] for word in words), answer["msg"]
    assert not {"geheim", "offen"} & set(re.findall(r"\w+", str(answer)))


def test_a_broken_ldirectord(run: Run, install: Callable[[str], None]) -> None:
    install('echo "Can\'t locate Clone.pm" >&2; exit 2')
    answer = run(ldirectord_cf_check, content=FILE)
    assert answer["failed"]
    assert "ended with 2" in answer["msg"]
    assert "Can't locate Clone.pm" in answer["msg"]


def test_an_error_without_a_line(run: Run, install: Callable[[str], None]) -> None:
    install("echo 'Error [1]: can not open file' >&2; exit 2")
    answer = run(ldirectord_cf_check, content=FILE)
    assert "refuses its file: can not open file." in answer["msg"]


def test_running_ldirectord_keeps_its_pid_file(run: Run, install: Callable[[str], None]) -> None:
    """ldirectord derives the name of its pid file from its file, and removes it if it refuses the file."""
    install('echo "Error [1]: asked for $(basename "$1")" >&2; exit 2')
    answer = run(ldirectord_cf_check, content=FILE)
    assert "asked for " in answer["msg"]
    assert "ldirectord.cf" not in answer["msg"]


def test_the_secrets_are_the_models() -> None:
    assert set(SECRETS) == {option.short for option in CHECK if option.secret}
