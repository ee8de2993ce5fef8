"""The description of a lab, as the role writes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from haweb_lab.description import Interface, Lab, Node
from haweb_lab.errors import LabError
from testbed.lab_sample import ETH0, ETH1, LAB, node


def write(directory: Path, *names: str) -> Lab:
    described = {
        "name": "test",
        "network": "192.0.2.0/25",
        "host_address": "192.0.2.1",
        "client_address": "192.0.2.2",
        "keys": "/keys",
        "inventory": "/inventory",
        "secrets": ["one"],
    }
    (directory / "lab.json").write_text(json.dumps(described))
    (directory / "nodes").mkdir()
    for name in names:
        one = {
            "name": name,
            "hostname": name,
            "memory": "256",
            "image": "/base",
            "preload": "",
            "interfaces": [ETH0],
        }
        (directory / f"nodes/{name}.json").write_text(json.dumps(one))
    return Lab.read(directory)


def test_a_lab_is_read_with_its_nodes(tmp_path: Path) -> None:
    lab = write(tmp_path, "web2", "web1")
    assert (lab.directory, lab.secrets) == (tmp_path, ("one",))
    assert list(lab.nodes()) == ["web1", "web2"]
    assert lab.nodes()["web1"] == Node("web1", "web1", 256, "/base", (Interface("eth0", "192.0.2.11/24"),))


def test_no_lab(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=f"There is no lab in {tmp_path}: lab.json is missing"):
        Lab.read(tmp_path)


def test_chosen_nodes_come_in_the_order_of_the_command(tmp_path: Path) -> None:
    lab = write(tmp_path, "web1", "web2")
    assert [node.name for node in lab.chosen(["web2", "web1"])] == ["web2", "web1"]
    with pytest.raises(LabError, match=r"web3 is not a node of lab test\. Its nodes are: web1, web2"):
        lab.chosen(["web1", "web3"])


def test_places_and_names() -> None:
    assert (LAB.namespace, LAB.client_namespace) == ("haweb-test", "haweb-test-client")
    assert LAB.run == Path("/run/haweb/test")
    assert LAB.console(node()) == Path("/labs/test/consoles/web1.log")
    assert LAB.on_lan("192.0.2.1") == "192.0.2.1/24"


def test_a_nodes_address_is_that_of_its_first_card() -> None:
    assert node("web1", ETH1, ETH0).address == "10.0.0.1"
