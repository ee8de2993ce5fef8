# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The errors of the playbooks about an inventory, before they connect to any host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

SITE = Path(__file__).parents[2] / "site.yml"


@pytest.mark.parametrize(
    ("groups", "empty"),
    [
        ({"webservers": ["w1"], "directors": []}, "directors or balancers"),
        ({"webservers": [], "directors": ["d1", "d2"]}, "webservers"),
        ({"balancers": ["b1"]}, "webservers"),
        ({"webservers": ["w1"]}, "directors or balancers"),
    ],
)
def test_a_group_without_hosts(tmp_path: Path, groups: dict[str, list[str]], empty: str) -> None:
    said = refused(tmp_path, groups)
    assert f"There is no host in {empty}, but a cluster needs" in said
    assert "changed=0" in said


@pytest.mark.parametrize(
    ("groups", "sentences"),
    [
        (
            {"webservers": ["w1", "app"], "balancers": ["app", "b1"]},
            ["app: this host is in the groups webservers and balancers"],
        ),
        (
            {"webservers": ["w1", "app"], "directors": ["app", "d1"]},
            ["app: this host is in the groups webservers and directors"],
        ),
        (
            {"webservers": ["w1"], "balancers": ["app", "b1"], "directors": ["app", "d1"]},
            ["app: this host is in the groups balancers and directors"],
        ),
        (
            {"webservers": ["a", "b", "c"], "balancers": ["a", "b"], "directors": ["a"]},
            [
                "a: this host is in the groups webservers and balancers and directors",
                "b: this host is in the groups webservers and balancers",
            ],
        ),
    ],
)
@pytest.mark.parametrize("options", [(), ("--limit=w1:c:!app",)])
def test_a_host_with_two_roles(
    tmp_path: Path, groups: dict[str, list[str]], sentences: list[str], options: tuple[str, ...]
) -> None:
    said = refused(tmp_path, groups, *options)
    for sentence in sentences:
        assert f"{sentence}, but these roles undo each other" in said
    assert "changed=0" in said


def test_a_host_that_serves_in_one_cluster_and_balances_in_another(tmp_path: Path) -> None:
    groups = {
        "webservers": ["w1", "app"],
        "balancers": ["b1", "app"],
        "shop": ["w1", "app"],
        "news": ["b1", "app"],
    }
    assert "app: this host is in the groups webservers and balancers" in refused(tmp_path, groups)


def test_hosts_of_their_own(tmp_path: Path) -> None:
    said = refused(tmp_path, {"webservers": ["w1"], "balancers": ["b1"], "directors": ["d1", "d2"]})
    assert "undo each other" not in said


def test_three_balancers_without_directors(tmp_path: Path) -> None:
    """With the example's variables heartbeat would have to keep the address on one of three hosts."""
    balancers = {
        name: {"haweb_address": f"192.168.0.12{number}"} for number, name in enumerate(["b1", "b2", "b3"])
    }
    children = {
        "webservers": {"hosts": {"w1": {"haweb_address": "192.168.0.101"}}},
        "balancers": {"hosts": balancers},
    }
    reach = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "ansible_become": False,
    }
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"all": {"vars": reach, "children": children}}), encoding="utf-8")
    (tmp_path / "group_vars").symlink_to(SITE.parent / "inventory" / "group_vars")
    nodes = {"b1": os.uname().nodename, "b2": "b2", "b3": "b3"}
    said = run(inventory, "--limit=w1:b1", f"--extra-vars={json.dumps({'haweb_nodes': nodes})}")
    assert "heartbeat's nodes: there are 3, but " in said
    assert "changed=0" in said


def test_address_of_a_service_that_is_not_among_the_virtual_addresses(tmp_path: Path) -> None:
    given = {
        "haweb_services": [{"address": "192.168.0.105/24"}, {"address": "192.168.0.106/24"}],
        "haweb_virtual_addresses": ["192.168.0.105/24", "192.168.0.106/16"],
    }
    groups = {"webservers": ["w1"], "directors": ["d1", "d2"]}
    said = refused(tmp_path, groups, f"--extra-vars={json.dumps(given)}")
    assert "w1: haweb_services has 192.168.0.106/24, but haweb_virtual_addresses does not" in said
    assert "changed=0" in said


@pytest.mark.parametrize("name", ["haweb_tls_certificate", "haweb_webserver_tls_certificate"])
def test_certificate_that_nobody_uses(tmp_path: Path, name: str) -> None:
    groups = {"webservers": ["w1"], "directors": ["d1", "d2"]}
    given = {name: "a certificate", "webserver_tls_certificate": ""}
    said = refused(tmp_path, groups, f"--extra-vars={json.dumps(given)}")
    assert f"d1: {name} is set, but nobody uses it: TLS ends on the web servers w1, which" in said
    assert "a certificate" not in said
    assert "changed=0" in said


def refused(tmp_path: Path, groups: dict[str, list[str]], *options: str) -> str:
    """Run site.yml with an inventory that it must refuse, and return its output.

    If it does not refuse, the run ends at hosts that are not reachable.
    """
    inventory = tmp_path / "hosts.yml"
    children = {group: {"hosts": dict.fromkeys(hosts)} for group, hosts in groups.items()}
    reach = {"ansible_connection": "ssh", "ansible_host": "unreachable.invalid"}
    inventory.write_text(yaml.safe_dump({"all": {"vars": reach, "children": children}}), encoding="utf-8")
    return run(inventory, *options)


def run(inventory: Path, *options: str) -> str:
    done = subprocess.run(
        ["ansible-playbook", f"--inventory={inventory}", *options, SITE],
        cwd=SITE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    return " ".join(done.stdout.split())
