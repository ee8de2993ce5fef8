# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options that ldirectord would refuse or ignore, and checks that can never succeed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problems, shown
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.options import PAIR, pair
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.service import RealServer, Service
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.words import (
    PORT_OF_SERVICE,
    SERVICE_OF_PORT,
    called,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import Settled

OPTIONS_NOT_A_DICTIONARY = Kind(
    "options_not_a_dictionary", "found {found}, but they must be a dictionary of option: value"
)
IN_A_SERVICE = Kind("in_a_service", "{name} cannot stand here; move it into the services that need it")
EXTERNAL_WITHOUT_COMMAND = Kind(
    "external_without_command",
    "{type} is external, but {command} is missing, so that ldirectord would run /bin/true and consider "
    "every server healthy; name the command that checks",
)
OPS_WITH_MARK = Kind(
    "ops_with_mark", "ops is yes, but with fwmark ldirectord ignores it; remove ops, or fwmark"
)
INTERVAL_WITHOUT_FORK = Kind(
    "interval_without_fork",
    "{interval} is set, but in a service ldirectord uses it only with fork: true in its options; set "
    "that, or move it into the options as checkinterval",
)
NO_FALLBACK_FOR_MARK = Kind(
    "no_fallback_for_mark",
    "it has a fwmark and no fallback, and ldirectord cannot use the fallback in its options for a firewall "
    "mark; give this service a fallback of its own",
)

NEEDS = Kind(
    "needs",
    "the check of {service} cannot succeed without {missing}; set {missing}, or use {type}: connect",
)
HALF_A_LOGIN = Kind(
    "half_a_login",
    "{found} is set, but {missing} is not, and the check of {service} logs in with both or not at all; set "
    "{missing}, or remove {found}",
)
RECEIVE_WITHOUT_REQUEST = Kind(
    "receive_without_request",
    "{receive} is set, but {request} is not, so that ldirectord would search in the name of the root of "
    "{service}, which is empty; set {request} to the name of an entry, or remove {receive}",
)
WHOLE_URL = Kind(
    "whole_url",
    "{request} is {found}, but ldirectord writes the address of the real server before it; write the path "
    "alone, such as status/alive.html",
)
URL_INSIDE = Kind(
    "url_inside",
    "{request} is {found}, and because of {scheme}:// inside of it ldirectord would consider it a whole URL; "
    "write another path, or the whole URL",
)
NO_WHOLE_URL = Kind(
    "no_whole_url",
    "{request} is {found}, but the check of http_proxy needs a whole URL, which it requests through the "
    "proxy; write a URL such as http://www.example.com/",
)
UDP_WITHOUT_SERVICE = Kind(
    "udp_without_service",
    "protocol is udp, and for port {port} ldirectord has no service to check; use {type}: ping, which checks "
    "the host alone, or set {service} to the service that answers there",
)
MARK_WITH_TCP = Kind(
    "mark_with_tcp",
    "protocol is udp, but with fwmark ldirectord checks {what} by tcp; use {type}: ping, or make a service "
    "of each port",
)
MARK_WITHOUT_PORT = Kind(
    "mark_without_port",
    "{port} is empty, and for a service with fwmark ldirectord knows no other port to check; set {port}",
)
NO_EXPRESSION = Kind(
    "no_expression",
    "{receive} is {found}, but must be a regular expression, and this one has {why}; put a \\ before each "
    "sign that stands for itself, or use the filter regex_escape",
)
OTHER_TEXT = Kind(
    "other_text",
    "{receive} is {found}, a regular expression that does not match the text of {page}, {text}; "
    "write {better}, or use the filter regex_escape",
)
QUOTE_BETWEEN = Kind(
    "quote_between",
    "of request and receive ldirectord would read {read}, because of the double quotes in them; remove the "
    "quotes, or set request and receive in the check of the service",
)

SQL = ("login", "request")
# Service -> the options without which its check cannot succeed.
REQUIRED = {
    "dns": ("request", "receive"),
    "ftp": ("request", "receive"),
    "http_proxy": ("request",),
    "mysql": SQL,
    "oracle": (*SQL, "database"),
    "pgsql": SQL,
    "radius": ("login", "passwd", "secret"),
    "simpletcp": ("receive",),
}
WITH_LOGIN = ("imap", "imaps", "ldap", "ldaps", "pop", "pops")
# Driver of a database -> the Debian package that has it, on which Debian's ldirectord does not depend.
PACKAGES = {"mysql": "libdbd-mysql-perl", "pgsql": "libdbd-pg-perl"}
SEARCHED = ("dns", "ftp", "http", "https", "http_proxy", "ldap", "ldaps", "simpletcp")
PAGES = ("http", "https")
# Those that ldirectord asks by the protocol of the service.
BY_PROTOCOL = ("simpletcp", "sip")
# An escape of a regular expression. That of a control character includes the next sign.
ESCAPE = re.compile(r"\\(\d+|c.|.)", re.S)
# Python's messages for expressions that Perl cannot read either. Perl accepts some that Python refuses.
NO_EXPRESSION_IN_PERL = re.compile(
    r"missing \), unterminated subpattern|unbalanced parenthesis|unterminated character set|nothing to repeat"
    r"|bad escape \(end of pattern\)|invalid group reference \d"
)


def check_service(general: Settled, service: Service, problems: Problems) -> None:
    """Add the problems of a service that ldirectord, with its global options, cannot keep."""
    if service.ops and service.place.mark:
        problems.add(OPS_WITH_MARK)
    if str(service.check.type).startswith("external") and service.check.command is None:
        problems.add(
            EXTERNAL_WITHOUT_COMMAND, type=called(service, "type"), command=called(service, "command")
        )
    if service.check.interval is not None and not general.get("fork"):
        problems.add(INTERVAL_WITHOUT_FORK, interval=called(service, "interval"))
    if service.place.mark and service.fallback is None and "fallback" in general:
        problems.add(NO_FALLBACK_FOR_MARK)
    _check_question(service, problems)


def asked(service: Service) -> str | None:
    """Return the service that the check asks, or None if it asks nothing."""
    check, place = service.check, service.place
    if check.type not in (None, "negotiate") and not isinstance(check.type, int):
        return None
    own = "none" if place.mark else SERVICE_OF_PORT.get(place.ports[0], "none")
    return check.service or own


def check_own_page(services: Iterable[Service], page: str, text: str, problems: Problems) -> None:
    """Add each receive that does not match our own health page, where a check asks for that."""
    for service in services:
        check = service.check
        about = problems.about(f"Service {service.name}")
        if asked(service) not in PAGES or check.virtualhost or check.port not in (None, *service.place.ports):
            continue
        for real in service.real_servers:
            request, receive = real.question(check)
            if receive and (request or "").strip("/") == page.strip("/") and not _matches(receive, text):
                about.add(
                    OTHER_TEXT,
                    receive=called(service, "receive"),
                    found=shown(receive),
                    page=page,
                    text=shown(text),
                    better=re.escape(text) or "an empty text",
                )


def _matches(receive: str, text: str) -> bool:
    """Whether an expression matches; what only Perl can read is believed to."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return bool(re.search(receive, f"{text}\n"))
    except re.error:
        return True


def packages(services: Iterable[Service]) -> list[str]:
    """Return the Debian packages that the checks need beside ldirectord."""
    needed = {PACKAGES.get(asked(service) or "", "") for service in services}
    return sorted(needed - {""})


def _check_question(service: Service, problems: Problems) -> None:
    """Add why the check of a service can never succeed."""
    known = asked(service)
    _check_way(service, known, problems)
    if known is None:
        return
    _check_login(service, known, problems)
    for real in service.real_servers:
        about = problems
        if real.has_own_question:
            about = problems.about(f"{problems.where}, real server {real.address}")
        _check_text(service, real, known, about)


def _check_way(service: Service, known: str | None, problems: Problems) -> None:
    """Check the protocol and the port by which a real server is asked."""
    check, mark = service.check, service.place.mark
    connects = check.type == "connect" or isinstance(check.type, int)
    if service.transport == "udp" and known == "none" and check.service is None:
        problems.add(
            UDP_WITHOUT_SERVICE,
            port=check.port or service.place.ports[0],
            type=called(service, "type"),
            service=called(service, "service"),
        )
        return
    if service.transport == "udp" and mark and (isinstance(check.type, int) or known in BY_PROTOCOL):
        what = "a number as type" if isinstance(check.type, int) else known
        problems.add(MARK_WITH_TCP, what=what, type=called(service, "type"))
        return
    unknown = check.port is None and check.service not in PORT_OF_SERVICE
    if mark and unknown and (connects or known == "simpletcp"):
        problems.add(MARK_WITHOUT_PORT, port=called(service, "port"))


def _check_login(service: Service, known: str, problems: Problems) -> None:
    own = {name: getattr(service.check, name) is not None for name in ("login", "passwd")}
    if known in WITH_LOGIN and any(own.values()) and not all(own.values()):
        (found,), (missing,) = ([name for name in own if own[name] is has] for has in (True, False))
        problems.add(
            HALF_A_LOGIN, found=called(service, found), missing=called(service, missing), service=known
        )


def _check_text(service: Service, real: RealServer, known: str, problems: Problems) -> None:
    """Check what one real server is asked, and what it must answer."""
    names = {name: _called(service, real, name) for name in ("request", "receive")}
    request, receive = real.question(service.check)
    given = {**vars(service.check), "request": request, "receive": receive}
    missing = tuple(called(service, name) for name in REQUIRED.get(known, ()) if given[name] is None)
    if missing:
        problems.add(NEEDS, service=known, missing=missing, type=called(service, "type"))
    if known in ("ldap", "ldaps") and receive and request is None:
        problems.add(RECEIVE_WITHOUT_REQUEST, service=known, **names)
    if request is not None:
        _check_url(request, known, real.has_own_question, names["request"], problems)
    why = _why_no_expression(receive) if receive and known in SEARCHED else None
    if why:
        problems.add(NO_EXPRESSION, receive=names["receive"], found=shown(receive), why=why)
    if real.has_own_question:
        read = PAIR.fullmatch(pair(request or "", receive or ""))
        if read and read.groups() != ((request or "").lstrip("/"), receive or ""):
            problems.add(QUOTE_BETWEEN, read=" and ".join(map(shown, read.groups())))


def _called(service: Service, real: RealServer, name: str) -> str:
    return name if getattr(real, name) is not None else called(service, name)


def _check_url(request: str, known: str, own: bool, name: str, problems: Problems) -> None:
    """Check the URL that ldirectord makes of a request; own: whether it stands in the real server's line."""
    path = request.removeprefix("/")
    whole = re.match(r"https?://", path)
    scheme = "http" if known == "http_proxy" else known
    inside = own and f"{scheme}://" in path and not path.startswith(f"{scheme}://")
    if known in PAGES and whole and not (own and path.startswith(f"{scheme}://")):
        problems.add(WHOLE_URL, request=name, found=shown(request))
    elif known in (*PAGES, "http_proxy") and inside:
        problems.add(URL_INSIDE, request=name, found=shown(request), scheme=scheme)
    elif known == "http_proxy" and not own and not path.startswith("http://"):
        problems.add(NO_WHOLE_URL, request=name, found=shown(request))


def _why_no_expression(text: str) -> str | None:
    """Return what is wrong with an expression that Perl cannot read."""
    # Python stops at an escape such as \l, or at a reference to an open group. Perl accepts both.
    plain = ESCAPE.sub(lambda found: "a" if found[1][0].isalnum() else found[0], text)
    for one in (text, plain):
        try:
            with warnings.catch_warnings(action="ignore"):
                re.compile(one)
        except re.error as why:
            if NO_EXPRESSION_IN_PERL.fullmatch(why.msg):
                return why.msg
    return None
