"""With the example's group_vars, two clusters in one inventory are independent of each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

EXAMPLE = Path(__file__).parents[2] / "inventory" / "group_vars"
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
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(tree))
    variables = tmp_path / "group_vars"
    variables.mkdir()
    for file in EXAMPLE.iterdir():
        (variables / file.name).symlink_to(file)
    for cluster in ("shop", "news"):
        (variables / f"{cluster}.yml").write_text(f"haweb_cluster: {cluster}\n")
    return tmp_path


def values(inventory: Path, name: str) -> Any:
    """Name of a host -> the value of this variable."""
    loader = DataLoader()
    manager = InventoryManager(loader, [str(inventory)])
    variables = VariableManager(loader, manager)
    HostVars(manager, variables, loader)  # adds hostvars to the variables
    found = {}
    for host in manager.get_hosts():
        known = variables.get_vars(host=host)
        found[host.name] = Templar(loader=loader, variables=known).template(known[name])
    return found


def test_each_cluster_has_heartbeat_nodes_of_its_own(inventory: Path) -> None:
    for host, nodes in values(inventory, "haweb_nodes").items():
        cluster = host.partition("-")[0]
        assert list(nodes) == [f"{cluster}-director1", f"{cluster}-director2"]


def test_each_cluster_has_real_servers_of_its_own(inventory: Path) -> None:
    for host, (service,) in values(inventory, "haweb_services").items():
        cluster = host.partition("-")[0]
        assert service["real_servers"] == [address(cluster, "web1"), address(cluster, "web2")]
