"""A secret that Ansible Vault has encrypted may be inside lists and dictionaries of the inventory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).parents[3] / "roles"
KEY = "the-key-of-heartbeat"
PASSWORD = "the-password-of-a-check"
# ansible-core 2.22 hides each value of a no_log option in all output, including the number of a key.
SHOWN = "host 1 of 15"
LOCAL = ("--inventory=localhost,", "--connection=local", f"-eansible_python_interpreter={sys.executable}")
VARIABLES = """
haweb_interface: eth0
haweb_nodes: {{loadb1: loadb1, loadb2: loadb2}}
haweb_services:
  - name: database
    address: 192.168.0.105/24
    port: 3306
    real_servers: [192.168.0.101]
    service: mysql
    login: monitor
    database: test
    request: SELECT 1
    passwd: {password}
{keys}:
  - id: 1
    secret: {key}
"""


def encrypted(secret: str, password_file: Path) -> str:
    """Return the secret as a YAML value, indented more than any of VARIABLES."""
    done = subprocess.run(
        ["ansible-vault", "encrypt_string", f"--vault-password-file={password_file}", secret],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.rstrip()


def play(role: str, problems: str, template: str, target: Path) -> list[dict[str, Any]]:
    """Return a play that checks a role's variables as the role does, and renders a file from them."""
    own = [ROLES / role / place / "main.yml" for place in ("defaults", "vars")]
    # The role depends on the model.
    places = [ROLES / "model" / "defaults" / "main.yml", *own]
    specs = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text())
    options = specs["argument_specs"]["main"]["options"]
    values = {name: f"{{{{ {name} }}}}" for name in yaml.safe_load(own[0].read_text())}
    tasks = [
        {
            "ansible.builtin.validate_argument_spec": {
                "argument_spec": options,
                "provided_arguments": values,
            }
        },
        {"ansible.builtin.debug": {"msg": SHOWN}},
        {"ansible.builtin.assert": {"that": f"{problems} == []", "fail_msg": f"{{{{ {problems} }}}}"}},
        {
            "ansible.builtin.template": {
                "src": str(ROLES / role / "templates" / template),
                "dest": str(target),
            }
        },
    ]
    return [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "vars_files": [str(place) for place in places],
            "tasks": tasks,
        }
    ]


@pytest.mark.parametrize(
    ("keys", "role", "problems", "template", "line"),
    [
        ("heartbeat_keys", "heartbeat", "__heartbeat_problems", "authkeys.j2", f"1 sha1 {KEY}"),
        ("haweb_heartbeat_keys", "heartbeat", "__heartbeat_problems", "authkeys.j2", f"1 sha1 {KEY}"),
        (
            "heartbeat_keys",
            "director",
            "director_services | haweb.cluster.ldirectord_problems",
            "ldirectord.cf.j2",
            f'passwd="{PASSWORD}"',
        ),
    ],
)
def test_encrypted_secret(
    tmp_path: Path, keys: str, role: str, problems: str, template: str, line: str
) -> None:
    password_file, variables, playbook = (tmp_path / name for name in ("password", "vars.yml", "play.yml"))
    password_file.write_text("the password of the vault")
    variables.write_text(
        VARIABLES.format(
            keys=keys, password=encrypted(PASSWORD, password_file), key=encrypted(KEY, password_file)
        )
    )
    target = tmp_path / "target"
    playbook.write_text(yaml.safe_dump(play(role, problems, template, target)))
    done = subprocess.run(
        [
            *("ansible-playbook", "-vvv", *LOCAL, f"--extra-vars=@{variables}"),
            *(f"--vault-password-file={password_file}", playbook),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert SHOWN in done.stdout
    assert KEY not in done.stdout
    assert PASSWORD not in done.stdout
    assert line in [written.strip() for written in target.read_text().splitlines()]
