"""Both directors take packets: the decisions of each director, as tables."""

from __future__ import annotations

import hmac
import os
import shutil
import signal
import struct
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from testbed.loading import load

both = load("haweb_both", "roles/director/files/haweb-both")

WWW = both.Service("tcp", "192.168.0.105", 80)
KEY = "TCP C0A80069:0050"
WEB1, WEB2 = "C0A80065:0050 Route 1", "C0A80066:0050 Route 1"
SORRY = "7F000001:0050 Route 1"

TABLE = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  C0A80069:0050 mh (mh-fallback,mh-port)
  -> C0A80066:0050      Route   1      3          12
  -> C0A80065:0050      Route   1      0          0
TCP  C0A80063:0050 rr
  -> C0A80067:0050      Route   1      0          0
"""


def view(name: str = "lb1", *reals: str, **change: Any) -> Any:
    said = {
        "name": name,
        "time": 1,
        "owner": False,
        "whole": True,
        "checks": True,
        "takes": "all",
        "table": {KEY: list(reals)},
    }
    return both.View(**{**said, **change})


def test_table_keeps_the_kernels_order_and_only_own_services() -> None:
    assert both.read_table(TABLE, [WWW]) == {KEY: [WEB2, WEB1]}


def test_service_that_the_kernel_does_not_have() -> None:
    assert both.read_table("IP Virtual Server\n", [WWW]) == {KEY: []}


@pytest.mark.parametrize(
    ("reals", "answer"),
    [
        ([WEB1], True),
        ([WEB1, SORRY], True),
        ([SORRY], False),
        (["C0A80065:0050 Route 0"], False),
        ([], False),
    ],
)
def test_serves(reals: list[str], answer: bool) -> None:
    assert both.serves({KEY: reals}) is answer


@pytest.mark.parametrize(
    ("me", "peer", "calm", "takes"),
    [
        # There is no other director. The owner answers for the address itself, too.
        (view("lb1", WEB1), None, False, "services"),
        (view("lb1", WEB1, owner=True), None, False, "all"),
        (view("lb1", SORRY, owner=True), None, False, "all"),
        (view("lb1", SORRY), None, False, "nothing"),
        # It has just started: the other director may exist.
        (view("lb1", WEB1, owner=True, whole=False), None, False, "nothing"),
        # It is cut off from the network.
        (view("lb1", WEB1, owner=True, deaf=True), None, False, "nothing"),
        # Both directors work, with equal tables.
        (view("lb1", WEB1, owner=True), view("lb2", WEB1), False, "all"),
        (view("lb2", WEB1), view("lb1", WEB1, owner=True), True, "services"),
        (view("lb2", WEB1), view("lb1", WEB1, owner=True), False, "nothing"),
        # The tables differ: the owner takes packets, the other one waits. A different order is a different
        # table.
        (view("lb1", WEB1, owner=True), view("lb2", WEB1, WEB2), False, "all"),
        (view("lb2", WEB1, WEB2), view("lb1", WEB1, owner=True), True, "nothing"),
        (view("lb2", WEB1, WEB2), view("lb1", WEB2, WEB1, owner=True), True, "nothing"),
        # A director without a web server leaves the clients to the one that has some, owner or not.
        (view("lb1", SORRY, owner=True), view("lb2", WEB1), True, "nothing"),
        (view("lb2", WEB1), view("lb1", SORRY, owner=True), False, "services"),
        # No director has a web server: the owner serves the sorry page.
        (view("lb1", SORRY, owner=True), view("lb2", SORRY), True, "all"),
        (view("lb2", SORRY), view("lb1", SORRY, owner=True), True, "nothing"),
        # A director that has booted waits for the connections and for the table, even as the owner.
        (view("lb1", WEB1, owner=True, takes="nothing"), view("lb2", WEB1), False, "nothing"),
        (view("lb1", WEB1, owner=True, takes="nothing"), view("lb2", WEB1, WEB2), True, "nothing"),
        (view("lb2", WEB1, WEB2), view("lb1", WEB1, owner=True, takes="nothing"), False, "services"),
        # Both have booted.
        (view("lb1", WEB1, owner=True, takes="nothing"), view("lb2", WEB1, takes="nothing"), False, "all"),
        # A director whose ldirectord does not run follows the one that checks, and still answers for the
        # address.
        (view("lb1", WEB1, owner=True, checks=False), view("lb2", WEB1), True, "all"),
        (view("lb1", WEB1, WEB2, owner=True, checks=False), view("lb2", WEB1), True, "nothing"),
        (view("lb2", WEB1), view("lb1", WEB1, WEB2, owner=True, checks=False), False, "services"),
        # An empty table is worse than one that is not checked.
        (view("lb1", WEB1, owner=True, checks=False), view("lb2"), True, "all"),
        # The other director is stopping.
        (view("lb2", WEB1), view("lb1", WEB1, WEB2, owner=True, leaving=True), False, "services"),
        # A table is about to change: only one director takes packets.
        (view("lb1", WEB1, owner=True, edits=True), view("lb2", WEB1), True, "all"),
        (view("lb2", WEB1), view("lb1", WEB1, owner=True, edits=True), True, "nothing"),
        (view("lb1", WEB1, owner=True), view("lb2", WEB1, edits=True), True, "all"),
        (view("lb2", WEB1, edits=True), view("lb1", WEB1, owner=True), True, "nothing"),
        (view("lb2", WEB1, edits=True), None, True, "services"),
        # Both have the address, as in a split brain: this is harmless.
        (view("lb1", WEB1, owner=True), view("lb2", WEB1, owner=True), True, "services"),
        (view("lb2", WEB1, owner=True), view("lb1", WEB1, owner=True), True, "all"),
    ],
)
def test_decide(me: Any, peer: Any, calm: bool, takes: str) -> None:
    assert both.decide(me, peer, calm) == takes


def test_one_of_two_always_takes_packets() -> None:
    """In any state of both, they never wait for each other."""
    views = [
        view(name, *reals, owner=owner, takes=takes, checks=checks)
        for name in ("lb1", "lb2")
        for reals in ([], [SORRY], [WEB1], [WEB1, WEB2], [WEB2, WEB1])
        for owner in (True, False)
        for takes in ("all", "nothing")
        for checks in (True, False)
    ]
    for me in views:
        for peer in views:
            if me.name != peer.name:
                assert both.leads(me, peer) is not both.leads(peer, me)


ALONE = view("lb1", WEB1, takes="nothing", whole=False)
BOOTS = view("lb2", WEB1, takes="nothing", whole=False)


@pytest.mark.parametrize(
    ("me", "peer", "past", "first"),
    [
        # It started 1 s and 3 s ago, and has received nothing.
        (ALONE, None, both.Past(99), False),
        (ALONE, None, both.Past(97), True),
        # It received a message a moment ago, and long ago.
        (ALONE, None, both.Past(50, heard=99), False),
        (ALONE, None, both.Past(50, heard=97), True),
        # It is deaf; and it has just stopped being deaf, when clients' packets arrive before the other
        # director's.
        (replace(ALONE, deaf=True), None, both.Past(50, heard=90, deaf=100), False),
        (ALONE, None, both.Past(50, heard=90, deaf=99.9), False),
        (ALONE, None, both.Past(50, heard=90, deaf=99.4), True),
        # Both boot, or both were cut off: the leader begins.
        (ALONE, BOOTS, both.Past(99, heard=100), False),
        (replace(ALONE, owner=True), BOOTS, both.Past(50, heard=100, deaf=99.9), True),
        (ALONE, replace(BOOTS, owner=True), both.Past(50, heard=100), False),
    ],
)
def test_director_is_the_first_one(me: Any, peer: Any, past: Any, first: bool) -> None:
    assert both.is_first(me, peer, past, now=100.0) is first


@pytest.mark.parametrize(
    ("mine", "theirs", "same"),
    [
        ([WEB1, WEB2], [WEB1, WEB2], True),
        ([WEB1, WEB2], [WEB2, WEB1], True),
        ([WEB1], [WEB2, WEB1], False),
        ([WEB1], [WEB1.replace("Route 1", "Route 2")], False),
    ],
)
def test_same_servers(mine: list[str], theirs: list[str], same: bool) -> None:
    assert both.same_servers({KEY: mine}, {KEY: theirs}) is same


def test_message_is_accepted_only_with_the_same_secret() -> None:
    key = both.read_key("auth 1\n1 sha1 s3cret  # ours\n")
    assert key == both.read_key("# comment\nauth 1\n1 sha1 s3cret\n")
    said = view("lb1", WEB1)
    assert both.unseal(both.seal(said, key), key) == said
    assert both.unseal(both.seal(said, key), both.read_key("auth 1\n1 sha1 other\n")) is None
    assert both.unseal(b"nonsense", key) is None


def test_message_of_another_version_is_ignored() -> None:
    key = both.read_key("auth 1\n1 sha1 s3cret\n")
    body = b'{"name": "lb1", "something": "new"}'
    assert both.unseal(hmac.digest(key, body, "sha256") + body, key) is None


CONNECTIONS = """\
Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
TCP C0A80002 A2B4 C0A80069 0050 C0A80065 0050 ESTABLISHED     899
TCP C0A80002 A2B5 C0A80069 0050 C0A80065 0050 FIN_WAIT         12
TCP C0A80002 A2B6 C0A80069 0050 7F000001 0050 ESTABLISHED      10
TCP C0A80002 A2B7 C0A80063 0050 C0A80065 0050 ESTABLISHED     899
"""


def test_connections_are_sent_as_the_kernel_reads_them() -> None:
    packed = list(both.entries(CONNECTIONS, [WWW]))
    assert len(packed) == len(["ESTABLISHED", "FIN_WAIT"])
    (message,) = both.messages(packed, sync_id=7)
    reserved, sync_id, size, count, version, spare = struct.unpack("!BBHBbH", message[:8])
    assert (reserved, sync_id, size, count, version, spare) == (0, 7, len(message), 2, 1, 0)
    first = struct.unpack("!BBHIHHHHII4s4s4s", message[8:44])
    assert first[:10] == (0, 6, 36, 3, 1, 0xA2B4, 80, 80, 0, 899)
    assert first[10:] == (bytes([192, 168, 0, 2]), bytes([192, 168, 0, 105]), bytes([192, 168, 0, 101]))


CONFIG = """\
{"interface": "eth0", "address": "192.168.0.103", "peers": ["192.168.0.104"], "port": 8849,
 "sync_interface": "eth0", "sync_id": 7, "macs": {"192.168.0.105": "%s"},
 "services": [{"protocol": "tcp", "address": "192.168.0.105", "port": 80}]}
"""


def test_arp_has_the_shared_mac() -> None:
    taken, sent = both.standing(both.read_config(CONFIG % "02:00:c0:a8:00:69"))
    assert "ingress protocol arp pref 4903" in taken
    assert "dst_mac 02:00:c0:a8:00:69 action skbedit ptype host" in taken
    assert "munge offset 8 u32 set 0x0200c0a8 munge offset 12 u16 set 0x0069" in sent


def test_kernel_answers_nothing_by_a_multicast_mac_that_is_not_taken() -> None:
    *_arp, rest = both.standing(both.read_config(CONFIG % "03:00:c0:a8:00:69"))
    assert rest.endswith("flower dst_mac 03:00:c0:a8:00:69 action skbedit ptype otherhost")
    preferences = [*both.PREFERENCES.values(), both.ERRORS]
    assert f" pref {both.REST} " in rest
    assert max(preferences) < both.REST


def test_ldirectord_that_is_stopped_does_not_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = tmp_path / "ldirectord.pid"
    monkeypatch.setattr(both, "LDIRECTORD", pid)
    assert not both.ldirectord_runs()
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            pid.write_text(f"{process.pid}\n")
            assert both.ldirectord_runs()
            process.send_signal(signal.SIGSTOP)
            os.waitpid(process.pid, os.WUNTRACED)
            assert not both.ldirectord_runs()
        finally:
            process.kill()
    assert not both.ldirectord_runs()


def test_program_that_was_started(tmp_path: Path) -> None:
    path = tmp_path / "program"
    shutil.copy("/bin/true", path)
    program = both.Program(path)
    assert not program.was_started()
    subprocess.run([path], check=True)
    assert program.was_started()
    assert not program.was_started()


def test_upgraded_program_is_detected_too(tmp_path: Path) -> None:
    path, new = tmp_path / "program", tmp_path / "new"
    shutil.copy("/bin/true", path)
    program = both.Program(path)
    shutil.copy("/bin/true", new)
    new.rename(path)
    program.watch()
    program.was_started()
    subprocess.run([path], check=True)
    assert program.was_started()


def test_program_that_ldirectord_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = tmp_path / "ldirectord.pid"
    monkeypatch.setattr(both, "LDIRECTORD", pid)
    assert not both.ldirectord_has_children()
    # A shell that waits until it must start a program.
    waits = ["sh", "-c", "read go; sleep 60; :"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            pid.write_text(f"{process.pid}\n")
            assert not both.ldirectord_has_children()
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
            end = time.monotonic() + 10
            while not (children := both.ldirectord_has_children()) and time.monotonic() < end:
                time.sleep(0.01)
            assert children
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("killed_at", [1, 2, 3, None])
def test_removal_that_was_killed_is_completed_by_the_next(
    killed_at: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, unit, program = (
        tmp_path / name for name in ("haweb-both.json", "haweb-both.service", "haweb-both")
    )
    config.write_text(CONFIG % "02:00:c0:a8:00:69")
    unit.touch()
    program.touch()
    settings = [tmp_path / name for name in both.OWN_SETTINGS]
    calls: list[str] = []
    cleaned: list[str] = []

    def must(*words: str) -> None:
        assert words[1] != "disable" or unit.exists(), "systemctl refuses a unit that does not exist"
        calls.append(words[1])
        if len(calls) == killed_at:
            raise SystemExit("killed")

    monkeypatch.setattr(both, "UNIT", unit)
    monkeypatch.setattr(both, "SETTINGS", tmp_path)
    monkeypatch.setattr(both, "RUN", tmp_path / "run")
    both.RUN.mkdir()
    (both.RUN / "state.new").touch()
    monkeypatch.setattr(both, "__file__", str(program))
    monkeypatch.setattr(both, "must", must)
    monkeypatch.setattr(both.Kernel, "clean", lambda kernel: cleaned.extend(kernel.config.addresses))
    if killed_at:
        with pytest.raises(SystemExit):
            both.remove(config)
        assert program.exists()
    both.remove(config)
    assert set(cleaned) == {"192.168.0.105"}
    assert sorted(tmp_path.iterdir()) == sorted(settings)
    assert [setting.read_text() for setting in settings] == ["0", "0"]


def test_unknown_action_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(both, "RUN", tmp_path / "run")
    monkeypatch.setattr("sys.argv", ["haweb-both", str(tmp_path / "haweb-both.json"), "begone"])
    with pytest.raises(SystemExit, match="begone is none of"):
        both.main()
