"""The meaning of a node's output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from testbed.lab import Lab
from testbed.nodes import holders, takes, used, weights

TABLE = """\
-A -t 192.168.0.105:80 -s mh -b mh-port
-a -t 192.168.0.105:80 -r 192.168.0.101:80 -g -w 1
-a -t 192.168.0.105:80 -r 192.168.0.102:80 -g -w 0
-A -f 7 -s rr -p 600
-a -f 7 -r 192.168.0.101:443 -g -w 3
"""
TAKEN = """\
filter protocol ip pref 1 flower chain 0 handle 0x1
  dst_mac 02:00:c0:a8:00:69
  dst_ip 192.168.0.105
"""


def test_weights_of_one_service() -> None:
    assert weights(TABLE, "192.168.0.105:80") == {"192.168.0.101": 1, "192.168.0.102": 0}
    assert weights(TABLE, "7") == {"192.168.0.101": 3}


def test_weights_of_all_services() -> None:
    assert weights(TABLE) == {"192.168.0.101": 3, "192.168.0.102": 0}


def test_table_without_real_servers() -> None:
    assert weights("-A -t 192.168.0.105:80 -s rr\n") == {}


def test_real_server_of_weight_0_receives_nothing() -> None:
    assert used({"192.168.0.101": 1, "192.168.0.102": 0}) == {"192.168.0.101"}


@pytest.mark.parametrize(("address", "expected"), [("192.168.0.105", True), ("192.168.0.106", False)])
def test_packets_that_a_director_takes(address: str, expected: bool) -> None:
    assert takes(TAKEN, address) is expected


def test_node_without_power_is_not_asked(tmp_path: Path) -> None:
    lab = tmp_path / "lab"
    states = {"a": "running", "b": "off", "c": "running"}
    rows = [{"node": node, "state": state} for node, state in states.items()]
    lab.write_text(f"#!/bin/sh\necho '{json.dumps(rows)}'\n")
    lab.chmod(0o755)
    shown = {"a": "2: eth0    inet 192.168.0.105/24", "c": ""}
    assert holders(Lab(tmp_path), states, "192.168.0.105", lambda node, _command: shown[node]) == ["a"]
