"""The boot of a guest: its kernel's command line, its CPU, and the guests that are booted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from haweb_lab import boot
from haweb_lab.description import Lab
from haweb_lab.errors import LabError
from haweb_lab.guests import Guests
from haweb_lab.network import mac_address, tap_name
from testbed.lab_sample import ETH0, ETH1, LAB, node, running

Booted = Callable[[Guests], tuple[set[str], list[str]]]


def test_guest_command_has_name_memory_disk_and_every_card() -> None:
    words = boot.guest_command(LAB, node("web1", ETH0, ETH1), cpu=1)
    assert words[:4] == ["ip", "netns", "exec", "haweb-test"]
    assert words[words.index("--cpu-list") + 1] == "1"
    for word in (
        "umid=web1",
        "uml_dir=/run/haweb/test/uml/",
        "mem=256M",
        "ubd0=/labs/test/disks/web1.cow,/base",
        "systemd.hostname=web1.example",
        f"vec0:transport=tap,ifname={tap_name('web1', 0)},mac={mac_address('web1', 0)}",
        f"ifname=eth1:{mac_address('web1', 1)}",
        "ip=192.0.2.11:::255.255.255.0::eth0:none",
        "ip=10.0.0.1:::255.255.255.240::eth1:none",
    ):
        assert word in words


def test_neighbours_get_different_cpus() -> None:
    nodes = ["webserver2", "loadb1", "webserver1", "loadb2"]
    assert {node: boot.cpu_of(node, nodes, {3, 1}) for node in nodes} == {
        "loadb1": 1,
        "loadb2": 3,
        "webserver1": 1,
        "webserver2": 3,
    }


@pytest.fixture
def booted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Booted:
    """Boot web1 and web2 while these guests run; return the running ones and the booted ones."""
    lab = replace(LAB, directory=tmp_path)
    nodes = [node("web1"), node("web2")]
    monkeypatch.setattr(Lab, "run", tmp_path / "run")
    monkeypatch.setattr(Lab, "nodes", lambda _lab: {node.name: node for node in nodes})

    def attempt(guests: Guests) -> tuple[set[str], list[str]]:
        begun: list[str] = []
        monkeypatch.setattr(boot, "guests", lambda _lab: guests)
        monkeypatch.setattr(boot, "boot", lambda _lab, node, _cpu: begun.append(node.name))
        return boot.boot_those_off(lab, nodes), begun

    return attempt


def test_only_guests_that_are_off_are_booted(booted: Booted) -> None:
    assert booted({}) == (set(), ["web1", "web2"])
    assert booted(running(web2="S")) == ({"web2"}, ["web1"])


def test_a_frozen_guest_is_refused(booted: Booted) -> None:
    with pytest.raises(LabError, match=r"web1 is frozen\. Thaw it with `.*/lab thaw web1`"):
        booted(running(web1="T"))


def test_a_guest_without_its_image_is_refused() -> None:
    with pytest.raises(LabError, match="web1 cannot start: its image /nowhere/base is missing"):
        boot.boot(LAB, node("web1", image="/nowhere/base"), 0)
