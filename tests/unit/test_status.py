# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook `status` checks each cluster of an inventory, and needs the reports of all its nodes.

The nodes are this machine, on which no heartbeat runs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

STATUS = Path(__file__).parents[2] / "playbooks" / "operate" / "status.yml"
CLUSTERS = {"shop": ["shop1", "shop2"], "news": ["news1", "news2"]}


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    hosts = {
        host: {"haweb_nodes": dict(zip(nodes, nodes, strict=True))}
        for nodes in CLUSTERS.values()
        for host in nodes
    }
    variables = {
        "ansible_connection": "local",
        "ansible_become": False,
        "ansible_python_interpreter": sys.executable,
        "haweb_interface": "lo",
        "haweb_services": [],
    }
    found = tmp_path / "hosts.yml"
    found.write_text(
        yaml.safe_dump({"all": {"vars": variables, "children": {"balancers": {"hosts": hosts}}}})
    )
    return found


@pytest.mark.parametrize(
    ("limit", "asked", "not_asked"),
    [
        ("all", ["shop1", "shop2", "news1", "news2"], []),
        ("shop1", ["shop1"], ["shop2"]),
        ("shop1,news2", ["shop1", "news2"], ["shop2", "news1"]),
    ],
)
def test_each_cluster_is_judged(inventory: Path, limit: str, asked: list[str], not_asked: list[str]) -> None:
    done = subprocess.run(
        ["ansible-playbook", f"--inventory={inventory}", f"--limit={limit}", STATUS],
        cwd=STATUS.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    output = " ".join(done.stdout.split())
    assert done.returncode != 0
    assert [name for name in asked if f"{name}: heartbeat does not run" not in output] == [], done.stdout
    assert [name for name in not_asked if f"{name}: it has not reported" not in output] == [], done.stdout


def test_services_are_named_with_ldirectords_options(tmp_path: Path) -> None:
    """A service may depend on a global option: its own checkinterval needs fork."""
    variables = {
        "ansible_connection": "local",
        "ansible_become": False,
        "ansible_python_interpreter": sys.executable,
        "haweb_interface": "lo",
        "haweb_nodes": {"loadb1": "loadb1"},
        "haweb_services": [
            {
                "name": "www",
                "address": "192.0.2.5/24",
                "port": 80,
                "real_servers": ["192.0.2.1"],
                "checkinterval": 2,
            }
        ],
        "haweb_ldirectord_cf": {"fork": True},
    }
    hosts = {"all": {"vars": variables, "children": {"directors": {"hosts": {"loadb1": {}}}}}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(hosts))
    done = subprocess.run(
        ["ansible-playbook", f"--inventory={tmp_path / 'hosts.yml'}", STATUS],
        cwd=STATUS.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no working real server for 192.0.2.5:80" in " ".join(done.stdout.split()), done.stdout
