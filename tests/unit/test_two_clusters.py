"""With the example's group_vars, two clusters in one inventory are independent of each other."""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
EXAMPLE = PROJECT / "inventory" / "group_vars"
SHOWN = "{'haweb_nodes': haweb_nodes, 'haweb_services': haweb_services}"
PLAY = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.import_role": {"name": "haweb.cluster.model"}},
            {
                "ansible.builtin.debug": {
                    "msg": f"HOST {{{{ inventory_hostname }}}} {{{{ {SHOWN} | to_json | b64encode }}}} END"
                }
            },
        ],
    }
]
ADDRESSES = {"web1": 1, "web2": 2, "director1": 3, "director2": 4}


def address(cluster: str, name: str) -> str:
    return f"10.0.{('shop', 'news').index(cluster)}.{ADDRESSES[name]}"


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Two groups, shop and news. Each has hosts of all roles."""
    hosts = {
        f"{cluster}-{name}": {"haweb_address": address(cluster, name)}
        for cluster in ("shop", "news")
        for name in ADDRESSES
    }
    groups = {
        "webservers": {name: given for name, given in hosts.items() if "web" in name},
        "directors": {name: given for name, given in hosts.items() if "director" in name},
        "shop": {name: {} for name in hosts if name.startswith("shop")},
        "news": {name: {} for name in hosts if name.startswith("news")},
    }
    tree = {"all": {"children": {name: {"hosts": members} for name, members in groups.items()}}}
    folder = tmp_path / "inventory"
    variables = folder / "group_vars"
    variables.mkdir(parents=True)
    (folder / "hosts.yml").write_text(yaml.safe_dump(tree))
    for file in EXAMPLE.iterdir():
        (variables / file.name).symlink_to(file)
    for cluster in ("shop", "news"):
        (variables / f"{cluster}.yml").write_text(f"haweb_cluster: {cluster}\n")
    return folder


def values(inventory: Path, name: str) -> Any:
    """Name of a host -> the value of this variable."""
    (inventory.parent / "play.yml").write_text(yaml.safe_dump(PLAY))
    done = subprocess.run(
        ["ansible-playbook", f"--inventory={inventory}", inventory.parent / "play.yml"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    lines = re.findall(r"HOST (\S+) (\S+) END", " ".join(done.stdout.split()))
    found = {host: json.loads(b64decode(text))[name] for host, text in lines}
    assert len(found) == len(ADDRESSES) * 2
    return found


def test_each_cluster_has_heartbeat_nodes_of_its_own(inventory: Path) -> None:
    for host, nodes in values(inventory, "haweb_nodes").items():
        cluster = host.partition("-")[0]
        assert list(nodes) == [f"{cluster}-director1", f"{cluster}-director2"]


def test_each_cluster_has_real_servers_of_its_own(inventory: Path) -> None:
    for host, (service,) in values(inventory, "haweb_services").items():
        cluster = host.partition("-")[0]
        assert service["real_servers"] == [address(cluster, "web1"), address(cluster, "web2")]
