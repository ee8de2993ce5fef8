# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""No secret of an inventory is shown while a role checks its variables, wherever it stands.

Each case is a host with one secret in a right or wrong place. Its role is evaluated, and then one run of
Ansible with -vvv and --diff checks all hosts of which Ansible prints something itself.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

# Stands for the secret of a case.
SECRET = "SECRET"
# What a case says whose secret is in its right place.
RIGHT = ""
PROJECT = Path(__file__).parents[3]
KEY = f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n"
SERVICE: dict[str, Any] = {
    "name": "db",
    "address": "192.168.0.105/24",
    "port": 3306,
    "real_servers": ["192.168.0.101"],
    "service": "mysql",
    "login": "monitor",
    "passwd": "a password",
    "database": "test",
    "request": "SELECT 1",
}
HOST = {
    "haweb_address": "192.168.0.103",
    "haweb_interface": "eth7",
    "haweb_heartbeat_secret": "a-secret-of-heartbeat",
    "haweb_node_addresses": ["192.168.0.103", "192.168.0.104"],
    "haweb_services": [SERVICE],
    "haweb_members": [{"url": "http://192.168.0.101:80", "route": "web1"}],
}
# What Ansible adds.
MAGIC = {
    "ansible_check_mode": True,
    "ansible_diff_mode": True,
    "ansible_forks": 4,
    "ansible_play_batch": [],
}
MANAGER = {
    "haweb_balancer_manager": True,
    "haweb_balancer_manager_user": "admin",
    "haweb_balancer_manager_password": "a password",
}


def service(**change: Any) -> dict[str, Any]:
    return {"haweb_services": [SERVICE | change]}


def ha_cf(**directives: Any) -> dict[str, Any]:
    return {"haweb_ha_cf": directives}


def member(**change: Any) -> dict[str, Any]:
    return {"haweb_members": [{"url": "http://192.168.0.101:80", "route": "web1"} | change]}


# Role: what is set beside HOST, and a part of what the run says of it.
CASES: dict[str, list[tuple[dict[str, Any], str]]] = {
    "heartbeat": [
        # Right places.
        ({"haweb_heartbeat_secret": SECRET}, RIGHT),
        ({"heartbeat_secret": SECRET}, RIGHT),
        ({"haweb_heartbeat_keys": [{"id": 1, "secret": SECRET}]}, RIGHT),
        (ha_cf(stonith_host=f"* baytech 10.0.0.3 me {SECRET}"), RIGHT),
        # Wrong words.
        ({"haweb_heartbeat_secert": SECRET}, "did you mean haweb_heartbeat_secret"),
        ({"haweb_heartbeat_keys": [{"id": 1, "secert": SECRET}]}, "it has no secret"),
        ({"haweb_heartbeat_keys": [{"id": 1, "secret": "x", SECRET: 1}]}, "it has an unknown word"),
        (ha_cf(stonith_hots=f"* baytech 10.0.0.3 me {SECRET}"), "'stonith_hots' is unknown"),
        (ha_cf(**{f"stonith_host baytech {SECRET}": True}), "an option is unknown"),
        # Wrong types.
        ({"haweb_heartbeat_secret": [SECRET]}, "secret cannot be used: it must be text"),
        ({"haweb_heartbeat_secret": {"a": SECRET}}, "secret cannot be used: it must be text"),
        ({"haweb_heartbeat_secret": f"{SECRET} # for heartbeat"}, "secret cannot be used: it must"),
        ({"haweb_heartbeat_secret": f"{SECRET}\n"}, "secret cannot be used: it must"),
        ({"haweb_heartbeat_keys": SECRET}, "haweb_heartbeat_keys is text, but must be a list"),
        ({"heartbeat_keys": SECRET}, "they must be a list such as"),
        ({"haweb_heartbeat_keys": [SECRET]}, "haweb_heartbeat_keys has text as its number 1"),
        (
            {"heartbeat_keys": [[SECRET]], "heartbeat_auth": 1},
            "must be a dictionary of id, method and secret",
        ),
        ({"haweb_heartbeat_keys": [{"id": SECRET, "secret": "x"}]}, "id cannot be used"),
        ({"haweb_heartbeat_keys": [{"id": 1, "method": SECRET, "secret": "x"}]}, "method cannot be used"),
        ({"heartbeat_auth": SECRET}, "auth cannot be used"),
        ({"heartbeat_auth": [SECRET]}, "auth cannot be used"),
        (ha_cf(stonith_host={"baytech": SECRET}), "stonith_host cannot be used"),
        (ha_cf(stonith_host=[f"* baytech {SECRET} # x"]), "stonith_host cannot be used"),
        (ha_cf(stonith=f"baytech # {SECRET}"), "stonith cannot be used"),
        ({"haweb_ha_cf": f"stonith_host * baytech me {SECRET}"}, "haweb_ha_cf is text"),
        ({"heartbeat_ha_cf": f"stonith_host * baytech me {SECRET}"}, "heartbeat_ha_cf"),
        ({"heartbeat_ha_cf": [f"stonith_host * baytech me {SECRET}"]}, "heartbeat_ha_cf"),
        ({"heartbeat_ha_cf": f"stonith_host={SECRET}, keepalive={SECRET}"}, "must be a dictionary"),
        # A right secret beside something else that is wrong.
        ({"haweb_heartbeat_secret": SECRET, "haweb_interface": "eth 0"}, "single word"),
        (ha_cf(stonith_host=f"* baytech me {SECRET}", keepalive="soon"), "keepalive is 'soon'"),
        ({"haweb_heartbeat_secret": SECRET, "heartbeat_nodes": "x"}, "heartbeat_nodes"),
        ({"haweb_heartbeat_secret": SECRET, "heartbeat_wait": "soon"}, "heartbeat_wait"),
    ],
    "director": [
        (service(passwd=SECRET), RIGHT),
        (service(login=SECRET), RIGHT),
        (service(service="radius", port=1812, secret=SECRET), RIGHT),
        (service(passwd=None, check={"passwd": SECRET}), "passwd and check.passwd are the same option"),
        (service(passwrd=SECRET), "passwrd. Supported parameters include"),
        (service(check={"passwrd": SECRET}), "passwrd. Supported parameters include"),
        (service(ldirectord={"passwd": SECRET}), "passwd cannot stand here"),
        (service(**{f"passwd={SECRET}": True}), "an option without a name in its number 1"),
        (service(passwd=[SECRET]), "passwd cannot be used"),
        (service(passwd={"a": SECRET}), "passwd cannot be used"),
        (service(passwd=f'{SECRET}"'), RIGHT),
        (service(login=f"{SECRET}#"), "login cannot be used"),
        (service(secret=f"{SECRET}\n"), "secret cannot be used"),
        (service(check=f"passwd={SECRET} login=x,"), "check"),
        (service(check=[{"passwd": SECRET}]), "check"),
        (service(passwd=None, check={"passwd": [SECRET]}), "passwd"),
        (service(passwd=SECRET, port=0), "port is 0"),
        (service(passwd=SECRET, port="http"), "port"),
        (service(passwd=SECRET, real_servers="192.168.0.101"), "real_servers"),
        ({"haweb_services": f"name=db passwd={SECRET}"}, "haweb_services is text"),
        ({"director_services": f"name=db passwd={SECRET}"}, "director_services"),
        ({"director_services": [f"db passwd {SECRET}"]}, "director_services"),
        ({"haweb_services": [[f"passwd={SECRET}"]]}, "haweb_services has a list as its number 1"),
        (
            {"haweb_services": {"db": {"passwd": SECRET}}},
            "haweb_services is a dictionary, but must be a list of dictionaries",
        ),
        ({"director_services": {"db": {"passwd": SECRET}}}, "director_services"),
        (service(passwd=SECRET) | {"director_sync_id": "none"}, "director_sync_id"),
        ({"haweb_ldirectord_cf": {"passwd": SECRET}}, "passwd cannot stand here"),
        ({"haweb_ldirectord_cf": f"passwd={SECRET}"}, "haweb_ldirectord_cf is text"),
        ({"director_ldirectord_cf": f"passwd={SECRET}"}, "found"),
    ],
    "balancer": [
        (MANAGER | {"haweb_balancer_manager_password": [SECRET]}, "password cannot be used: it must be text"),
        (
            MANAGER | {"haweb_balancer_manager_password": {"a": SECRET}},
            "password cannot be used: it must be text",
        ),
        (MANAGER | {"haweb_balancer_manager_password": SECRET * 20}, "must have 72 bytes at most"),
        (MANAGER | {"haweb_balancer_manager_user": f"admin:{SECRET}"}, "user cannot be used"),
        (
            MANAGER | {"haweb_balancer_manager_pasword": SECRET},
            "did you mean haweb_balancer_manager_password",
        ),
        (
            MANAGER | {"haweb_balancer_manager_password": SECRET, "haweb_balancer_port": 0},
            "balancer_port is 0",
        ),
        ({"haweb_balancer_manager": SECRET}, "haweb_balancer_manager is text, but must be true or false"),
        ({"haweb_balancer_manager_password": SECRET, "haweb_balancer_port": 0}, "balancer_port is 0"),
        (member(secret=SECRET), "'secret' is unknown"),
        (member(secert=SECRET), "'secert' is unknown"),
        (member(url=f"http://admin:{SECRET}@192.168.0.101:80"), "url"),
        (member(url=f"ajp://192.168.0.101:8009 secret={SECRET}"), "url"),
        ({"haweb_members": f"url=http://a secret={SECRET}"}, "haweb_members is text"),
        ({"balancer_members": f"url=http://a secret={SECRET}"}, "its members are text, but must be a list"),
        ({"balancer_members": [f"http://a secret {SECRET}"]}, "balancer_members"),
        ({"haweb_member_options": {"secret": SECRET}}, "'secret' is unknown"),
        ({"balancer_member_options": f"secret={SECRET}"}, "member_options are"),
        ({"haweb_balancer_options": {"secret": SECRET}}, "unknown"),
        (
            {"balancer_options": f"secret={SECRET}"},
            "balancer_options cannot be used: it must be a dictionary",
        ),
        ({"haweb_tls_key": KEY}, "there is a key but no certificate"),
        ({"haweb_tls_key": [KEY]}, "balancer_tls_key"),
        ({"haweb_tls_key": {"pem": KEY}}, "balancer_tls_key"),
        ({"haweb_tls_certificate": KEY}, "the certificate has a block that is not a certificate"),
        ({"haweb_tls_certificate": [KEY]}, "balancer_tls_certificate"),
        ({"haweb_tls_certificate": KEY, "haweb_tls_port": "https"}, "balancer_tls_port"),
        ({"haweb_tls_kye": KEY}, "did you mean haweb_tls_key"),
    ],
    "webserver": [
        ({"haweb_webserver_tls_key": KEY}, "there is a key but no certificate"),
        ({"haweb_webserver_tls_key": [KEY]}, "webserver_tls_key"),
        ({"haweb_webserver_tls_certificate": KEY}, "the certificate has a block that is not a certificate"),
        ({"haweb_webserver_tls_certificate": {"pem": KEY}}, "webserver_tls_certificate"),
        ({"haweb_webserver_tls_key": KEY, "haweb_webserver_port": "http"}, "webserver_port"),
    ],
    "sorry_page": [
        ({"sorry_page_tls_key": KEY}, "there is a key but no certificate"),
        ({"sorry_page_tls_key": [KEY]}, "sorry_page_tls_key"),
        ({"sorry_page_tls_certificate": KEY}, "the certificate has a block that is not a certificate"),
        ({"sorry_page_tls_certificate": [KEY]}, "sorry_page_tls_certificate"),
        ({"haweb_tls_key": KEY, "sorry_page_ports": ["http"]}, "sorry_page_ports"),
    ],
}


def secret_of(host: str) -> str:
    """Return the secret of a case, in which no other text is contained."""
    return f"hunter2-{host.replace('_', '-')}-end"


def planted(value: Any, secret: str) -> Any:
    if isinstance(value, dict):
        return {planted(key, secret): planted(one, secret) for key, one in value.items()}
    if isinstance(value, list):
        return [planted(one, secret) for one in value]
    return value.replace(SECRET, secret) if isinstance(value, str) else value


HOSTS = {
    f"{role}_{number}": (role, *case)
    for role, cases in CASES.items()
    for number, case in enumerate(cases, start=1)
}
Answers = dict[str, dict[str, Any]]


def variables_of(host: str) -> dict[str, Any]:
    _role, change, _said = HOSTS[host]
    nodes = {host: os.uname().nodename, "loadb2": "loadb2"}
    found: dict[str, Any] = planted(HOST | {"haweb_nodes": nodes} | change, secret_of(host))
    return found


@pytest.fixture(scope="module")
def answers(ask_role: Callable[..., dict[str, Any]]) -> Answers:
    """Return what each host's role says of its variables."""
    return {
        host: ask_role(
            role=role,
            given="{}",
            path=(),
            value=yaml.safe_dump(MAGIC | variables_of(host) | {"inventory_hostname": host}),
        )
        for host, (role, _change, _said) in HOSTS.items()
    }


@pytest.mark.parametrize("host", [host for host, case in HOSTS.items() if case[-1] != RIGHT])
def test_sentence_has_no_secret(answers: Answers, host: str) -> None:
    sentences = " ".join(answers[host]["refused"])
    assert HOSTS[host][-1] in sentences
    assert secret_of(host) not in sentences


def of_ansible(answers: Answers) -> list[str]:
    """Return the hosts of which Ansible itself has something to print, and one of each role besides."""
    said = {host: " ".join(answer.get("refused", ())) for host, answer in answers.items()}
    ours = {
        host.partition("_")[0]: host
        for host, sentences in said.items()
        if not sentences.startswith("Ansible")
    }
    return sorted(
        {*ours.values(), *(host for host, one in said.items() if not one or one.startswith("Ansible"))}
    )


@dataclass(frozen=True)
class Run:
    hosts: list[str]
    output: str

    def failure(self, host: str) -> str:
        """Return what the run says of a host."""
        failed = rf"^fatal: \[{host}\].*?(?=^\S*(?:fatal|ok|changed|skipping|TASK|PLAY)\b|\Z)"
        said = re.findall(failed, self.output, re.MULTILINE | re.DOTALL)
        return " ".join(" ".join(said).split())


@pytest.fixture(scope="module")
def run(answers: Answers, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Check the roles of these hosts with Ansible, and show everything."""
    folder = tmp_path_factory.mktemp("secrets")
    hosts = of_ansible(answers)
    children: dict[str, Any] = {
        role: {"hosts": {host: variables_of(host) for host in hosts if HOSTS[host][0] == role}}
        for role in CASES
    }
    reach = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"vars": reach, "children": children}}))
    words = "{{ query('haweb.cluster.word_problems', inventory_hostname) }}"
    role = {"name": "haweb.cluster.{{ group_names | first }}", "tasks_from": "check"}
    tasks = [
        {
            "ansible.builtin.assert": {"that": "words == []", "fail_msg": "{{ words }}"},
            "vars": {"words": words},
        },
        {"ansible.builtin.include_role": role},
    ]
    play = {"hosts": "all", "gather_facts": False, "tasks": tasks}
    (folder / "play.yml").write_text(yaml.safe_dump([play]))
    done = subprocess.run(
        [
            *("ansible-playbook", "-vvv", "--diff", "--check", "--forks=4"),
            *(f"--inventory={folder / 'hosts.yml'}", folder / "play.yml"),
        ],
        cwd=PROJECT,
        env=os.environ | {"ANSIBLE_CALLBACK_RESULT_FORMAT": "json"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Run(hosts, done.stdout)


def test_no_secret_is_shown(run: Run) -> None:
    secrets = {secret_of(host) for host in run.hosts}
    assert [line[:300] for line in run.output.splitlines() if any(one in line for one in secrets)] == []


def test_every_host_is_refused(run: Run) -> None:
    """A run that reported nothing would prove nothing."""
    reported = {host: run.failure(host) for host in run.hosts}
    assert {host: one[:500] for host, one in reported.items() if expected(host) not in one} == {}


def expected(host: str) -> str:
    """Return a part of what a run says of a host; where the secret is right, its machine is refused."""
    role, _change, said = HOSTS[host]
    return said if said != RIGHT else {"heartbeat": "there is no interface eth7", "director": "IPVS"}[role]
