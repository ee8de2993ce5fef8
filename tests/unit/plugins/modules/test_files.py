# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.haweb.cluster.plugins.modules import files

Run = Callable[..., dict[str, Any]]


def file(path: Path, content: str | None = "new\n", mode: str = "0644", **more: Any) -> dict[str, Any]:
    return {"path": str(path), "mode": mode, **({} if content is None else {"content": content}), **more}


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_several_files_and_their_directory(run: Run, tmp_path: Path) -> None:
    wanted = [file(tmp_path / "d", None, "0750"), file(tmp_path / "d/a", "a\n", "0600"), file(tmp_path / "b")]
    answer = run(files, files=wanted)
    assert (answer["changed"], answer["written"]) == (True, [entry["path"] for entry in wanted])
    assert (rights(tmp_path / "d"), rights(tmp_path / "d/a"), rights(tmp_path / "b")) == (0o750, 0o600, 0o644)
    assert ((tmp_path / "d/a").read_text(), (tmp_path / "b").read_text()) == ("a\n", "new\n")
    second = run(files, files=wanted)
    assert (second["changed"], second["written"], second["diff"]) == (False, [], [])


def test_only_what_changes_is_written(run: Run, tmp_path: Path) -> None:
    same, other = tmp_path / "same", tmp_path / "other"
    run(files, files=[file(same), file(other, "old\n")])
    before = same.stat()
    answer = run(files, files=[file(same), file(other)])
    assert answer["written"] == [str(other)]
    assert answer["diff"] == [
        {"before_header": str(other), "after_header": str(other), "before": "old\n", "after": "new\n"}
    ]
    assert same.stat() == before


def test_rights_that_are_wrong(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "file"
    run(files, files=[file(path, mode="0644")])
    answer = run(files, files=[file(path, mode="0600")])
    assert answer["written"] == [str(path)]
    assert (answer["diff"][0]["before"], answer["diff"][0]["after"]) == ({"mode": "0644"}, {"mode": "0600"})
    assert rights(path) == 0o600  # noqa: PLR2004


def test_directory_whose_rights_are_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir(mode=0o700)
    assert run(files, files=[file(tmp_path / "d", None, "0755")])["written"] == [str(tmp_path / "d")]
    assert rights(tmp_path / "d") == 0o755  # noqa: PLR2004


@pytest.mark.parametrize("target", ["/dev/null", "target"])
def test_link_is_replaced(run: Run, tmp_path: Path, target: str) -> None:
    """Its target has the text already, or is a device. The target stays unchanged."""
    (tmp_path / "target").write_text("new\n")
    link = tmp_path / "link"
    link.symlink_to(target)
    assert run(files, files=[file(link)])["changed"]
    assert (link.is_symlink(), link.read_text(), rights(link)) == (False, "new\n", 0o644)
    assert (tmp_path / "target").read_text() == "new\n"


def test_owner_and_group(run: Run, tmp_path: Path) -> None:
    wanted = [file(tmp_path / "file", owner=str(os.getuid()), group=str(os.getgid()))]
    assert run(files, files=wanted)["changed"]
    assert not run(files, files=wanted)["changed"]


def test_check_mode_changes_nothing(run: Run, tmp_path: Path) -> None:
    """Directories and groups may be missing, because a package creates them."""
    there = tmp_path / "there"
    there.write_text("old\n")
    wanted = [
        file(tmp_path / "d", None),
        file(tmp_path / "nowhere/file", group="who-knows", validate="false %s"),
        file(there),
    ]
    answer = run(files, check_mode=True, files=wanted)
    assert answer["written"] == [entry["path"] for entry in wanted]
    assert [diff["after"] for diff in answer["diff"][1:]] == ["new\n", "new\n"]
    assert there.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [there]


def test_text_that_is_refused(run: Run, tmp_path: Path) -> None:
    """No file is written, not even a valid one before it."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    answer = run(files, files=[file(good), file(bad, validate="grep --count wanted %s")])
    assert answer["failed"]
    assert f"{os.uname().nodename}: {bad} was not written, since `grep --count wanted " in answer["msg"]
    assert "refuses its text: 0. " in answer["msg"]
    assert list(tmp_path.iterdir()) == []


def test_text_that_is_accepted(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert run(files, files=[file(path, validate="grep new %s")])["changed"]
    assert path.read_text() == "new\n"


def test_unchanged_file_is_not_validated_again(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("new\n")
    assert not run(files, files=[file(path, validate="false")]).get("failed")


def link(path: Path, target: str) -> dict[str, Any]:
    return {"path": str(path), "link": target}


def absent(path: Path) -> dict[str, Any]:
    return {"path": str(path), "absent": True}


ABSENT, FILE = {"state": "absent"}, {"state": "file"}


def linked(target: str) -> dict[str, str]:
    return {"state": "link", "src": target}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A file, and a link to it."""
    (tmp_path / "a").write_text("a secret\n")
    (tmp_path / "link").symlink_to("a")
    return tmp_path


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("name", "target", "before"),
    [("link", "b", linked("a")), ("a", "b", FILE), ("new", "nowhere", ABSENT), ("link", "a", None)],
)
def test_link(
    run: Run, site: Path, name: str, target: str, before: dict[str, str] | None, check_mode: bool
) -> None:
    path = site / name
    answer = run(files, check_mode=check_mode, files=[link(path, target)])
    paths = {"before_header": str(path), "after_header": str(path)}
    assert answer["diff"] == ([{**paths, "before": before, "after": linked(target)}] if before else [])
    assert answer["written"] == ([str(path)] if before else [])
    assert (path.is_symlink() and str(path.readlink()) == target) == (before is None or not check_mode)
    assert {each.name for each in site.iterdir()} - {"new"} == {"a", "link"}
    assert check_mode or not run(files, files=[link(path, target)])["changed"]


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(("name", "before"), [("link", linked("a")), ("a", FILE), ("new", None)])
def test_absent(run: Run, site: Path, name: str, before: dict[str, str] | None, check_mode: bool) -> None:
    """The text of what goes may be a key: it is in no diff."""
    path = site / name
    answer = run(files, check_mode=check_mode, files=[absent(path)])
    paths = {"before_header": str(path), "after_header": str(path)}
    assert answer["diff"] == ([{**paths, "before": before, "after": ABSENT}] if before else [])
    assert (path.is_symlink() or path.exists()) == (before is not None and check_mode)
    assert check_mode or not run(files, files=[absent(path)])["changed"]


@pytest.mark.parametrize("entry", [absent, lambda path: link(path, "b")])
def test_directory_is_neither_removed_nor_replaced(
    run: Run, tmp_path: Path, entry: Callable[[Path], dict[str, Any]]
) -> None:
    """And nothing before it is written."""
    (tmp_path / "d").mkdir()
    answer = run(files, files=[file(tmp_path / "a"), entry(tmp_path / "d")])
    assert f"{tmp_path / 'd'} is a directory" in answer["msg"]
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"link": "b", "content": "a"}, "has content, which an entry of the kind link cannot"),
        ({"link": "b", "mode": "0644"}, "has mode, which an entry of the kind link cannot"),
        ({"link": "b", "absent": True}, "has link, which an entry of the kind absent cannot"),
        (
            {"absent": True, "content": "", "mode": "0644"},
            "has content and mode, which an entry of the kind a",
        ),
        ({"mode": "0755", "secret": True}, "has secret, which an entry of the kind directory cannot"),
        ({"mode": "0755", "validate": "true"}, "has validate, which an entry of the kind directory cannot"),
        ({"content": "a"}, "has no mode"),
        ({"absent": False}, "has no mode"),
    ],
)
def test_entry_is_of_one_kind(run: Run, tmp_path: Path, more: dict[str, Any], words: str) -> None:
    path = tmp_path / "a"
    answer = run(files, files=[{"path": str(path), **more}])
    assert answer["msg"].startswith(f"{os.uname().nodename}: {path} {words}")
    assert not path.exists()


@pytest.mark.parametrize("check_mode", [False, True])
def test_secret_stays_out_of_all_output(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, check_mode: bool
) -> None:
    """Its old text as well as its new one; the other file has its diff."""
    secret, other = tmp_path / "secret", tmp_path / "other"
    secret.write_text("OLD KEY\n")
    wanted = [file(secret, "NEW KEY\n", "0600", secret=True), file(other)]
    arguments = {"files": wanted, "_ansible_check_mode": check_mode, "_ansible_diff": True}
    with patch_module_args(arguments), pytest.raises(SystemExit):
        files.main()
    answer = json.loads(capsys.readouterr().out)
    assert [change["after"] for change in answer["diff"]] == ["(secret)\n", "new\n"]
    answer.pop("_ansible_new_secrets", None)
    assert "KEY" not in json.dumps(answer)
    assert secret.read_text() == ("OLD KEY\n" if check_mode else "NEW KEY\n")


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl that records its calls. It has read all units unless the file `stale` exists."""
    units, program = tmp_path / "units", tmp_path / "bin/systemctl"
    units.mkdir()
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "$*" >>{tmp_path}/calls\n'
        f"if [ -e {tmp_path}/stale ]; then echo NeedDaemonReload=yes; else echo NeedDaemonReload=no; fi\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(files, "UNITS", f"{units}/")
    return units


@pytest.mark.parametrize(
    ("there", "stale", "check_mode", "calls"),
    [
        (False, False, False, ["daemon-reload"]),
        (False, False, True, []),
        (True, False, False, ["show --property=NeedDaemonReload a.service"]),
        # A run was killed before the daemon-reload.
        (True, True, False, ["show --property=NeedDaemonReload a.service", "daemon-reload"]),
    ],
)
def test_systemd_reads_units_that_it_has_not_read(
    run: Run, systemd: Path, there: bool, stale: bool, check_mode: bool, calls: list[str]
) -> None:
    top = systemd.parent
    if there:
        run(files, files=[file(systemd / "a.service")])
    if stale:
        (top / "stale").touch()
    wanted = [file(systemd / "a.service"), file(top / "no unit")]
    answer = run(files, check_mode=check_mode, files=wanted, daemon_reload=True)
    assert (str(systemd / "a.service") in answer["written"]) == (not there)
    assert ((top / "calls").read_text().splitlines() if (top / "calls").exists() else []) == calls


def test_other_files_need_no_systemctl(run: Run, systemd: Path) -> None:
    run(files, files=[file(systemd.parent / "file")], daemon_reload=True)
    assert not (systemd.parent / "calls").exists()


def test_text_with_any_letters(run: Run, tmp_path: Path) -> None:
    """It is written once, and the second run changes nothing."""
    path = tmp_path / "file"
    path.write_bytes(b"\xff\n")
    assert run(files, files=[file(path, "Grüße ✓\n")])["diff"][0]["after"] == "Grüße ✓\n"
    assert path.read_text(encoding="utf-8") == "Grüße ✓\n"
    assert not run(files, files=[file(path, "Grüße ✓\n")])["changed"]
