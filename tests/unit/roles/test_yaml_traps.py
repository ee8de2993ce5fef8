# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever YAML makes of a value, a role refuses it with a sentence, or writes files that can be read.

Each example changes one value of an inventory that works. The files are read by ldirectord itself, and by
readers of the other formats.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.haweb.cluster.plugins.plugin_utils import _words
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.options import (
    BALANCER,
    COOKIE,
    MEMBER_WORDS,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.options import DIRECTIVES
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.options import (
    GLOBAL_OPTIONS,
    VIRTUAL_OPTIONS,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.words import (
    CHECK_WORDS,
    REAL_SERVER_WORDS,
    SERVICE_WORDS,
    SHORT,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._roles.variables import VARIABLES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from testbed import PROJECT
from testbed.certificates import key_and_certificate
from testbed.formats import read
from testbed.role import encrypted

Place = tuple[str | int, ...]

# A value as a YAML file has it.
TRAPS = (
    *("on", "off", "yes", "no", "true", "'yes'", "'false'", "~", "''", "' '", "[]", "{}", "[~]", "[[80]]"),
    *("0", "1", "-1", "80", "'80'", "' 80 '", "080", "010", "'010'", "0o10", "0x50", "1_0", "80.0", "1.5"),
    *("1e3", "'1e3'", ".5", ".inf", ".nan", "12:30", "2026-01-31", "!!binary aGE=", "!!set {a: }"),
    *("9" * 400, f"'{'9' * 400}'", f"'{'9' * 400}ms'", f"{'9' * 309}.5", f"'{'9' * 5000}'", f"'{'a' * 300}'"),
    *('"a\\tb"', '"a\\nb"', '"a\\rb"', '"a\\0b"', '"a\\u00a0b"', '"a\\u2028b"', "'a b'", "'a\"b'"),
    *("zürich", "'münchen.example'", "Web.Example.COM", "web1.example.com", "'#x'", "'a;b'", "a\\b"),
    *("[80, 443]", "['80']", "{a: b}", "{1: 2}", "[a, [b]]", "[on]", "[1.5]", "{~: ~}", "!unsafe '{{ x }}'"),
    *("'/a b'", "'192.168.0.106/24'", "192.168.000.106/24", "'::1'", "'{'", "eth0.100", "a%b$c", "'\u0661'"),
)  # fmt: skip
ENCRYPTED = tuple(map(encrypted, ("secret", "80", "192.168.0.105/24", "a\nb", "")))

LDIRECTORD_CF = "/etc/ha.d/ldirectord.cf"
WEB_SITE = "/etc/apache2/sites-available/haweb.conf"
BALANCER_SITE = "/etc/apache2/sites-available/haweb-balancer.conf"
# The second is its place in versions since 0.2.0.
SORRY_PAGE = ("/etc/apache2/ports.conf", "/etc/apache2/conf-available/haweb-sorry-page.conf")
# The exit codes of `ldirectord FILE status` for a file that it can read: running, a stale pid file, stopped.
ACCEPTED = (0, 1, 3)

HOST = """
inventory_hostname: loadb1
ansible_check_mode: false
ansible_diff_mode: true
ansible_play_batch: [loadb1, loadb2]
ansible_forks: 5
haweb_interface: eth0
haweb_address: 192.168.0.103
haweb_nodes: {loadb1: loadb1, loadb2: loadb2}
haweb_node_addresses: [192.168.0.103, 192.168.0.104]
haweb_heartbeat_secret: a-secret
haweb_members:
  - {url: "http://192.168.0.101:80", route: web1}
  - {url: "http://192.168.0.102:80", route: web2, redirect: web1}
haweb_services:
  - name: www
    address: 192.168.0.105/24
    port: 80
    real_servers: [{address: 192.168.0.101}]
    fallback: "127.0.0.1:80 gate"
"""
# Name of a case: role, and what is set beside HOST.
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "director": ("director", {}),
    "director_mark": (
        "director",
        {
            "director_services": [
                {
                    "name": "shop",
                    "address": "192.168.0.105/24",
                    "fwmark": 1,
                    "ports": [80, 443],
                    "real_servers": ["192.168.0.101"],
                }
            ]
        },
    ),
    "director_both": (
        "director",
        {
            "haweb_active": "both",
            "director_services": [
                {
                    "name": "www",
                    "address": "192.168.0.105/24",
                    "port": 80,
                    "scheduler": "mh",
                    "real_servers": ["192.168.0.101"],
                }
            ],
        },
    ),
    "heartbeat": ("heartbeat", {}),
    "heartbeat_ping": (
        "heartbeat",
        {
            "haweb_ha_cf": {"ping": "192.168.0.1", "deadtime": 2},
            "haweb_heartbeat_keys": [
                {"id": 1, "method": "sha1", "secret": "new"},
                {"id": 2, "method": "md5", "secret": "old"},
            ],
        },
    ),
    "balancer": ("balancer", {"haweb_balancer_options": {"lbmethod": "heartbeat"}}),
    "balancer_tls": (
        "balancer",
        {
            "haweb_server_name": "www.example.com",
            "haweb_balancer_manager": True,
            "haweb_balancer_manager_user": "admin",
            "haweb_balancer_manager_password": "a-password",
            "haweb_balancer_sticky_cookie": {"name": "ROUTEID"},
            "haweb_tls_hsts": 60,
        },
    ),
    "webserver": ("webserver", {"haweb_route": "web1", "haweb_served_by": "X-Served-By"}),
    "webserver_tls": (
        "webserver",
        {
            "haweb_server_name": "www.example.com",
            "haweb_apache_heartbeat_address": "239.0.0.1:27999",
            "haweb_tls_hsts": 60,
        },
    ),
    "real_server": ("real_server", {}),
    "sorry_page": ("sorry_page", {}),
    "sorry_page_tls": ("sorry_page", {"sorry_page_ports": [80, 443]}),
}
TLS = {
    "balancer_tls": ("haweb_tls_certificate", "haweb_tls_key"),
    "webserver_tls": ("haweb_webserver_tls_certificate", "haweb_webserver_tls_key"),
    "sorry_page_tls": ("haweb_tls_certificate", "haweb_tls_key"),
}
COOKIE_WORDS = tuple(option.name for option in COOKIE)
HA_CF_WORDS = tuple(option.name for option in DIRECTIVES)
# Variable, where an entry of it has options, and the options.
NESTED: tuple[tuple[str, Place, tuple[str, ...]], ...] = (
    ("director_services", (0,), (*SERVICE_WORDS, *SHORT, *VIRTUAL_OPTIONS, "ldirectord")),
    ("director_services", (0, "check"), CHECK_WORDS),
    ("director_services", (0, "ldirectord"), tuple(VIRTUAL_OPTIONS)),
    ("director_services", (0, "real_servers", 0), REAL_SERVER_WORDS),
    ("director_ldirectord_cf", (), tuple(GLOBAL_OPTIONS)),
    ("director_sysctl", (), ("net.ipv4.ip_forward", "net.ipv4.conf.eth0.100.arp_ignore")),
    ("heartbeat_nodes", (), ("loadb1", "loadb2")),
    ("heartbeat_ha_cf", (), HA_CF_WORDS),
    ("heartbeat_keys", (0,), ("id", "method", "secret")),
    ("balancer_members", (0,), MEMBER_WORDS),
    ("balancer_member_options", (), MEMBER_WORDS),
    ("balancer_options", (), tuple(option.name for option in BALANCER)),
    ("balancer_sticky_cookie", (), COOKIE_WORDS),
    ("balancer_sysctl", (), ("net.ipv4.tcp_tw_reuse",)),
    ("webserver_sticky_cookie", (), COOKIE_WORDS),
)
# Variables whose entries are single values.
LISTS = (
    *("director_peer_addresses", "director_ipvs_modules", "heartbeat_addresses", "heartbeat_resources"),
    *("heartbeat_node_addresses", "balancer_server_aliases", "balancer_manager_allow"),
    *("webserver_server_aliases", "real_server_addresses", "sorry_page_ports"),
)  # fmt: skip


# What the cases have under the name of the inventory.
WORD_OF = {
    "director_services": "haweb_services",
    "heartbeat_nodes": "haweb_nodes",
    "heartbeat_ha_cf": "haweb_ha_cf",
    "heartbeat_keys": "haweb_heartbeat_keys",
    "balancer_members": "haweb_members",
    "balancer_options": "haweb_balancer_options",
    "balancer_sticky_cookie": "haweb_balancer_sticky_cookie",
}


def places_of(case: str) -> Iterator[Place]:
    """Return the place of each option of a role, and of each variable of the inventory that it reads."""
    role, more = CASES[case]
    defaults = (PROJECT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8")
    names = yaml.safe_load(defaults)
    yield from ((name,) for name in names)
    yield from ((word,) for word in sorted(_words.KNOWN) if re.search(rf"\b{word}\b", defaults))
    yield from ((name, 0) for name in LISTS if name in names)
    for name, inner, options in NESTED:
        if name in names:
            outer = name if name in more else WORD_OF.get(name, name)
            yield from ((outer, *inner, option) for option in options)


PLACES = [(case, place) for case in CASES for place in places_of(case)]


Answer = dict[str, Any]
Evaluate = Callable[[str, Place, str], Answer]


@pytest.fixture(scope="module")
def evaluate(ask_role: Callable[..., Answer]) -> Evaluate:
    key, certificate = key_and_certificate("www.example.com", "loadb1")

    def evaluator(case: str, place: Place, value: str) -> Answer:
        """Return the files or the sentences of a role with this YAML at one place of its variables."""
        role, more = CASES[case]
        known = yaml.safe_load(HOST) | more
        if case in TLS:
            known |= dict(zip(TLS[case], (certificate, key), strict=True))
        return ask_role(role=role, given=yaml.safe_dump(known), path=place, value=value)

    return evaluator


@pytest.mark.parametrize("case", CASES)
def test_each_case_is_an_inventory_that_works(evaluate: Evaluate, case: str) -> None:
    files = evaluate(case, ("haweb_cluster",), "all")["files"]
    assert files
    for path, text in files.items():
        read(path, text)


# Case, place, YAML: a part of the sentence that refuses it.
REFUSED: tuple[tuple[str, Place, str, str], ...] = (
    ("heartbeat", ("heartbeat_ha_cf", "keepalive"), "9" * 400, "but must be a time: seconds such as 2"),
    ("heartbeat", ("heartbeat_ha_cf", "deadping"), f"'{'9' * 400}ms'", "milliseconds such as 500ms, and a"),
    ("heartbeat", ("heartbeat_ha_cf", "udpport"), f"'{'9' * 5000}'", "but must be a whole number from 1 to"),
    ("heartbeat", ("heartbeat_ha_cf", "bcast"), "off", "bcast is false, but must be text."),
    ("heartbeat", ("heartbeat_interface",), "'eth 0'", "must be a single word without blanks."),
    ("heartbeat", ("heartbeat_keys",), "on", "they must be a list such as"),
    ("heartbeat", ("heartbeat_node_addresses",), "192.168.0.103", "must be a list such as [192.168.0.104]."),
    ("heartbeat", ("heartbeat_wait",), "'soon'", "Ansible: "),
    ("heartbeat", ("haweb_virtual_addresses",), "on", "haweb_virtual_addresses is true, but must be a list."),
    ("director", ("haweb_resources",), "~", "haweb_resources is empty, but must be a list."),
    ("director", ("haweb_nodes",), "1", "haweb_nodes is a number, but must be a dictionary."),
    ("director", ("director_sysctl", "net.ipv4.ip_forward"), "on", "the value of net.ipv4.ip_forward must"),
    ("director", ("director_sysctl", "net.ipv4.ip_forward"), '"1\\n2"', "must be one line without tabs"),
    ("director", ("director_ipvs_modules", 0), "~", "its number 1 is empty, which must be text"),
    ("director", ("director_sync_id",), "256", "director_sync_id is 256, but must be a whole number from 0"),
    ("director", ("director_sync_interface",), '"eth0\\n"', "director_sync_interface is 'eth0\\n', but must"),
    ("director", ("director_supervised",), "'maybe'", "Ansible: "),
    ("director_both", ("director_peer_addresses", 0), "loadb2", "its number 1 is 'loadb2', which must be an"),
    ("real_server", ("real_server_addresses",), "on", "real_server_addresses is true, but must be a list"),
    ("real_server", ("real_server_addresses", 0), "~", "its number 1 is empty, which must be an"),
    ("real_server", ("real_server_interface",), '"eth0\\nx"', "must be one line without tabs and other"),
    ("webserver", ("webserver_port",), "on", "webserver_port is true, but must be a whole number from 1 to"),
    ("webserver", ("inventory_hostname",), "zürich", "webserver_server_name is 'zürich', but must be a host"),
    ("webserver", ("webserver_port",), "~", "webserver_port is missing."),
    ("webserver", ("webserver_port",), "0", "webserver_port is 0, but must be a whole number from 1 to"),
    ("webserver", ("webserver_server_admin",), '"a\\nb"', "webserver_server_admin is 'a\\nb', but must be a"),
    ("webserver", ("webserver_server_aliases",), "www.example.com", "must be a list such as [www.example"),
    ("webserver", ("webserver_document_root",), "'/srv/my site'", "must be a single word without blanks"),
    ("webserver", ("webserver_name",), "'100%'", "webserver_name is '100%', but must not contain one of"),
    ("webserver", ("webserver_health_text",), "on", "webserver_health_text is true, but must be text"),
    ("webserver_tls", ("webserver_heartbeat_address",), "239.0.0.1", "must be an IPv4 address and a port"),
    ("webserver_tls", ("webserver_tls_hsts",), "-1", "webserver_tls_hsts is -1, but must be a whole number"),
    ("webserver_tls", ("webserver_tls_key",), "12345", "webserver_tls_key cannot be used: it must be text"),
    ("balancer", ("balancer_manager",), "'maybe'", "Ansible: "),
    ("balancer", ("balancer_name",), "'my cluster'", "balancer_name is 'my cluster', but must be a word"),
    ("balancer", ("balancer_options",), "a=b", "balancer_options cannot be used: it must be a dictionary"),
    ("balancer", ("balancer_sticky_cookie",), "a=b", "balancer_sticky_cookie cannot be used: it must be a"),
    ("balancer", ("balancer_retry_after",), "on", "balancer_retry_after is true, but must be a whole"),
    ("balancer", ("balancer_retry_after",), "''", "Ansible: "),
    ("balancer", ("balancer_heartbeat_listen",), "'27999'", "must be an IPv4 address and a port such as"),
    ("balancer", ("balancer_sorry_html",), "off", "balancer_sorry_html is false, but must be text"),
    ("balancer_tls", ("balancer_manager_password",), "12345678", "must be text; put a number in quotes."),
    ("balancer_tls", ("balancer_manager_allow",), "10.0.0.1", "allow is '10.0.0.1', but must be a list"),
    ("sorry_page", ("sorry_page_ports",), "'80,443'", "sorry_page_ports is '80,443', but must be a list"),
    ("sorry_page", ("sorry_page_html",), "on", "sorry_page_html is true, but must be text; put it in"),
)  # fmt: skip


@pytest.mark.parametrize(("case", "place", "value", "sentence"), REFUSED)
def test_refused(evaluate: Evaluate, case: str, place: Place, value: str, sentence: str) -> None:
    answer = evaluate(case, place, value)
    assert sentence in " ".join(answer.get("refused", ()))


# Case, place, YAML: a file, and a line of it.
WRITTEN: tuple[tuple[str, Place, str, str | tuple[str, ...], str], ...] = (
    ("heartbeat", ("heartbeat_ha_cf",), "~", "/etc/ha.d/ha.cf", "mcast eth0 225.0.0.1 694 1 0"),
    ("heartbeat", ("heartbeat_ha_cf", "udpport"), "~", "/etc/ha.d/ha.cf", "mcast eth0 225.0.0.1 694 1 0"),
    (
        "heartbeat",
        ("heartbeat_ha_cf", "udpport"),
        "'0700'",
        "/etc/ha.d/ha.cf",
        "mcast eth0 225.0.0.1 700 1 0",
    ),
    (
        "heartbeat",
        ("haweb_nodes", "loadb1"),
        "LB1.Example.COM",
        "/etc/ha.d/ha.cf",
        "node lb1.example.com",
    ),
    ("director", ("haweb_ldirectord_cf",), "~", "/etc/ha.d/ldirectord.cf", "cleanstop=no"),
    ("director", ("director_ldirectord_cf", "quiescent"), "on", "/etc/ha.d/ldirectord.cf", "quiescent=yes"),
    (
        "real_server",
        ("haweb_interface",),
        "eth0.100",
        "/etc/sysctl.d/60-haweb-real-server.conf",
        "net.ipv4.conf.eth0/100.arp_ignore = 1",
    ),
    ("webserver", ("inventory_hostname",), "Web1.example.COM", WEB_SITE, "    ServerName Web1.example.COM"),
    ("webserver", ("webserver_health_text",), "80", "/var/lib/haweb-webserver/health.html", "80"),
    ("sorry_page_tls", ("sorry_page_tls_port",), "'443'", SORRY_PAGE, "    SSLEngine On"),
    ("sorry_page_tls", ("sorry_page_ports",), "['80', '443']", SORRY_PAGE, "    SSLEngine On"),
    ("balancer", ("haweb_balancer_manager",), "'false'", BALANCER_SITE, "    BalancerPersist Off"),
    ("balancer", ("haweb_balancer_options",), "~", BALANCER_SITE, "        ProxySet lbmethod=byrequests"),
)


@pytest.mark.parametrize(("case", "place", "value", "path", "line"), WRITTEN)
def test_written(
    evaluate: Evaluate, case: str, place: Place, value: str, path: str | tuple[str, ...], line: str
) -> None:
    files = evaluate(case, place, value)["files"]
    paths = (path,) if isinstance(path, str) else path
    assert line in [found for name in paths for found in files.get(name, "").splitlines()]
    for name, text in files.items():
        read(name, text)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.sampled_from(PLACES), value=st.sampled_from(TRAPS) | st.sampled_from(ENCRYPTED))
def test_whatever_is_not_refused_is_read(
    evaluate: Evaluate, ldirectord: Path, tmp_path: Path, where: tuple[str, Place], value: str
) -> None:
    answer = evaluate(*where, value)
    for sentence in answer.get("refused", ()):
        assert sentence.strip()
        assert sentence.startswith("Ansible: ") or not re.search(
            r"Traceback|Error\b|\bobject at 0x|_Ansible[A-Z]", sentence
        )
    for path, text in answer.get("files", {}).items():
        read(path, text)
        if path == LDIRECTORD_CF:
            assert_accepted(ldirectord, tmp_path, text)


def assert_accepted(ldirectord: Path, folder: Path, text: str) -> None:
    (folder / "ldirectord.cf").write_text(text, encoding="utf-8")
    # With -d it takes this file for /sbin/ipvsadm, which status never runs.
    (folder / "ipvsadm").touch()
    done = subprocess.run(
        ["perl", str(ldirectord), "-d", str(folder / "ldirectord.cf"), "status"],
        cwd=folder,
        env={**os.environ, "PERLIO": "perlio"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in ACCEPTED, done.stderr


# Variables that an engine reads, or the program of a task.
READ_BY_ENGINES = {
    "director": {"services", "ldirectord_cf"},
    "heartbeat": {"nodes", "addresses", "interface", "resources", "ha_cf", "secret", "keys", "auth"},
    "balancer": {
        *("members", "member_options", "health_page"),
        *("manager_user", "manager_password", "manager_allow"),
    },
    "webserver": {"health_page", "route", "sticky_cookie"},
    "real_server": set(),
    "sorry_page": set(),
}


@pytest.mark.parametrize("role", READ_BY_ENGINES)
def test_every_variable_has_a_reader(role: str) -> None:
    options = yaml.safe_load((PROJECT / "roles" / role / "meta" / "argument_specs.yml").read_text())
    variables = yaml.safe_load((PROJECT / "roles" / role / "vars" / "main.yml").read_text())
    known = set(options["argument_specs"]["main"]["options"])
    engines = {f"{role}_{name}" for name in READ_BY_ENGINES[role]}
    assert known - engines == {name for name in VARIABLES if name.startswith(f"{role}_")}
    assert variables[f"__{role}_variables"] == {
        name: f"{{{{ {name} }}}}" for name in sorted(known - engines, key=list(VARIABLES).index)
    }
