"""Each block of README, docs and the roles' READMEs works in an empty folder with the installed collection.

A block without an entry in BLOCKS fails. Its entry names the frame in which a reader would use it.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from haweb_lab import arguments
from testbed.certificates import key_and_certificate

PROJECT = Path(__file__).parents[2]
FENCE = re.compile(r"^ *```(.*?)\n(.*?)^ *```$", re.M | re.S)
COMMENT = re.compile(r"\s+#.*")
LONGEST_FIRST = 60
ADDRESSES = {"webserver1": 101, "webserver2": 102, "loadb1": 103, "loadb2": 104, "b1": 111, "b2": 112}
WEB_SERVERS = ("webserver1", "webserver2")

# Groups and their hosts, by the names of docs/sessions.md.
DIRECTORS = {"webservers": WEB_SERVERS, "directors": ("loadb1", "loadb2")}
BALANCERS = {"webservers": WEB_SERVERS, "balancers": ("loadb1", "loadb2")}
ALL_THREE = {**DIRECTORS, "balancers": ("b1", "b2")}

MODEL = "haweb_interface: eth0"
MARK = "haweb_services:"
PRIVATE_KEY, CERTIFICATE = key_and_certificate("www.example.com")
SECRETS = {
    "vault_secret": "secret-of-the-nodes",
    "vault_manager_password": "another one",
    "vault_www_key": PRIVATE_KEY,
}


@dataclass(frozen=True)
class Words:
    """Variables of the inventory.

    under: the blocks over which this one stands, by their first lines.
    rest_as_before: whether its services have what it does not say from those below.
    shows: host -> texts that must be in what the roles write there; a text may begin with ! for its absence.
    """

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: DIRECTORS)
    under: tuple[str, ...] = (MODEL,)
    rest_as_before: bool = False
    shows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Plays:
    """A playbook: its hosts are a group of this name."""

    shows: tuple[str, ...]


@dataclass(frozen=True)
class Commands:
    """Lines for a shell."""


@dataclass(frozen=True)
class LabCommand:
    """A command of the lab after a $, and what it prints."""


@dataclass(frozen=True)
class LabWords:
    """Variables of the role lab."""


@dataclass(frozen=True)
class Picture:
    """A drawing, which nobody runs."""


Entry = Words | Plays | Commands | LabCommand | LabWords | Picture

SESSIONS, FAILOVER, LAB = "docs/sessions.md", "docs/failover.md", "docs/lab.md"
# File and first line of each block.
BLOCKS: dict[tuple[str, str], Entry] = {
    ("README.md", "clients"): Picture(),
    ("README.md", "make demo"): Commands(),
    ("README.md", "ansible-galaxy collection install haweb.cluster"): Commands(),
    ("README.md", "- hosts: directors"): Plays(
        shows=("virtual=203.0.113.10:80", "real=203.0.113.22:80 gate")
    ),
    ("README.md", MODEL): Words(
        under=(),
        shows={
            "webserver1": ("192.168.0.105", "!SSLEngine", "!BALANCEID"),
            "loadb1": ("virtual=192.168.0.105:80", "real=192.168.0.102:80 gate", "node loadb1"),
        },
    ),
    (FAILOVER, "haweb_active: both"): Words(rest_as_before=True, shows={"loadb1": ("scheduler=mh",)}),
    (FAILOVER, "┌── loadb1 ── mh: webserver2 ──┐"): Picture(),
    (FAILOVER, "ansible-playbook haweb.cluster.operate.switch -i inventory"): Commands(),
    (FAILOVER, "haweb_ha_cf:"): Words(shows={"loadb1": ("bcast eth1", "ping 192.168.0.1", "ipfail")}),
    (FAILOVER, "haweb_ha_cf: {keepalive: 100ms, deadtime: 600ms}"): Words(
        shows={"loadb1": ("keepalive 100ms", "deadtime 600ms")}
    ),
    (
        LAB,
        "this machine namespace haweb-NAME namespace haweb-NAME-clien",
    ): (Picture()),
    (LAB, "ansible-playbook haweb.cluster.lab -i inventory"): Commands(),
    (LAB, "ansible -i ~/.cache/haweb/lab/haweb/inventory all -m ping"): Commands(),
    (LAB, "$ lab ask http://192.168.0.101/ --for 8s"): LabCommand(),
    (LAB, "lab_hostname: loadb1.example.com"): LabWords(),
    (
        SESSIONS,
        "webservers, directors clients -> virtual address on a direct",
    ): (Picture()),
    (SESSIONS, MARK): Words(shows={"loadb1": ("virtual=1", "real=192.168.0.102 gate", "persistent=300")}),
    (
        SESSIONS,
        "haweb_sticky_cookie: {domain: .example.com, lifetime: 60, pa",
    ): Words(
        groups=BALANCERS,
        more={"haweb_server_name": "www.example.com"},
        shows={
            "webserver1": ("CO=;BALANCEID;balancer.webserver1;.example.com;60;/;1;",),
            "loadb1": ("lbmethod=bybusyness", "http://192.168.0.102:80 route=webserver2", "retry=5"),
        },
    ),
    (SESSIONS, "haweb_balancer_options: {lbmethod: byrequests}"): Words(
        groups=ALL_THREE,
        # Not on each of them, or nobody would serve.
        more={"haweb_member": {"loadfactor": 3, "status": "+H"}},
        shows={
            "webserver1": ("balancer.webserver1", "!192.168.0.105"),
            "b1": ("http://192.168.0.101:80 route=webserver1 loadfactor=3 status=+H", "192.168.0.105"),
        },
    ),
    (SESSIONS, "haweb_balancer_manager: true"): Words(
        groups=BALANCERS, shows={"loadb2": ("Require ip 192.168.0.0/24", "Require user admin")}
    ),
    (
        SESSIONS,
        "haweb_tls_certificate: \"{{ lookup('ansible.builtin.file', in",
    ): (
        Words(
            under=(MODEL, MARK),
            shows={"webserver1": ("SSLEngine On", "<VirtualHost *:443>"), "loadb1": ("SSLEngine On",)},
        )
    ),
    ("roles/apache/README.md", "- name: Serve a site that is described elsewhere"): Plays(
        shows=("SSLProtocol -all +TLSv1.2 +TLSv1.3",)
    ),
    (
        "roles/balancer/README.md",
        "- name: Spread requests over two web servers, which set the",
    ): (Plays(shows=("BalancerMember http://198.51.100.102:8080 route=http2",))),
    ("roles/director/README.md", "- name: Hand packets for one address over to two web servers"): Plays(
        shows=("virtual=198.51.100.105:80", "real=198.51.100.102:80 gate")
    ),
    ("roles/heartbeat/README.md", "- name: Keep an address on exactly one of two hosts"): Plays(
        shows=("node node2", "198.51.100.105/24")
    ),
    ("roles/lab/README.md", "- name: Create the lab"): Plays(shows=()),
    ("roles/real_server/README.md", "- name: Accept packets that directors hand over"): Plays(
        shows=("198.51.100.105",)
    ),
    ("roles/sorry_page/README.md", "- name: Tell clients when to come again"): Plays(
        shows=("<VirtualHost *:80>",)
    ),
    ("roles/webserver/README.md", "- name: Serve a site"): Plays(shows=("ServerName www.example.com",)),
}


@dataclass(frozen=True)
class Block:
    file: str
    text: str

    @property
    def first(self) -> str:
        """Return what identifies it in its file: the beginning of the first line, without the comment."""
        line = COMMENT.sub("", self.text.split("\n")[0])
        return " ".join(line.split())[:LONGEST_FIRST].strip()

    @property
    def entry(self) -> Entry | None:
        return BLOCKS.get((self.file, self.first))


def blocks(root: Path) -> Iterator[Block]:
    for file in (
        root / "README.md",
        *sorted(root.glob("docs/*.md")),
        *sorted(root.glob("roles/*/README.md")),
    ):
        for kind, text in FENCE.findall(file.read_text()):
            if not kind.startswith("{"):
                yield Block(file.relative_to(root).as_posix(), text)


FOUND = list(blocks(PROJECT))


def named(block: Block) -> str:
    return f"{block.file}-{block.first[:40]}"


def of(kind: type[Any]) -> list[Block]:
    return [block for block in FOUND if isinstance(block.entry, kind)]


def parametrize(kind: type[Any]) -> Any:
    return pytest.mark.parametrize("block", of(kind), ids=named)


def test_each_block_has_an_entry_and_each_entry_a_block() -> None:
    assert [(block.file, block.first) for block in FOUND] == list(
        dict.fromkeys((block.file, block.first) for block in FOUND)
    )
    assert {(block.file, block.first) for block in FOUND} == set(BLOCKS)


def test_artifact_has_the_same_blocks(elsewhere: Any) -> None:
    assert list(blocks(elsewhere.collection)) == FOUND


# --- what the roles would write ---

# Role -> the groups that have it in the playbooks, and on which of their hosts.
ROLES = {
    "webserver": ("webservers", "true"),
    "real_server": ("webservers:balancers", "inventory_hostname in haweb_real_servers"),
    "balancer": ("balancers", "true"),
    "sorry_page": ("directors", "sorry_page_ports | length > 0"),
    "director": ("directors", "true"),
    "heartbeat": ("directors:balancers", "inventory_hostname in haweb_nodes"),
}
# Role -> what finds its problems.
PROBLEMS = {
    "apache": "[]",
    "webserver": "__webserver_problems",
    "real_server": "[]",
    "balancer": "__balancer_problems",
    "sorry_page": "sorry_page_tls_certificate | haweb.cluster.tls_problems(sorry_page_tls_key)",
    "director": (
        "director_services | haweb.cluster.ldirectord_problems(director_ldirectord_cf, director_active)"
    ),
    "heartbeat": "__heartbeat_problems",
}
WORD_PROBLEMS = (
    "query('haweb.cluster.word_problems', inventory_hostname)"
    " + (hostvars | haweb.cluster.certificate_problems(groups))"
)
# Templates that only some variables need.
TEMPLATE_CONDITIONS = {
    "htpasswd.j2": "balancer_manager | bool",
    "haweb-marks.rules.j2": "__director_virtual.marks",
    "haweb-marks.service.j2": "__director_virtual.marks",
    "haweb-both.json.j2": "director_active == 'both'",
    "haweb-both.service.j2": "director_active == 'both'",
}


def rendering(role: str, hosts: str, condition: str, collection: Path) -> dict[str, Any]:
    """Return a play that shows in one line for each host what a role would write there, and its problems."""
    templates = sorted((collection / "roles" / role / "templates").glob("*.j2"))
    lookups = {path.name: f"lookup('ansible.builtin.template', '{path}')" for path in templates}
    texts = " + ".join(
        f"({lookup} if {TEMPLATE_CONDITIONS.get(name, 'true')} else '')" for name, lookup in lookups.items()
    )
    shown = f"{{'problems': {PROBLEMS[role]}, 'text': {texts}}}"
    message = f"WRITES {{{{ inventory_hostname }}}} {{{{ {shown} | to_json | b64encode }}}} END"
    return {
        "hosts": hosts,
        "gather_facts": False,
        "tasks": [
            # Brings its variables, and runs nothing.
            {
                "ansible.builtin.import_role": {"name": f"haweb.cluster.{role}"},
                "when": False,
                "tags": "never",
            },
            {"ansible.builtin.debug": {"msg": message}, "when": condition},
        ],
    }


class Cluster:
    """An inventory in an empty folder."""

    def __init__(self, folder: Path, elsewhere: Any, groups: Mapping[str, tuple[str, ...]]) -> None:
        self.folder, self.elsewhere = folder, elsewhere
        (folder / "inventory" / "group_vars").mkdir(parents=True)
        children = {
            group: {
                "hosts": {
                    host: {"haweb_address": f"192.168.0.{ADDRESSES[host]}"} if host in ADDRESSES else {}
                    for host in hosts
                }
            }
            for group, hosts in groups.items()
        }
        reach = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        self.write("inventory/hosts.yml", {"all": {"vars": {**SECRETS, **reach}, "children": children}})
        (folder / "inventory" / "group_vars" / "www.pem").write_text(CERTIFICATE)

    def write(self, name: str, content: object) -> None:
        (self.folder / name).write_text(yaml.safe_dump(content, sort_keys=False))

    def play(self, playbook: str, *options: str) -> str:
        done = self.elsewhere("ansible-playbook", "-i", "inventory", playbook, *options, cwd=self.folder)
        assert done.returncode == 0, done.stdout
        output: str = done.stdout
        return output

    def writes(
        self, roles: Mapping[str, tuple[str, str]], *options: str, word_problems: bool = True
    ) -> dict[str, str]:
        """Return what the roles write on each host, and fail if they find a problem."""
        plays = [
            rendering(role, hosts, condition, self.elsewhere.collection)
            for role, (hosts, condition) in roles.items()
        ]
        if word_problems:
            plays[0]["tasks"].insert(
                1,
                {
                    "ansible.builtin.assert": {
                        "that": "problems | length == 0",
                        "fail_msg": "{{ problems }}",
                        "quiet": True,
                    },
                    "vars": {"problems": f"{{{{ {WORD_PROBLEMS} }}}}"},
                },
            )
        self.write("render.yml", plays)
        found: dict[str, str] = {}
        output = " ".join(self.play("render.yml", *options).split())
        for host, shown in re.findall(r"WRITES (\S+) (\S+) END", output):
            written = json.loads(b64decode(shown))
            assert written["problems"] == [], host
            found[host] = found.get(host, "") + written["text"]
        return found


def words_of(block: Block) -> dict[str, Any]:
    """Return the variables of a block over those of the blocks below it."""
    entry = block.entry
    assert isinstance(entry, Words)
    found: dict[str, Any] = {}
    for first in entry.under:
        below = next(one for one in FOUND if one.first == first)
        found |= yaml.safe_load(below.text)
    own = yaml.safe_load(block.text)
    if entry.rest_as_before:
        before = {service["name"]: service for service in found["haweb_services"]}
        own["haweb_services"] = [before[service["name"]] | service for service in own["haweb_services"]]
    # What is for one host stands in hosts.yml.
    return {name: value for name, value in (found | own).items() if name not in entry.more} | {
        name: value for name, value in entry.more.items() if name not in own
    }


@parametrize(Words)
def test_variables(block: Block, elsewhere: Any, tmp_path: Path) -> None:
    entry = block.entry
    assert isinstance(entry, Words)
    cluster, roles = cluster_of(block, elsewhere, tmp_path)
    of_one_host = {name: value for name, value in yaml.safe_load(block.text).items() if name in entry.more}
    assert of_one_host == {name: entry.more[name] for name in of_one_host}
    if of_one_host:
        (tmp_path / "inventory" / "host_vars").mkdir()
        cluster.write("inventory/host_vars/webserver1.yml", of_one_host)
    cluster.play("haweb.cluster.check", "--syntax-check")
    check_texts(cluster.writes(roles), entry.shows)


def check_texts(written: Mapping[str, str], shows: Mapping[str, tuple[str, ...]]) -> None:
    for host, texts in shows.items():
        for text in texts:
            wanted = not text.startswith("!")
            assert (text.removeprefix("!") in written[host]) == wanted, f"{host}: {text}\n{written[host]}"


def cluster_of(block: Block, elsewhere: Any, folder: Path) -> tuple[Cluster, dict[str, tuple[str, str]]]:
    """Return the inventory of a block, and the roles whose groups it has."""
    entry = block.entry
    assert isinstance(entry, Words)
    cluster = Cluster(folder, elsewhere, entry.groups)
    cluster.write("inventory/group_vars/all.yml", words_of(block))
    return cluster, {
        role: where for role, where in ROLES.items() if set(where[0].split(":")) & set(entry.groups)
    }


@pytest.mark.parametrize(
    ("first", "text", "host", "shows"),
    [
        ("haweb_balancer_manager: true", "haweb_balancer_manager=false", "loadb1", "!SetHandler"),
        ("haweb_balancer_manager: true", "haweb_balancer_manager=no", "loadb1", "BalancerPersist Off"),
        ("haweb_balancer_manager: true", "haweb_balancer_manager=True", "loadb1", "SetHandler"),
        ("haweb_tls_certificate:", "haweb_tls_port=443", "loadb1", "SSLEngine On"),
        (
            "haweb_tls_certificate:",
            "haweb_tls_port=443",
            "webserver1",
            "https://%{SERVER_NAME}%{REQUEST_URI}",
        ),
        ("haweb_tls_certificate:", "haweb_tls_hsts=0", "webserver1", "!Strict-Transport-Security"),
        (MODEL, "director_supervised=false", "loadb1", "cleanstop=yes"),
    ],
)
def test_value_of_the_command_line(
    first: str, text: str, host: str, shows: str, elsewhere: Any, tmp_path: Path
) -> None:
    """There each value is text."""
    block = next(block for block in FOUND if block.first.startswith(first))
    cluster, roles = cluster_of(block, elsewhere, tmp_path)
    check_texts(cluster.writes(roles, f"--extra-vars={text}"), {host: (shows,)})


@parametrize(Plays)
def test_playbook(block: Block, elsewhere: Any, tmp_path: Path) -> None:
    entry = block.entry
    assert isinstance(entry, Plays)
    (play,) = yaml.safe_load(block.text)
    group = play.get("hosts", "directors")
    cluster = Cluster(tmp_path, elsewhere, {group: ("node1", "node2")})
    (tmp_path / "playbook.yml").write_text(block.text)
    cluster.play("playbook.yml", "--syntax-check")
    if "roles" not in play:
        return
    (given,) = play["roles"]
    role = given.pop("role").removeprefix("haweb.cluster.")
    cluster.write("inventory/group_vars/all.yml", {**given, "vault_heartbeat_secret": "secret-of-the-nodes"})
    written = cluster.writes({role: (group, "true")}, word_problems=False)
    check_texts(written, {"node1": entry.shows})


# --- commands ---

SHIMS = {
    "ansible-playbook": 'exec {bin}/ansible-playbook "$@" --syntax-check',
    "ansible": 'exec {bin}/ansible "$@" --list-hosts',
    "ansible-galaxy": (
        '[ "$*" = "collection install haweb.cluster" ] && '
        "exec {bin}/ansible-galaxy collection install {artifact}"
    ),
    # As the file says what it needs; nothing is installed.
    "pip": '[ "$*" = "install --requirement $3" ] && [ -s "$3" ]',
    "make": 'grep -q "^$1:" {project}/Makefile',
}


@parametrize(Commands)
def test_commands(block: Block, elsewhere: Any, artifact: Path, tmp_path: Path) -> None:
    home, shims = tmp_path / "home", tmp_path / "shims"
    for folder in (home, shims):
        folder.mkdir()
    for name, text in SHIMS.items():
        line = text.format(bin=Path(sys.executable).parent, artifact=artifact, project=PROJECT)
        (shims / name).write_text(f"#!/bin/sh\n{line}\n")
        (shims / name).chmod(0o755)
    # What other blocks of the same page have done.
    if "ansible-galaxy" not in block.text:
        (home / ".ansible").mkdir()
        (home / ".ansible" / "collections").symlink_to(elsewhere.collections)
    example = elsewhere.collection / "inventory"
    for place in (home, home / ".cache" / "haweb" / "lab" / "haweb"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "inventory").symlink_to(example)
    done = subprocess.run(
        ["bash", "-eu", "-c", block.text],
        cwd=home,
        env={
            "HOME": str(home),
            "PATH": f"{shims}:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@parametrize(LabCommand)
def test_command_of_the_lab(block: Block) -> None:
    command = [line for line in block.text.split("\n") if line.startswith("$ lab ")]
    assert command
    for line in command:
        arguments.parser().parse_args(shlex.split(line, comments=True)[2:])


@parametrize(LabWords)
def test_variables_of_the_lab(block: Block, elsewhere: Any, tmp_path: Path) -> None:
    given = yaml.safe_load(block.text)
    role = elsewhere.collection / "roles" / "lab"
    assert given.keys() <= yaml.safe_load((role / "defaults" / "main.yml").read_text()).keys()
    cluster = Cluster(tmp_path, elsewhere, {"directors": ("loadb1",)})
    cluster.write("inventory/group_vars/all.yml", given)
    message = "WRITES {{ {'lab': __lab_wish, 'node': __lab_node} | to_json | b64encode }} END"
    cluster.write(
        "render.yml",
        [
            {
                "hosts": "all",
                "gather_facts": False,
                "tasks": [
                    {
                        "ansible.builtin.import_role": {"name": "haweb.cluster.lab"},
                        "when": False,
                        "tags": "never",
                    },
                    {"ansible.builtin.debug": {"msg": message}},
                ],
            }
        ],
    )
    (shown,) = re.findall(r"WRITES (\S+) END", " ".join(cluster.play("render.yml").split()))
    done = subprocess.run(
        [sys.executable, role / "files" / "lab", "check"],
        input=b64decode(shown),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
