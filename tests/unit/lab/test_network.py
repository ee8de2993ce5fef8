"""The lab's network: names of cards, and the commands that create missing parts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from haweb_lab import network
from haweb_lab.errors import LabError
from testbed.lab_sample import ETH0, ETH1, LAB, node

TAPS = [network.tap_name("web1", number) for number in (0, 1)]
ALL = ["host", "lan", "lo", "sync", "to-client", "to-host", *TAPS]


class Recorder:
    """Replaces run(): returns the existing parts, and records the commands that change something."""

    def __init__(self, namespaces: list[str], links: list[str]) -> None:
        self.answers = {
            ("netns", "list"): [{"name": name} for name in namespaces],
            ("link", "show"): [{"ifname": name} for name in links],
        }
        self.commands: list[str] = []

    def __call__(self, *command: str, stdin: str | None = None) -> str:
        if command[-2:] in self.answers:
            return json.dumps(self.answers[command[-2], command[-1]])
        self.commands.append(" ".join(command))
        return ""


def build(monkeypatch: pytest.MonkeyPatch, namespaces: list[str], links: list[str]) -> list[str]:
    recorder = Recorder(namespaces, links)
    monkeypatch.setattr(network, "run", recorder)
    network.Network(LAB).build([node("web1", ETH0, ETH1)])
    return recorder.commands


@pytest.mark.parametrize("name", ["a", "web1", "webserver1.production.example.com"])
def test_taps_fit_into_the_kernels_limit_and_macs_are_local_unicast(name: str) -> None:
    assert len(network.tap_name(name, 0)) <= 15  # noqa: PLR2004
    assert network.tap_name(name, 0) != network.tap_name(name, 1)
    first, *rest = network.mac_address(name, 0).split(":")
    assert (first, len(rest)) == ("02", 5)
    assert network.mac_address(name, 0) != network.mac_address(name, 1)


def test_hosts_with_the_same_beginning_have_different_taps() -> None:
    names = [f"webserver{number}.example.com" for number in range(200)]
    assert len({network.tap_name(name, 0) for name in names}) == len(names)


def test_a_whole_network_is_built_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = build(monkeypatch, [], [])
    assert commands[:4] == [
        "ip netns add haweb-test",
        "ip -netns haweb-test link set lo up",
        "ip netns add haweb-test-client",
        "ip -netns haweb-test-client link set lo up",
    ]
    added = [command for command in commands if " add " in command and "netns add" not in command]
    bridge = "type bridge stp_state 0 forward_delay 0 mcast_snooping 0"
    assert added == [
        f"ip -netns haweb-test link add lan {bridge}",
        f"ip -netns haweb-test link add sync {bridge}",
        "ip -netns haweb-test link add host type veth peer name to-host",
        "ip -netns haweb-test address add 192.0.2.1/24 broadcast + dev host",
        "ip -netns haweb-test link add to-client type veth peer name eth0 netns haweb-test-client",
        "ip -netns haweb-test-client address add 192.0.2.2/24 broadcast + dev eth0",
        f"ip -netns haweb-test tuntap add {TAPS[0]} mode tap",
        f"ip -netns haweb-test tuntap add {TAPS[1]} mode tap",
    ]


def test_each_link_gets_its_bridge_before_it_is_up_and_no_offloads(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = build(
        monkeypatch, ["haweb-test", "haweb-test-client"], [name for name in ALL if name != TAPS[1]]
    )
    assert commands == [
        f"ip -netns haweb-test tuntap add {TAPS[1]} mode tap",
        f"ip -netns haweb-test link set {TAPS[1]} master sync",
        f"ip netns exec haweb-test ethtool --offload {TAPS[1]} tso off gso off gro off tx off sg off",
        f"ip -netns haweb-test link set {TAPS[1]} up",
    ]


def test_a_network_that_exists_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert build(monkeypatch, ["haweb-test", "haweb-test-client", "other"], ALL) == []


@pytest.mark.parametrize(
    ("present", "deleted"),
    [(["other"], []), (["other", "haweb-test"], ["ip netns delete haweb-test"])],
)
def test_only_the_labs_own_namespaces_are_removed(
    monkeypatch: pytest.MonkeyPatch, present: list[str], deleted: list[str]
) -> None:
    recorder = Recorder(present, [])
    monkeypatch.setattr(network, "run", recorder)
    assert network.remove(LAB) is bool(deleted)
    assert [command for command in recorder.commands if "delete" in command] == deleted


def test_there_is_no_client_host_before_the_network() -> None:
    lab = replace(LAB, name="has-no-network")
    assert not (Path("/run/netns") / lab.client_namespace).exists()
    with pytest.raises(LabError, match=r"Lab has-no-network has no network yet\. Start a node first"):
        network.enter_client_host(lab, "true")
