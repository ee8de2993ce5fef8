# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the files that the roles write, as strictly as the programs that will read them, or more.

A reader raises FormatError with the line that its program would refuse, or take for something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

TIME = r"[0-9]{1,6}(\.[0-9]+)?|[0-9]{1,9}ms"
SWITCH = r"on|off"
WORD = r"[^\s#,\"'\\]+"
ADDRESS = r"(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}"
PORT = r"[1-9]\d{0,4}"
INTERFACE = r"[^\s/,#]{1,15}"
# Directive of ha.cf -> its value, as heartbeat's config.c reads it. All others take words.
HA_CF = {
    **dict.fromkeys(("keepalive", "deadtime", "warntime", "initdead", "deadping", "conn_logd_time"), TIME),
    **dict.fromkeys(
        ("use_logd", "syslogmsgfmt", "log_badpack", "coredumps", "traditional_compression", "realtime"),
        SWITCH,
    ),
    "use_apphbd": SWITCH,
    "auto_failback": r"on|off|legacy",
    "logfacility": r"none|auth|authpriv|daemon|syslog|user|local[0-7]",
    "udpport": PORT,
    "bcast": INTERFACE,
    "mcast": rf"{INTERFACE} {ADDRESS} {PORT} [1-4] [01]",
    "ucast": rf"{INTERFACE} {ADDRESS}",
    "node": r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?",
    "respawn": r"\S+ /\S.*",
    "failfast": r"\S+ /\S.*",
    **dict.fromkeys(
        ("debug", "hopfudge", "compression_threshold", "max_rexmit_delay", "memreserve", "rtprio"), r"\d{1,7}"
    ),
    **dict.fromkeys(("logfile", "debugfile", "coreroot", "watchdog"), r"/[^\s,#]*"),
}
# heartbeat does not start without one of these.
LINKS = ("bcast", "mcast", "ucast", "serial", "mcast6", "ucast6")


class FormatError(ValueError):
    """A line that a program would refuse. The argument is the line."""


def read_ha_cf(text: str) -> None:
    names = []
    for line in _lines(text):
        name, _blank, value = line.partition(" ")
        if not re.fullmatch(HA_CF.get(name, r"\S.*"), value) or not re.fullmatch(r"[a-z_0-9]+", name):
            raise FormatError(line)
        names.append(name)
    if not set(names) & set(LINKS) or "node" not in names or "udpport" in names[len(names) // 2 :]:
        raise FormatError(text)


def read_authkeys(text: str) -> None:
    first, *keys = _lines(text)
    ids = [line.split(" ")[0] for line in keys]
    for line in keys:
        if not re.fullmatch(r"([1-9]|1[0-5]) (sha1|md5) [^\s#]+", line):
            raise FormatError(line)
    if first not in [f"auth {one}" for one in ids] or len(set(ids)) < len(ids):
        raise FormatError(first)


def read_haresources(text: str) -> None:
    for line in _lines(text):
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*( [^\s#\\]+)+", line):
            raise FormatError(line)


def read_sysctl(text: str) -> None:
    for line in _lines(text):
        if not re.fullmatch(r"[A-Za-z0-9_/.-]+ = \S(.*\S)?", line):
            raise FormatError(line)


def read_modules(text: str) -> None:
    for line in _lines(text):
        if not re.fullmatch(r"[A-Za-z0-9_-]+", line):
            raise FormatError(line)


def read_unit(text: str) -> None:
    """Read a unit of systemd, which continues a line that ends with a backslash."""
    for line in _lines(text.replace("\\\n", " ")):
        if not re.fullmatch(r"\[[A-Z][a-z]+\]|[A-Z][A-Za-z]+=\S.*", line):
            raise FormatError(line)


def read_marks(text: str) -> None:
    rule = (
        rf"-A haweb-marks --destination {ADDRESS} --protocol (tcp|udp) --dport {PORT} --jump MARK "
        r"--set-mark [1-9]\d{0,9}"
    )
    for line in _lines(text):
        if not re.fullmatch(rule, line):
            raise FormatError(line)


def read_pem(text: str) -> None:
    if not text.startswith("-----BEGIN "):
        raise FormatError("not PEM")


def read_htpasswd(text: str) -> None:
    for line in text.splitlines():
        if not re.fullmatch(r"[^\s:#][^\s:]*:\$2y\$12\$[A-Za-z0-9./]{53}", line):
            raise FormatError(line)


HOST_NAME = r"(\*\.)?[A-Za-z0-9_][A-Za-z0-9_.-]*"
# Directive of Apache -> its arguments, joined by one blank.
APACHE = {
    "Listen": rf"{PORT}( https)?",
    "VirtualHost": rf"\*:{PORT}( \*:{PORT})*",
    "ServerName": HOST_NAME,
    "ServerAlias": rf"{HOST_NAME}|\*",
    "ServerAdmin": r"\S+",
    "DocumentRoot": r"/\S*",
    "Directory": r"/\S*",
    "HeartbeatAddress": rf"{ADDRESS}:{PORT}",
    "HeartbeatListen": rf"{ADDRESS}:{PORT}",
    "ProxyTimeout": r"\d{1,5}",
    "BalancerPersist": r"On|Off",
    "Proxy": r"balancer://[A-Za-z0-9_.-]+",
    "BalancerMember": r"http://\S+( [a-z]+=\S+)*",
    "ProxySet": r"[a-z]+=\S+",
    "Require": r"all granted|ip( [0-9a-fA-F.:/]+)+|user [^\s:]+",
    "RewriteRule": r"\S+ \S+ \[\S+\]",
}
# Those of the templates about which there is nothing more to say.
PLAIN = (
    *("Alias", "AliasMatch", "AuthBasicProvider", "AuthName", "AuthType", "AuthUserFile", "AllowOverride"),
    *("CustomLog", "ErrorDocument", "ErrorLog", "Header", "IfModule", "Include", "LoadModule", "Location"),
    *("Options", "ProxyHCExpr", "ProxyPass", "ProxyPassMatch", "ProxyPassReverse", "ProxyPreserveHost"),
    *("ProxyRequests", "RedirectMatch", "RequestHeader", "RequireAll", "RewriteCond", "RewriteEngine"),
    *("SSLCertificateFile", "SSLCertificateKeyFile", "SSLCipherSuite", "SSLEngine", "SSLHonorCipherOrder"),
    *("SSLProtocol", "SSLSessionTickets", "SetHandler", "TraceEnable", "ServerTokens", "ServerSignature"),
)  # fmt: skip


def read_apache(text: str) -> None:
    open_sections: list[str] = []
    for whole in _lines(text):
        line = whole.strip()
        if end := re.fullmatch(r"</([A-Za-z]+)>", line):
            if not open_sections or open_sections.pop() != end[1]:
                raise FormatError(line)
            continue
        section = re.fullmatch(r"<([A-Za-z]+)(?: (.*))?>", line)
        name, _blank, rest = line.partition(" ") if section is None else (section[1], "", section[2] or "")
        open_sections += [name] if section else []
        if name not in APACHE and name not in PLAIN:
            raise FormatError(line)
        if not re.fullmatch(APACHE.get(name, ".*"), " ".join(_arguments(rest))):
            raise FormatError(line)
        for port in re.findall(r"(?:^|:)(\d+)", rest) if name in ("Listen", "VirtualHost") else ():
            if int(port) > 65535:  # noqa: PLR2004
                raise FormatError(line)
    if open_sections:
        raise FormatError(open_sections[-1])


def _arguments(rest: str) -> list[str]:
    """Split as Apache does: quotes count only at the beginning of an argument."""
    found = []
    left = rest.strip()
    while left:
        quote = re.match(r"""(["'])((?:\\.|(?!\1).)*)\1(?=\s|$)""", left)
        if left[0] in "\"'" and quote is None:
            raise FormatError(rest)
        one = quote[0] if quote else left.split()[0]
        found.append(quote[2] if quote else one)
        left = left[len(one) :].strip()
    return found


def _lines(text: str) -> Iterator[str]:
    """Yield the lines that are neither empty nor comments."""
    for line in text.split("\n"):
        if not line.isprintable():
            raise FormatError(line)
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.rstrip() if line.startswith(" ") else line


READERS: dict[str, Callable[[str], object]] = {
    r"/etc/ha\.d/ha\.cf": read_ha_cf,
    r"/etc/ha\.d/authkeys": read_authkeys,
    r"/etc/ha\.d/haresources": read_haresources,
    r".*\.rules": read_marks,
    r".*\.json": json.loads,
    r"/etc/sysctl\.d/.*": read_sysctl,
    r"/etc/modules-load\.d/.*": read_modules,
    r"/etc/systemd/.*": read_unit,
    r"/etc/ssl/.*": read_pem,
    r".*\.htpasswd": read_htpasswd,
    r"/etc/apache2/(sites|conf)-available/.*|/etc/apache2/ports\.conf": read_apache,
}


def read(path: str, text: str) -> None:
    """Read a file that a host gets at a path. Programs and pages have no reader."""
    for pattern, reader in READERS.items():
        if re.fullmatch(pattern, path):
            reader(text)
            return
