# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read single values of Apache's configuration.

These readers follow the rules of those in ../_values.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from ansible_collections.haweb.cluster.plugins.module_utils._problems import UnfitError
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import number, truth

# Apache replaces this by the host name in the request, without a port.
SERVER_NAME = "%{SERVER_NAME}"
# The first parts of paths that the balancer's own template uses.
BALANCERS_PAGES = ("haweb-sorry.html", "balancer-manager")

MOST_ROUTE = 63  # bytes: mod_proxy cuts longer routes, and then never finds the member
MOST_PASSWORD = 72  # bytes
MOST_MILLISECONDS = 86400000
MOST_LOADFACTOR = 100

TOKEN = re.compile(r"[A-Za-z0-9_.-]+")
ROUTE = re.compile(r"[A-Za-z0-9_-]+")
HOST = re.compile(
    r"(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
)
# Characters of a path that an Alias, a regular expression, a browser and ldirectord read in the same way.
PAGE = re.compile(r"/?[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")
BARE = re.compile(r"[^\s\"'\\<>\x00-\x1f\x7f]+")
# Characters that would end the expression of a health check, or have a meaning in it.
UNFIT_IN_EXPRESSION = re.compile(r"[{}'\"\\\x00-\x1f\x7f]")
LOADFACTOR = re.compile(r"\d{1,3}(\.\d{1,2})?")
HTTP_ONLY = "TLS ends at the balancer, which speaks http with its members; write http:// and the port for it"
# Scheme of a URL that Apache knows, or that people expect -> what is true of it.
OTHER_SCHEMES = {
    "https": f"must begin with http://: {HTTP_ONLY}",
    "wss": f"must begin with http://: {HTTP_ONLY}. WebSockets pass through http members",
    "ws": "must begin with http://: WebSockets pass through http members, without another member for them",
    "h2": f"must begin with http://: {HTTP_ONLY}",
    "h2c": "must begin with http://: the balancer speaks HTTP/1.1 with its members",
    **dict.fromkeys(
        ("ajp", "fcgi", "scgi", "uwsgi", "unix"),
        "must begin with http://: the balancer speaks only http with its members; make the application, or a "
        "web server before it, listen for http",
    ),
}
STATUS = re.compile(r"([+-]?[DSRHIN])+")


def bare(value: object) -> str:
    """Read a word that the file contains without quotes."""
    found = str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    if not BARE.fullmatch(found):
        raise UnfitError("must be a single word without blanks, quotes, backslashes and angle brackets")
    return found


boolean = on_off = truth("must be true or false")


@dataclass(frozen=True)
class Time:
    """A time, in the unit of the inventory."""

    count: int
    milliseconds: bool = False  # else seconds


def time(value: object) -> Time:
    found = str(value)
    milliseconds = found.endswith("ms")
    try:
        count = number(1, MOST_MILLISECONDS)(found.removesuffix("ms") if milliseconds else value)
    except UnfitError as why:
        raise UnfitError(f"{why} of seconds, or one that ends in ms") from None
    return Time(count, milliseconds)


# --- the site ---


def host_name(value: object) -> str:
    found = value if isinstance(value, str) else ""
    if not HOST.fullmatch(found):
        raise UnfitError("must be a host name such as www.example.com")
    return found


def url_path(value: object) -> str:
    found = bare(value)
    if not found.startswith("/") or any(sign in found for sign in ";,?#"):
        raise UnfitError("must be a path of the site such as /, without ; , ? and #")
    return found


def page(value: object) -> str:
    """Read the path of one page, with or without a leading slash, and return it with the slash."""
    found = value if isinstance(value, str) else ""
    # Apache and clients resolve dots before they compare paths, so that no request could match.
    if not PAGE.fullmatch(found) or {".", ".."} & set(found.split("/")):
        raise UnfitError(
            "must be the path of a page such as ldirector.html or status/alive.html: words of letters, "
            "digits and . _ ~ - with single slashes between them, none of them . or .."
        )
    return f"/{found.removeprefix('/')}"


def balancers_page(value: object) -> str:
    """Read the path of the health page. The balancer has its own health page, too."""
    found = page(value)
    if found.split("/")[1] in BALANCERS_PAGES:
        taken = " and ".join(f"/{name}" for name in BALANCERS_PAGES)
        raise UnfitError(f"must be another one than {taken}, which the balancer has for other purposes")
    return found


def expected_text(value: object) -> str:
    """Read the text that the health page must contain; it may be empty."""
    found = str(value)
    if UNFIT_IN_EXPRESSION.search(found):
        raise UnfitError("must be one line without quotes, braces and backslashes")
    return found


# --- sessions ---


def token(value: object) -> str:
    """Read the name of a cookie or of a header."""
    found = value if isinstance(value, str) else ""
    # Narrower than in HTTP, because mod_rewrite interprets more characters.
    if not TOKEN.fullmatch(found):
        raise UnfitError("must be a word of letters, digits, - and _, or it would get lost on the way")
    return found


def sticky(value: object) -> str:
    """Read the name of a cookie, or the names of a cookie and a URL parameter, separated by |."""
    return "|".join(token(part) for part in str(value).split("|", 1))


def route(value: object) -> str:
    found = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not ROUTE.fullmatch(found):
        raise UnfitError(
            "must be a word of letters, digits, - and _: Apache looks for the member whose route is all that "
            "follows the first dot in the cookie"
        )
    if len(found) > MOST_ROUTE:
        raise UnfitError(f"must have {MOST_ROUTE} letters at most")
    return found


def domain(value: object) -> str:
    """Read the domain of a cookie. An empty domain means the host name in the request."""
    if value == SERVER_NAME:
        return ""
    found = str(value)
    if not HOST.fullmatch(found.removeprefix(".")) or "." not in found.strip("."):
        raise UnfitError(
            "must have two parts with a dot between them at least, such as .example.com, or browsers refuse "
            f"the cookie; leave it out for the host that the client asked for ({SERVER_NAME})"
        )
    return found


# --- members ---


def member_url(value: object) -> str:
    """Read the URL of a member in Apache's form: without a trailing slash."""
    found = bare(value)
    refused = OTHER_SCHEMES.get(found.partition("://")[0].lower())
    if refused:
        raise UnfitError(refused)
    try:
        parts = urlsplit(found)
        usable = parts.scheme == "http" and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username:
        raise UnfitError("must be a URL such as http://192.168.0.101:80")
    if found.endswith("/"):
        raise UnfitError(f"must end without a slash; write {found.rstrip('/')}")
    return found


def loadfactor(value: object) -> Decimal:
    found = str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    if not LOADFACTOR.fullmatch(found) or not 1 <= Decimal(found) <= MOST_LOADFACTOR:
        raise UnfitError(f"must be a number from 1 to {MOST_LOADFACTOR}, with two decimals at most")
    return Decimal(found)


def status(value: object) -> str:
    if not isinstance(value, str) or not STATUS.fullmatch(value):
        raise UnfitError(
            "must be flags such as +H (hot standby), +R (hot spare), +N (drain), +D (disabled), +S (stopped) "
            "or +I (ignore errors)"
        )
    return value


def codes(value: object) -> tuple[int, ...]:
    """Read a list of HTTP status codes, or a text with commas."""
    parts = value if isinstance(value, list) else str(value).split(",")
    return tuple(number(100, 599)(part) for part in parts)


# --- the balancer-manager ---


def user(value: object) -> str:
    found = value if isinstance(value, str) else ""
    if not BARE.fullmatch(found) or not found.isprintable() or ":" in found or found.startswith("#"):
        raise UnfitError("must be a word without a colon; there is no default user")
    return found


def password(value: object) -> str:
    if not isinstance(value, str):
        raise UnfitError("must be text; put a number in quotes")
    if not value:
        raise UnfitError("must not be empty; there is no default password")
    if len(value.encode()) > MOST_PASSWORD:
        raise UnfitError(f"must have {MOST_PASSWORD} bytes at most, since bcrypt ignores what is longer")
    return value
