# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the playbooks say of an inventory before they look at any host."""

from __future__ import annotations

import subprocess
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
    inventory = tmp_path / "hosts.yml"
    children = {group: {"hosts": dict.fromkeys(hosts)} for group, hosts in groups.items()}
    inventory.write_text(yaml.safe_dump({"all": {"children": children}}), encoding="utf-8")
    done = subprocess.run(
        ["ansible-playbook", f"--inventory={inventory}", SITE],
        cwd=SITE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert f"There is no host in {empty}, but a cluster needs" in " ".join(done.stdout.split())
    assert "changed=0" in done.stdout
