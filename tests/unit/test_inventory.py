# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of the inventory's variables in the roles, with the group_vars of the example.

Each case is a cluster of its own in one inventory, so that one run of Ansible serves all cases.
"""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.haweb.cluster.plugins.plugin_utils import _words

PROJECT = Path(__file__).parents[2]
HOSTS = {"webservers": ("web1", "web2"), "balancers": ("lb1", "lb2")}
ROLES = ("webserver", "balancer", "heartbeat", "real_server")
DEFAULTS = [PROJECT / "roles" / role / "defaults" / "main.yml" for role in ROLES]
OF_THE_LAB = PROJECT / "roles" / "lab" / "defaults" / "main.yml"
# Variable of a role, old name, name.
RENAMED = [
    ("webserver_heartbeat_address", "haweb_heartbeat_address", "haweb_apache_heartbeat_address"),
    ("balancer_heartbeat_listen", "haweb_heartbeat_listen", "haweb_apache_heartbeat_listen"),
]
A, B = "239.0.0.2:1", "239.0.0.3:1"
# Name of a case: what the group of the cluster says under the old and the new name, what web1 says, and what
# is valid; None if the two contradict each other.
OLD_NAMES: dict[str, tuple[dict[str, str], dict[str, str], str | None]] = {
    "old": ({"old": A}, {}, A),
    "new": ({"new": A}, {}, A),
    "old_of_the_host": ({}, {"old": A}, A),
    "equal": ({"old": A, "new": f"{{{{ '{A}' }}}}"}, {}, A),
    "equal_old_of_the_group": ({"old": A}, {"new": A}, A),
    "different": ({"old": A, "new": B}, {}, None),
    "different_old_of_the_group": ({"old": A}, {"new": B}, None),
    "different_old_of_the_host": ({"new": A}, {"old": B}, None),
}
OF_0_1 = {"haweb_heartbeat_secret": "secret", "haweb_heartbeat_address": A, "haweb_heartbeat_listen": A}
# Name of a case: another way to write OF_0_1.
SAME: dict[str, dict[str, Any]] = {
    "addresses": OF_0_1 | {"haweb_virtual_addresses": ["192.168.0.105/24"]},
    "keys": OF_0_1 | {"haweb_heartbeat_keys": [{"id": 1, "method": "sha1", "secret": "secret"}]},
    "apache": {
        "haweb_heartbeat_secret": "secret",
        "haweb_apache_heartbeat_address": A,
        "haweb_apache_heartbeat_listen": A,
    },
}
WHOLE_MEMBER = {"url": "http://192.168.0.101:81", "route": "one", "status": "+H"}
NEW_KEY, OLD_KEY = {"id": 2, "secret": "new"}, {"id": 1, "secret": "old"}
# Name of a case: variables of the cluster, and those of web1.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({}, {}),
    "of_0_1": (OF_0_1, {}),
    **{name: (said, {}) for name, said in SAME.items()},
    "no_services": (
        {"haweb_services": "{{ not_there }}", "haweb_virtual_addresses": ["192.168.0.106/24"]},
        {},
    ),
    "no_real_servers": (
        {"haweb_services": [{"address": "192.168.0.106/24", "real_servers": "{{ not_there }}"}]},
        {},
    ),
    "two_keys": ({"haweb_heartbeat_keys": [NEW_KEY, OLD_KEY]}, {}),
    "interface": ({"haweb_interface": "ens3"}, {}),
    "document_root": ({"haweb_document_root": "/srv/shop"}, {}),
    "port": ({"haweb_webserver_port": 8080}, {}),
    "port_of_a_host": ({}, {"haweb_webserver_port": 8080}),
    "node_name": ({"haweb_node_name": "{{ inventory_hostname }}.example.com"}, {}),
    "route": ({}, {"haweb_route": "one"}),
    "member": ({}, {"haweb_member": {"loadfactor": 3, "route": "one"}}),
    "whole_member": ({}, {"haweb_member": WHOLE_MEMBER}),
    "one_balancer": ({"haweb_balancers": ["one_balancer-lb1"]}, {}),
    "no_balancer": ({"haweb_balancers": [], "haweb_tls_certificate": "of all", "haweb_tls_key": "key"}, {}),
    "no_balancer_own": (
        {"haweb_balancers": [], "haweb_tls_certificate": "of all"},
        {"haweb_webserver_tls_certificate": "own"},
    ),
    "tls_behind_balancers": ({"haweb_tls_certificate": "of all", "haweb_tls_key": "key"}, {}),
    **{
        f"{name}_{old}": (
            {{"old": old, "new": new}[which]: value for which, value in in_group.items()},
            {{"old": old, "new": new}[which]: value for which, value in on_host.items()},
        )
        for name, (in_group, on_host, _valid) in OLD_NAMES.items()
        for _variable, old, new in RENAMED
    },
}


def names_of(defaults: Path) -> list[str]:
    return list(yaml.safe_load(defaults.read_text()))


def write(folder: Path) -> None:
    """Write an inventory of all cases."""
    children: dict[str, Any] = {group: {"hosts": {}} for group in HOSTS}
    variables = folder / "group_vars"
    variables.mkdir()
    for file in (PROJECT / "inventory" / "group_vars").iterdir():
        (variables / file.name).symlink_to(file)
    for case, (in_group, on_host) in CASES.items():
        for group, hosts in HOSTS.items():
            for host in hosts:
                address = f"192.168.0.10{sum(HOSTS.values(), ()).index(host) + 1}"
                own = on_host if host == "web1" else {}
                children[group]["hosts"][f"{case}-{host}"] = {"haweb_address": address, **own}
        children[case] = {"hosts": {f"{case}-{host}": {} for host in sum(HOSTS.values(), ())}}
        (variables / f"{case}.yml").write_text(yaml.safe_dump({"haweb_cluster": case, **in_group}))
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": children}}))


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what Ansible prints: a line for each case, and its warnings."""
    folder = tmp_path_factory.mktemp("inventory")
    write(folder)
    names = [name for defaults in DEFAULTS for name in names_of(defaults)]
    values = ", ".join(f"'{name}': {name}" for name in [*names, "lab_interfaces"])
    found = f"{{{values}, 'problems': query('haweb.cluster.word_problems', inventory_hostname)}}"
    show = f"CASE {{{{ inventory_hostname }}}} {{{{ {found} | to_json | b64encode }}}} END"
    play = {
        "hosts": "*-web1",
        "gather_facts": False,
        "vars_files": [str(defaults) for defaults in (*DEFAULTS, OF_THE_LAB)],
        "tasks": [
            {"ansible.builtin.import_role": {"name": "haweb.cluster.model"}},
            {"ansible.builtin.debug": {"msg": show}},
        ],
    }
    (folder / "play.yml").write_text(yaml.safe_dump([play]))
    done = subprocess.run(
        ["ansible-playbook", f"--inventory={folder / 'hosts.yml'}", folder / "play.yml"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return f"{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def values(output: str) -> dict[str, dict[str, Any]]:
    """Return the variables of the roles on web1, and the problems there, for each case."""
    lines = re.findall(r"CASE (\w+)-web1 (\S+) END", " ".join(output.split()))
    found = {case: json.loads(b64decode(text)) for case, text in lines}
    assert found.keys() == CASES.keys()
    return found


def test_every_old_name_has_a_row() -> None:
    assert {old: new for _variable, old, new in RENAMED} == _words.RENAMED


@pytest.mark.parametrize(("variable", "old", "new"), RENAMED)
@pytest.mark.parametrize("case", OLD_NAMES)
def test_old_name(values: dict[str, dict[str, Any]], case: str, variable: str, old: str, new: str) -> None:
    found, valid = values[f"{case}_{old}"], OLD_NAMES[case][-1]
    if valid is None:
        (problem,) = found["problems"]
        assert problem.startswith(f"{case}_{old}-web1: {old} and {new} are set to different values")
        assert "239" not in problem
    else:
        assert found["problems"] == []
        assert found[variable] == valid


def test_warning_of_each_old_name_comes_once_and_names_the_release(output: str) -> None:
    text = " ".join(output.split())
    for _variable, old, new in RENAMED:
        sentence = f"The variable {old} of the inventory is now {new}. Rename it."
        assert text.count(sentence) == 1
        rest = text.partition(sentence)[-1][:100]
        assert f"version {_words.OLD_NAMES_END}" in rest


def test_new_variables_give_the_roles_what_the_old_ones_gave(values: dict[str, dict[str, Any]]) -> None:
    old = values["of_0_1"]
    assert old["heartbeat_addresses"] == old["real_server_addresses"] == ["192.168.0.105/24"]
    assert old["heartbeat_keys"] == [{"id": 1, "method": "sha1", "secret": "secret"}]
    assert old["webserver_heartbeat_address"] == old["balancer_heartbeat_listen"] == A
    for case in SAME:
        assert json.loads(json.dumps(values[case]).replace(f"{case}-", "of_0_1-")) == old


@pytest.mark.parametrize(
    ("case", "variable", "value"),
    [
        ("nothing", "webserver_heartbeat_address", ""),
        ("nothing", "balancer_heartbeat_listen", "239.0.0.1:27999"),
        ("nothing", "heartbeat_keys", [{"id": 1, "method": "sha1", "secret": ""}]),
        ("no_services", "heartbeat_addresses", ["192.168.0.106/24"]),
        ("no_services", "real_server_addresses", ["192.168.0.106/24"]),
        ("no_real_servers", "heartbeat_addresses", ["192.168.0.106/24"]),
        ("nothing", "webserver_document_root", "/var/www"),
        ("document_root", "webserver_document_root", "/srv/shop"),
        ("interface", "lab_interfaces", [{"name": "ens3", "address": "192.168.0.101/24"}]),
        # The first one signs.
        ("two_keys", "heartbeat_keys", [NEW_KEY, OLD_KEY]),
        ("two_keys", "heartbeat_auth", NEW_KEY["id"]),
        ("nothing", "heartbeat_nodes", {"nothing-lb1": "nothing-lb1", "nothing-lb2": "nothing-lb2"}),
        ("nothing", "heartbeat_node_addresses", ["192.168.0.103", "192.168.0.104"]),
        ("nothing", "heartbeat_interface", "eth0"),
        ("nothing", "webserver_route", "nothing-web1"),
        ("nothing", "balancer_manager", False),
        (
            "node_name",
            "heartbeat_nodes",
            {f"node_name-{host}": f"node_name-{host}.example.com" for host in ("lb1", "lb2")},
        ),
        ("one_balancer", "heartbeat_nodes", {}),
        # Sessions stay only where the cookie has the route of the member.
        ("route", "webserver_route", "one"),
        ("member", "webserver_route", "one"),
        ("whole_member", "webserver_route", "one"),
        ("no_balancer", "webserver_route", ""),
        ("no_balancer", "webserver_tls_certificate", "of all"),
        ("no_balancer", "webserver_tls_key", "key"),
        ("no_balancer_own", "webserver_tls_certificate", "own"),
        ("tls_behind_balancers", "webserver_tls_certificate", ""),
        ("tls_behind_balancers", "webserver_tls_key", ""),
        ("tls_behind_balancers", "balancer_tls_certificate", "of all"),
    ],
)
def test_value(values: dict[str, dict[str, Any]], case: str, variable: str, value: object) -> None:
    assert values[case][variable] == value


@pytest.mark.parametrize(
    ("case", "ports"), [("nothing", (80, 80)), ("port", (8080, 8080)), ("port_of_a_host", (8080, 80))]
)
def test_url_of_a_member_has_the_port_of_its_web_server(
    values: dict[str, dict[str, Any]], case: str, ports: tuple[int, int]
) -> None:
    assert [member["url"] for member in values[case]["balancer_members"]] == [
        f"http://192.168.0.10{number}:{port}" for number, port in enumerate(ports, start=1)
    ]


@pytest.mark.parametrize(
    ("case", "member"),
    [
        ("nothing", {"url": "http://192.168.0.101:80", "route": "nothing-web1"}),
        ("route", {"url": "http://192.168.0.101:80", "route": "one"}),
        ("member", {"url": "http://192.168.0.101:80", "route": "one", "loadfactor": 3}),
        ("whole_member", WHOLE_MEMBER),
    ],
)
def test_member(values: dict[str, dict[str, Any]], case: str, member: dict[str, object]) -> None:
    assert values[case]["balancer_members"][0] == member
