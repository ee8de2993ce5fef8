"""The lab's command: what it would do, as tables."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest
from testbed.loading import load

lab = load("haweb_lab", "roles/lab/files/lab")

LAB = lab.Lab(
    name="test",
    network="192.0.2.0/24",
    host_address="192.0.2.1",
    client_address="192.0.2.2",
    keys="/keys",
    directory=Path("/labs/test"),
)


def node(name: str = "web1", *cards: dict[str, str]) -> Any:
    interfaces = list(cards) or [{"name": "eth0", "address": "192.0.2.11/24"}]
    return lab.Node.read(
        {
            "name": name,
            "hostname": f"{name}.example",
            "memory": "256",
            "image": "/base",
            "interfaces": interfaces,
        }
    )


@pytest.mark.parametrize("name", ["a", "web1", "webserver1.production.example.com"])
def test_taps_fit_into_the_kernels_limit_and_macs_are_local_unicast(name: str) -> None:
    assert len(lab.tap_name(name, 0)) <= 15  # noqa: PLR2004
    assert lab.tap_name(name, 0) != lab.tap_name(name, 1)
    first, *rest = lab.mac_address(name, 0).split(":")
    assert (first, len(rest)) == ("02", 5)
    assert lab.mac_address(name, 0) != lab.mac_address(name, 1)


def test_hosts_with_the_same_beginning_have_different_taps() -> None:
    names = [f"webserver{number}.example.com" for number in range(200)]
    assert len({lab.tap_name(name, 0) for name in names}) == len(names)


def test_guest_command_says_name_memory_disk_and_every_card() -> None:
    second = {"name": "eth1", "address": "10.0.0.1/28", "network": "sync"}
    words = lab.guest_command(LAB, node("web1", {"name": "eth0", "address": "192.0.2.11/24"}, second), cpu=1)
    assert words[:4] == ["ip", "netns", "exec", "haweb-test"]
    assert words[words.index("--cpu-list") + 1] == "1"
    for word in (
        "umid=web1",
        "uml_dir=/run/haweb/test/uml/",
        "mem=256M",
        "ubd0=/labs/test/disks/web1.cow,/base",
        "systemd.hostname=web1.example",
        f"vec0:transport=tap,ifname={lab.tap_name('web1', 0)},mac={lab.mac_address('web1', 0)}",
        f"ifname=eth1:{lab.mac_address('web1', 1)}",
        "ip=192.0.2.11:::255.255.255.0::eth0:none",
        "ip=10.0.0.1:::255.255.255.240::eth1:none",
    ):
        assert word in words


@pytest.mark.parametrize(
    ("direction", "hooks"), [("in", {"egress"}), ("out", {"ingress"}), ("both", {"egress", "ingress"})]
)
def test_cut_rules_start_from_nothing_and_drop_where_the_direction_says(
    direction: str, hooks: set[str]
) -> None:
    rules = lab.cut_rules("tap", direction).splitlines()
    assert rules[:2] == ["add table netdev tap", "delete table netdev tap"]
    assert {rule.split()[4] for rule in rules if rule.startswith("add chain")} == hooks
    assert all("policy drop" in rule for rule in rules if rule.startswith("add chain"))


def test_taps_of_one_interface_all_of_them_and_of_none() -> None:
    two = node(
        "web1", {"name": "eth0", "address": "192.0.2.11/24"}, {"name": "eth1", "address": "10.0.0.1/24"}
    )
    assert lab.taps(two, None) == [lab.tap_name("web1", 0), lab.tap_name("web1", 1)]
    assert lab.taps(two, "eth1") == [lab.tap_name("web1", 1)]
    with pytest.raises(lab.LabError, match=r"web1 has no interface eth2\. It has: eth0, eth1"):
        lab.taps(two, "eth2")


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
    found = list(lab.node_complaints(LAB, {"name": "web1", "interfaces": [{"name": "eth0", **card}]}))
    assert len(found) == (0 if complaint is None else 1)
    assert complaint is None or complaint in found[0]


def test_node_complaints_about_a_name() -> None:
    for name, wrong in (("x" * 50, False), ("x" * 51, True), ("a/b", True)):
        assert bool(list(lab.node_complaints(LAB, {"name": name, "interfaces": []}))) is wrong


def test_neighbours_get_different_cpus() -> None:
    nodes = ["webserver2", "loadb1", "webserver1", "loadb2"]
    assert {node: lab.cpu_of(node, nodes, {3, 1}) for node in nodes} == {
        "loadb1": 1,
        "loadb2": 3,
        "webserver1": 1,
        "webserver2": 3,
    }


def test_strange_guests_are_those_whose_disks_are_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "disks").mkdir()
    running = {
        name: [lab.Process(1, 1, "S", ("linux.uml", f"ubd0={home}/disks/{name}.cow,/base"))]
        for name, home in (("mine", tmp_path), ("other", "/elsewhere"))
    }
    assert lab.strange_guests(running, tmp_path) == ["other"]
    (tmp_path / "disks").rmdir()
    assert lab.strange_guests(running, tmp_path) == ["mine", "other"]


def test_duplicates_are_found_within_a_network_only() -> None:
    one = node("web1", {"name": "eth0", "address": "192.0.2.11/24"})
    same = node("web2", {"name": "eth0", "address": "192.0.2.11/24"})
    elsewhere = node("web3", {"name": "eth0", "address": "192.0.2.11/24", "network": "other"})
    assert list(lab.duplicates([one, elsewhere])) == []
    assert [
        text for text in lab.duplicates([one, same]) if "web1 and web2 both have address 192.0.2.11" in text
    ]


@pytest.mark.parametrize(
    ("text", "seconds"), [("20ms", 0.02), ("2s", 2.0), ("2", 2.0), ("0.5", 0.5), ("5min", 300.0)]
)
def test_duration(text: str, seconds: float) -> None:
    assert lab.duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "s", "2h", "-1s", "0", "ms20"])
def test_duration_refuses(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        lab.duration(text)


def answers(*good: bool) -> list[Any]:
    """One answer a second, each after half a second."""
    return [lab.Answer(float(start), 0.5, 200 if ok else 503, "web1") for start, ok in enumerate(good)]


@pytest.mark.parametrize(
    ("good", "outage"),
    [
        ((True, True, True), 0.0),
        ((True, False, True), 2.0),
        ((True, False, False, True, True), 3.0),
        ((True, False, True, False, False, False, True), 4.0),
        ((True, False, False), 2.5),
        ((False, True), 1.0),
        ((False, False), 1.5),
    ],
)
def test_longest_outage(good: tuple[bool, ...], outage: float) -> None:
    assert lab.longest_outage(answers(*good)) == pytest.approx(outage)


def test_summary_counts_servers_and_reasons() -> None:
    timeout = lab.Answer(3.0, 1.0, None, "", "timeout")
    assert lab.summary([*answers(True, True, False), timeout]) == {
        "asked": 4,
        "failed": 2,
        "longest_outage": 3.0,
        "slowest": 1.0,
        "servers": {"web1": 2},
        "errors": {"status 503": 1, "timeout": 1},
    }


def inventory(tmp_path: Path, source: Path) -> dict[str, Any]:
    one = lab.Lab(**{**LAB.__dict__, "inventory": str(source), "directory": tmp_path / "lab"})
    plan: dict[str, Any] = lab.inventory_plan(one, [node("web1"), node("web2")], {"secret": "word"})
    return plan


def test_inventory_repeats_a_directory_and_adds_a_file_to_each_host(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "host_vars/web2").mkdir(parents=True)
    for file in (
        "hosts.yml",
        ".hidden",
        "host_vars/web1.yml",
        "host_vars/web2/own.yml",
        "host_vars/web11.yml",
    ):
        (source / file).touch()
    plan = inventory(tmp_path, source)
    assert plan["hosts.yml"] == source / "hosts.yml"
    assert plan["host_vars/web1/web1.yml"] == source / "host_vars/web1.yml"
    assert plan["host_vars/web2/own.yml"] == source / "host_vars/web2/own.yml"
    assert set(plan) == {
        "hosts.yml",
        "host_vars/web1/web1.yml",
        "host_vars/web1/zz_lab.json",
        "host_vars/web2/own.yml",
        "host_vars/web2/zz_lab.json",
    }
    assert '"ansible_host": "192.0.2.11"' in plan["host_vars/web1/zz_lab.json"]
    assert '"secret": "word"' in plan["host_vars/web1/zz_lab.json"]


def test_inventory_repeats_a_file_with_the_variables_beside_it(tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    for file in ("hosts.yml", "other.yml"):
        (tmp_path / file).touch()
    plan = inventory(tmp_path, tmp_path / "hosts.yml")
    assert plan["hosts.yml"] == tmp_path / "hosts.yml"
    assert plan["group_vars"] == tmp_path / "group_vars"
    assert "other.yml" not in plan
