# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils import _ask_heartbeat
from ansible_collections.haweb.cluster.plugins.modules import virtual_address_check as face

Run = Callable[..., dict[str, Any]]

ETH0 = {
    "ifname": "eth0",
    "flags": ["UP"],
    "address": "02:00:00:00:00:03",
    "addr_info": [
        {"family": "inet", "local": "192.168.0.103", "prefixlen": 24, "broadcast": "192.168.0.255"},
        {"family": "inet", "local": "192.168.0.105", "prefixlen": 24},
    ],
}
DIRECTOR = {
    "addresses": ["192.168.0.105/24"],
    "interface": "eth0",
    "peers": ["192.168.0.103", "192.168.0.104"],
}
STRANGER = "02:00:00:00:00:66"


class Network:
    """The state of the machine and of the network that the module reads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.claims: dict[str, set[str]] = {}
        self.asked: list[str] = []
        self.refuses = False

    def run_heartbeat(self, pid: str) -> None:
        (self.root / "heartbeat.pid").write_text(f"   {pid}\n", encoding="utf-8")

    def who_has(
        self, device: str, targets: Iterable[IPv4Address], timeout: float
    ) -> dict[IPv4Address, set[str]]:
        assert (device, timeout) == ("eth0", 1.5)
        if self.refuses:
            raise PermissionError
        self.asked = sorted(map(str, targets))
        return {IPv4Address(ip): self.claims.get(ip, set()) for ip in self.asked}


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    found = Network(tmp_path)
    program = tmp_path / "ip"
    program.write_text(f"#!/bin/sh\necho '{json.dumps([ETH0])}'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(AnsibleModule, "get_bin_path", lambda *_, **__: str(program))
    monkeypatch.setattr(face, "who_has", found.who_has)
    monkeypatch.setattr(_ask_heartbeat, "PID_FILE", tmp_path / "heartbeat.pid")
    monkeypatch.setattr(face, "ETC", tmp_path / "etc")
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "loadb1", "6.1", "#1", "x86_64")))
    return found


def test_heartbeat_holds_the_address(run: Run, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    # This test process has the expected name.
    network.run_heartbeat(str(os.getpid()))
    monkeypatch.setattr(
        _ask_heartbeat, "HEARTBEAT", Path("/proc/self/comm").read_text(encoding="utf-8").strip()
    )
    (network.root / "etc/ha.d").mkdir(parents=True)
    (network.root / "etc/ha.d/haresources").write_text(
        "loadb1 IPaddr2::192.168.0.105/24/eth0\n", encoding="utf-8"
    )
    network.claims = {"192.168.0.104": {"02:00:00:00:00:04"}}
    answer = run(face, check_mode=True, **DIRECTOR)
    assert "failed" not in answer
    assert answer["heartbeat_running"] is True
    assert answer["claims"] == {
        "192.168.0.103": [],
        "192.168.0.104": ["02:00:00:00:00:04"],
        "192.168.0.105": [],
    }


@pytest.mark.parametrize("pid", ["", "1", "4194305"])
def test_a_left_over_pid_file_is_no_heartbeat(run: Run, network: Network, pid: str) -> None:
    network.run_heartbeat(pid)
    answer = run(face, **DIRECTOR)
    assert answer["heartbeat_running"] is False
    assert answer["problems"] == [
        "loadb1: 192.168.0.105 is already on eth0, though no heartbeat that runs here carries it; find out "
        "who put it there (a heartbeat that was killed leaves it behind), and remove it with "
        "`ip address del 192.168.0.105/24 dev eth0`."
    ]
    assert answer["msg"] == answer["problems"][0]


def test_all_findings_at_once(run: Run, network: Network) -> None:
    folder = network.root / "etc/network/interfaces.d"
    folder.mkdir(parents=True)
    (folder / "vip").write_text("address 192.168.0.105/24\n", encoding="utf-8")
    network.claims = {"192.168.0.105": {STRANGER}}
    answer = run(face, **DIRECTOR | {"addresses": ["192.168.0.105/24", "192.168.0.106", "10.0.0.1/24"]})
    assert [problem.split()[1] for problem in answer["problems"]] == [
        "the",
        str(folder / "vip"),
        "192.168.0.105",
        "10.0.0.1",
        "192.168.0.105",
    ]
    assert STRANGER in answer["problems"][-1]


@pytest.mark.parametrize(
    "change",
    [
        {"probe": False},
        {"place": "loopback"},
        {"interface": "eth9"},
    ],
)
def test_no_probe(run: Run, network: Network, change: dict[str, Any]) -> None:
    run(face, **DIRECTOR | change)
    assert network.asked == []


def test_without_the_right_to_probe(run: Run, network: Network) -> None:
    network.refuses = True
    assert "loadb1: ARP probes need the capability CAP_NET_RAW" in run(face, **DIRECTOR)["msg"]


def test_without_the_right_to_read(run: Run, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, **_: Any) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    folder = network.root / "etc/network"
    folder.mkdir(parents=True)
    (folder / "interfaces").touch()
    monkeypatch.setattr(Path, "read_text", refuse)
    answer = run(face, **DIRECTOR)
    assert "run the task as root (become: true)." in answer["msg"]


def test_a_director_needs_an_interface(run: Run, network: Network) -> None:
    answer = run(face, addresses=["192.168.0.105/24"])
    assert answer["msg"] == "place is interface but all of the following are missing: interface"
