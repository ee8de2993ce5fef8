"""The problems of a lab."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from haweb_lab import preflight
from haweb_lab.guests import Process
from testbed.lab_sample import ETH0, LAB, node

GIGABYTE = 1 << 30


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        ({"address": "192.0.2.11/24"}, None),
        ({"address": "10.0.0.1/24", "network": "sync"}, None),
        ({"address": "/24"}, "web1 has no address"),
        ({"address": "web1/24"}, "the form is 192.0.2.1/24"),
        ({"address": "10.0.0.1/24"}, "outside lab_network 192.0.2.0/24"),
        ({"address": "192.0.2.1/24"}, "which the lab uses itself"),
        ({"address": "192.0.2.2/24"}, "which the lab uses itself"),
    ],
)
def test_node_complaints(card: dict[str, str], complaint: str | None) -> None:
    found = list(preflight.node_complaints(LAB, {"name": "web1", "interfaces": [{"name": "eth0", **card}]}))
    assert len(found) == (0 if complaint is None else 1)
    assert complaint is None or complaint in found[0]


def test_node_complaints_about_a_name() -> None:
    for name, wrong in (("x" * 50, False), ("x" * 51, True), ("a/b", True)):
        assert bool(list(preflight.node_complaints(LAB, {"name": name, "interfaces": []}))) is wrong


def test_node_complaints_name_each_card_that_is_wrong() -> None:
    cards = [{"name": "eth0", "address": "/24"}, ETH0, {"name": "eth2", "address": "x"}]
    assert len(list(preflight.node_complaints(LAB, {"name": "web1", "interfaces": cards}))) == 2  # noqa: PLR2004


@pytest.mark.parametrize(
    ("own", "complaints"),
    [
        ({}, []),
        ({"host_address": "10.0.0.1"}, ["lab_host_address 10.0.0.1 is outside lab_network 192.0.2.0/24"]),
        ({"client_address": "10.0.0.2"}, ["lab_client_address 10.0.0.2 is outside lab_network 192.0.2.0/24"]),
    ],
)
def test_lab_complaints(own: dict[str, Any], complaints: list[str]) -> None:
    found = preflight.lab_complaints(replace(LAB, **own))
    assert [text.partition(". Choose")[0] for text in found] == complaints


def test_duplicates_are_found_within_a_network_only() -> None:
    one = node("web1", ETH0)
    same = node("web2", ETH0)
    elsewhere = node("web3", {**ETH0, "network": "other"})
    assert list(preflight.duplicates([one, elsewhere])) == []
    assert [
        text
        for text in preflight.duplicates([one, same])
        if "web1 and web2 both have address 192.0.2.11" in text
    ]


def test_strange_guests_are_those_whose_disks_are_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "disks").mkdir()
    running = {
        name: [Process(1, 1, "S", ("linux.uml", f"ubd0={home}/disks/{name}.cow,/base"))]
        for name, home in (("mine", tmp_path), ("other", "/elsewhere"))
    }
    assert preflight.strange_guests(running, tmp_path) == ["other"]
    (tmp_path / "disks").rmdir()
    assert preflight.strange_guests(running, tmp_path) == ["mine", "other"]


def free(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=room))


@pytest.mark.parametrize(("room", "complaints"), [(GIGABYTE, 0), (GIGABYTE - 1, 1)])
def test_the_guests_memory_fits_into_dev_shm(
    monkeypatch: pytest.MonkeyPatch, room: int, complaints: int
) -> None:
    free(monkeypatch, room)
    monkeypatch.setattr(Path, "read_text", lambda _path: "MemTotal: 9\nMemAvailable: 1048576 kB\n")
    found = list(preflight.memory_complaints(GIGABYTE))
    assert len(found) == complaints
    assert all(
        "The guests need 1024 MB, this machine has 1023 MB of room in /dev/shm" in text for text in found
    )


def test_the_guests_memory_fits_into_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 2 * GIGABYTE)
    monkeypatch.setattr(Path, "read_text", lambda _path: "MemAvailable: 1048575 kB\n")
    (found,) = preflight.memory_complaints(GIGABYTE)
    assert "1023 MB of free memory" in found


@pytest.mark.parametrize(("room", "exists", "complaints"), [(0, False, 1), (0, True, 0), (1 << 40, False, 0)])
def test_a_new_lab_needs_room_for_its_disks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, exists: bool, complaints: int
) -> None:
    free(monkeypatch, room)
    directory = tmp_path / "lab" if not exists else tmp_path
    if exists:
        (tmp_path / "lab.json").touch()
    found = list(preflight.disk_complaints(directory))
    assert len(found) == complaints
    assert all(f"The lab needs 3072 MB in {tmp_path}, 0 MB are free" in text for text in found)


@pytest.mark.parametrize(
    ("wish", "about"),
    [
        ({"node": {"name": "a/b", "interfaces": []}}, ["'a/b' cannot be the name of a guest"]),
        ({"memory": 512, "directory": "/labs/test"}, [f"{512 << 20} /labs/test"]),
    ],
)
def test_complaints_are_about_a_node_or_about_the_machine(
    monkeypatch: pytest.MonkeyPatch, wish: dict[str, Any], about: list[str]
) -> None:
    monkeypatch.setattr(preflight, "machine_complaints", lambda _lab, memory, home: [f"{memory} {home}"])
    assert [text.partition(":")[0] for text in preflight.complaints(LAB, wish)] == about
