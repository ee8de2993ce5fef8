"""Which `Listen` lines a host still needs, and which ports.conf an older version wrote."""

from __future__ import annotations

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils import _apache_listen
from ansible_collections.haweb.cluster.plugins.module_utils._apache_listen import Listener

# What Apache 2.4.71 prints, shortened.
DUMP = """\
# In file: /etc/apache2/apache2.conf
#  88:
PidFile /run/apache2/apache2.pid
# In file: /etc/apache2/ports.conf
#   5:
Listen 80
# In file: /etc/apache2/apache2.conf
# 160:
<Directory />
  # 161:
  Options FollowSymLinks
</Directory>
# In file: /etc/apache2/sites-enabled/blog.conf
#   2:
Listen 192.0.2.1:8080
#   5:
Listen 8081 https
#   7:
Listen [::]:8082
#   9:
Listen *:8083
#  10:
Listen [2001:db8::1]:8084
#  11:
Listen 0.0.0.0:8085
#  12:
<VirtualHost *:80>
  #  13:
  ServerName x
</VirtualHost>
"""
BLOG = "/etc/apache2/sites-enabled/blog.conf"
FOUND = [
    Listener("", 80, "/etc/apache2/ports.conf", 5),
    Listener("192.0.2.1", 8080, BLOG, 2),
    Listener("", 8081, BLOG, 5),
    Listener("", 8082, BLOG, 7),
    Listener("", 8083, BLOG, 9),
    Listener("[2001:db8::1]", 8084, BLOG, 10),
    Listener("", 8085, BLOG, 11),
]
HEAD = "#\n# Ours\n#"


def test_dump_is_read() -> None:
    assert _apache_listen.listeners(DUMP) == FOUND


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        ([], []),
        (["80"], []),
        (["81"], ["81"]),
        (["80", "443 https"], ["443 https"]),
        (["8081 https", "8082", "8083", "8085"], []),
        (["8081"], []),
    ],
)
def test_missing(wanted: list[str], missing: list[str]) -> None:
    assert _apache_listen.missing(wanted, FOUND) == missing
    assert _apache_listen.in_the_way(wanted, FOUND) == []


@pytest.mark.parametrize(
    ("port", "line", "address"), [("8080", 2, "192.0.2.1"), ("8084 https", 10, "[2001:db8::1]")]
)
def test_single_address_is_in_the_way(port: str, line: int, address: str) -> None:
    (found,) = _apache_listen.in_the_way([port, "80"], FOUND)
    assert found.startswith(
        f"{BLOG}, line {line}, has `Listen {address}:{port.split(maxsplit=1)[0]}`, so that "
    )


@pytest.mark.parametrize("wanted", [["80", "443 https"], ["1", "65535 http"], []])
def test_arguments_that_apache_takes(wanted: list[str]) -> None:
    assert _apache_listen.problems_of(wanted) == []


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (["0"], "'0'"),
        (["65536"], "'65536'"),
        (["99999"], "'99999'"),
        (["192.0.2.1:80"], "'192.0.2.1:80'"),
        (["80 ftp"], "'80 ftp'"),
        ([""], "''"),
        (["80", "80"], "port 80 twice"),
        (["443 https", "443"], "port 443 twice"),
    ],
)
def test_arguments_that_it_does_not_take(wanted: list[str], words: str) -> None:
    (problem,) = _apache_listen.problems_of(wanted)
    assert words in problem


def test_drop_in() -> None:
    text = _apache_listen.drop_in(f"{HEAD}\n", ["8080", "8443 https"])
    assert text is not None
    lines = text.splitlines()
    assert (lines[:3], lines[4:]) == (HEAD.splitlines(), ["Listen 8080", "Listen 8443 https"])
    assert _apache_listen.drop_in(HEAD, []) is None


SORRY = f"""{HEAD}
{_apache_listen.SORRY_PAGE} name is asked for.
<IfModule !headers_module>
    LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
</IfModule>

Listen 80
<VirtualHost *:80>
    ServerAlias *
</VirtualHost>
"""


@pytest.mark.parametrize(
    ("ports", "ours"),
    [
        (f"{HEAD}\nListen 80\n", True),
        ("#\n# Ansible managed\n#\nListen 80\n", True),
        (f"{HEAD}\nListen 8080\nListen 8443 https\n", True),
        (f"{HEAD}\nListen 80\nHeartbeatListen 239.0.0.1:27999\n", True),
        (SORRY, True),
        (_apache_listen.DEBIANS_PORTS, False),
        ("Listen 80\n", False),
        ("# Ansible managed\nListen 80\n", False),
        (f"{HEAD}\nListen 192.0.2.1:80\n", False),
        (f"{HEAD}\nListen 80\n<IfModule ssl_module>\nListen 443\n</IfModule>\n", False),
        (f"{HEAD}\n# mine\nListen 80\n", False),
        (f"{HEAD}\n", False),
        ("", False),
    ],
)
def test_older_versions_file_is_known(ports: str, ours: bool) -> None:
    assert _apache_listen.is_of_older_version(ports, f"{HEAD}\n") == ours


MAIN = """\
IncludeOptional mods-enabled/*.conf
  Include ports.conf
#Include ports.conf
IncludeOptional conf-enabled/*.conf
IncludeOptional sites-enabled/*.conf
"""


@pytest.mark.parametrize(("ports", "line"), [(None, "  Include ports.conf"), ("/t/p", 'Include "/t/p"')])
def test_configuration_without_our_files(ports: str | None, line: str) -> None:
    assert _apache_listen.without(MAIN, ["a.conf", "b c.conf"], ports).splitlines() == [
        "IncludeOptional mods-enabled/*.conf",
        line,
        "#Include ports.conf",
        'IncludeOptional "conf-enabled/a.conf"',
        'IncludeOptional "conf-enabled/b c.conf"',
        "IncludeOptional sites-enabled/*.conf",
    ]
