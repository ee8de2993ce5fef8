# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where Apache listens, and which `Listen` lines a host still needs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

ALL = ""  # the address of a `Listen` that holds for all addresses
EVERYWHERE = ("*", "0.0.0.0", "[::]", ALL)

# What Debian 12 and 13 ship as /etc/apache2/ports.conf.
DEBIANS_PORTS = """\
# If you just change the port or add more ports here, you will likely also
# have to change the VirtualHost statement in
# /etc/apache2/sites-enabled/000-default.conf

Listen 80

<IfModule ssl_module>
\tListen 443
</IfModule>

<IfModule mod_gnutls.c>
\tListen 443
</IfModule>
"""

WANTED = re.compile(r"(?P<port>\d{1,5})( https?)?")
# What Apache's mod_info writes of a configuration: the file, the number of a line, and the directive.
FILE = re.compile(r"# In file: (?P<file>.+)")
LINE = re.compile(r"\s*#\s*(?P<line>\d+):")
LISTEN = re.compile(r"Listen \"?(?P<where>[^\s\"]+)")

# What versions before 0.2.0 wrote into ports.conf below the head: webserver and balancer, and sorry_page.
PORTS_LINE = re.compile(r"Listen \d+( https)?|HeartbeatListen .+")
SORRY_PAGE = (
    "# Apache reads this file before any site, so that the ones here are the first, and answer whatever"
)
DEFAULT_HEAD = "#\n# Ansible managed\n#"


@dataclass(frozen=True)
class Listener:
    """A `Listen` line that Apache reads."""

    address: str  # ALL, or the one address for which it holds, with the brackets of IPv6
    port: int
    file: str
    line: int


def listeners(dump: str) -> list[Listener]:
    """Read what `apache2ctl -t -D DUMP_CONFIG` prints: the configuration without what Apache passes over."""
    found, file, line = [], "", 0
    for text in dump.splitlines():
        if match := FILE.fullmatch(text):
            file = match["file"]
        elif match := LINE.fullmatch(text):
            line = int(match["line"])
        elif match := LISTEN.match(text):
            address, _colon, port = match["where"].rpartition(":")
            found.append(Listener(ALL if address in EVERYWHERE else address, int(port), file, line))
    return found


def port_of(listen: str) -> int:
    return int(listen.split(maxsplit=1)[0])


def problems_of(wanted: Iterable[str]) -> list[str]:
    """Return a sentence for each argument that `Listen` would not accept, or not beside the others."""
    problems: list[str] = []
    ports: set[int] = set()
    for listen in wanted:
        match = WANTED.fullmatch(listen)
        if match is None or not 1 <= int(match["port"]) <= 65535:  # noqa: PLR2004
            problems.append(f"Apache cannot listen on {listen!r}. Write a TCP port from 1 to 65535.")
        elif int(match["port"]) in ports:
            problems.append(
                f"Apache cannot listen on port {match['port']} twice. Choose another port for one."
            )
        else:
            ports.add(int(match["port"]))
    return problems


def in_the_way(wanted: Iterable[str], found: Iterable[Listener]) -> list[str]:
    """Return a sentence for each wanted port that has a `Listen` for single addresses only.

    Beside such a line Apache could not listen on all addresses: it would not start.
    """
    found = list(found)
    ports = {port_of(listen) for listen in wanted} - {each.port for each in found if each.address == ALL}
    return [
        f"{each.file}, line {each.line}, has `Listen {each.address}:{each.port}`, so that Apache receives "
        f"requests on port {each.port} for {each.address} only. Change it to `Listen {each.port}`, or choose "
        "another port."
        for each in found
        if each.port in ports
    ]


def missing(wanted: Iterable[str], found: Iterable[Listener]) -> list[str]:
    """Return the wanted arguments of `Listen` whose port nothing listens on."""
    ports = {each.port for each in found}
    return [listen for listen in wanted if port_of(listen) not in ports]


def drop_in(head: str, listens: list[str]) -> str | None:
    """Return the file with these `Listen` lines, None if there are none."""
    if not listens:
        return None
    reason = "# No other file of this host makes Apache listen on these ports."
    return "\n".join([head.rstrip(), reason, *(f"Listen {listen}" for listen in listens)]) + "\n"


def is_of_older_version(ports: str, head: str) -> bool:
    """Whether a version before 0.2.0 wrote this ports.conf, with this or the default head."""
    body = next(
        (ports.removeprefix(each) for each in (head.rstrip(), DEFAULT_HEAD) if ports.startswith(each)), ""
    )
    lines = [line for line in body.splitlines() if line]
    if not lines:
        return False
    return lines[0].startswith(SORRY_PAGE) or all(PORTS_LINE.fullmatch(line) for line in lines)


def without(main: str, enabled: Iterable[str], ports: str | None) -> str:
    """Return an apache2.conf that reads only these files of conf-enabled, and this file as ports.conf."""
    lines = []
    for line in main.splitlines():
        match line.split():
            case ["Include", "ports.conf"] if ports is not None:
                lines.append(f'Include "{ports}"')
            case ["IncludeOptional", "conf-enabled/*.conf"]:
                lines += [f'IncludeOptional "conf-enabled/{name}"' for name in enabled]
            case _:
                lines.append(line)
    return "\n".join(lines) + "\n"
