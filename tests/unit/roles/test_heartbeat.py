"""The role heartbeat refuses keys with swapped fields without showing their content."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[3]
SECRET = "hunter2hunter2"
LOCAL = ("--inventory=localhost,", "--connection=local", f"-eansible_python_interpreter={sys.executable}")
PLAY = [
    {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {
                "ansible.builtin.import_role": {"name": "haweb.cluster.heartbeat", "tasks_from": "check"},
                "vars": {
                    "heartbeat_nodes": {"localhost": os.uname().nodename},
                    "heartbeat_addresses": ["192.168.0.105/24"],
                    "heartbeat_interface": "eth0",
                },
            }
        ],
    }
]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"heartbeat_keys": [{"id": 1, "method": SECRET, "secret": "sha1"}]},
            "method cannot be used: it must be one of",
        ),
        (
            {"haweb_heartbeat_keys": [{"id": 1, "method": SECRET, "secret": "sha1"}]},
            "method cannot be used: it must be one of",
        ),
        (
            {"haweb_heartbeat_keys": f"1 sha1 {SECRET}"},
            "they must be a list such as",
        ),
        (
            {"heartbeat_keys": [{"id": SECRET, "method": "sha1", "secret": 1}]},
            "id cannot be used: it must be a whole",
        ),
        (
            {"heartbeat_keys": [SECRET], "heartbeat_auth": 1},
            "it must be a dictionary of id, method and secret",
        ),
        ({"heartbeat_keys": {"id": 1, "secret": SECRET}, "heartbeat_auth": 1}, "they must be a list such as"),
        ({"heartbeat_keys": f"1 sha1 {SECRET}", "heartbeat_auth": 1}, "they must be a list such as"),
        (
            {"heartbeat_keys": [{"id": 1, "secret": 1}], "heartbeat_auth": SECRET},
            "auth cannot be used: it must be a whole",
        ),
        ({"heartbeat_keys": [{"id": 1, "secret": SECRET, SECRET: 1}]}, "it has an unknown word"),
    ],
)
def test_swapped_fields(tmp_path: Path, variables: dict[str, Any], sentence: str) -> None:
    playbook = tmp_path / "check.yml"
    playbook.write_text(yaml.safe_dump(PLAY))
    done = subprocess.run(
        ["ansible-playbook", "-v", *LOCAL, "-e", json.dumps(variables), playbook],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert sentence in " ".join(done.stdout.split())
    assert SECRET not in done.stdout
