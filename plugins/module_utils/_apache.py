# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Know the words that Apache's configuration shares between a web server and a balancer.

Above all the sticky cookie: whoever sets it, the balancer finds the member by what stands behind its first
dot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.haweb.cluster.plugins.module_utils._values import (
    Problems,
    Reader,
    UnfitError,
    guess,
    number,
    one_of,
    shown,
)

# What stands for the host that the client asked for, without a port.
SERVER_NAME = "%{SERVER_NAME}"
MOST_MINUTES = 525600  # a year
MOST_ROUTE = 63  # bytes: mod_proxy cuts off what is longer, and then never finds the member

TOKEN = re.compile(r"[A-Za-z0-9_.-]+")
ROUTE = re.compile(r"[A-Za-z0-9_-]+")
HOST = re.compile(
    r"(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
)
# What a path may have and an Alias, a regular expression, a browser and ldirectord read alike.
PAGE = re.compile(r"/?[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")
BARE = re.compile(r"[^\s\"'\\<>\x00-\x1f\x7f]+")


def bare(value: object) -> str:
    """Read a word that stands in the file without quotes."""
    found = str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    if not BARE.fullmatch(found):
        raise UnfitError("must be a single word without blanks, quotes, backslashes and angle brackets")
    return found


def quotable(value: object) -> str:
    """Read one line of text that stands in the file between quotes."""
    found = value if isinstance(value, str) else ""
    if not found.strip() or not found.isprintable() or '"' in found or "\\" in found:
        raise UnfitError("must be one line of text without double quotes and backslashes")
    return found


def token(value: object) -> str:
    """Read the name of a cookie or of a header."""
    found = value if isinstance(value, str) else ""
    # Narrower than HTTP's, since mod_rewrite gives more signs a meaning of its own.
    if not TOKEN.fullmatch(found):
        raise UnfitError("must be a word of letters, digits, - and _, or it would get lost on the way")
    return found


def sticky(value: object) -> str:
    """Read a cookie's name, or that and a URL parameter's with | between them."""
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


def host_name(value: object) -> str:
    found = value if isinstance(value, str) else ""
    if not HOST.fullmatch(found):
        raise UnfitError("must be a host name such as www.example.com")
    return found


def domain(value: object) -> str:
    if value == SERVER_NAME:
        return SERVER_NAME
    found = str(value)
    if not HOST.fullmatch(found.removeprefix(".")) or "." not in found.strip("."):
        raise UnfitError(
            "must have two parts with a dot between them at least, such as .example.com, or browsers refuse "
            f"the cookie; leave it out for the host that the client asked for ({SERVER_NAME})"
        )
    return found


def url_path(value: object) -> str:
    found = bare(value)
    if not found.startswith("/") or any(sign in found for sign in ";,?#"):
        raise UnfitError("must be a path of the site such as /, without ; , ? and #")
    return found


def page(value: object) -> str:
    """Read the path of one page, with or without the slash at its beginning, and return it with that."""
    found = value if isinstance(value, str) else ""
    # Apache and clients resolve dots before they compare, so that nobody could ask for such a path.
    if not PAGE.fullmatch(found) or {".", ".."} & set(found.split("/")):
        raise UnfitError(
            "must be the path of a page such as ldirector.html or status/alive.html: words of letters, "
            "digits and . _ ~ - with single slashes between them, none of them . or .."
        )
    return f"/{found.removeprefix('/')}"


def member_url(value: object) -> str:
    """Read the URL of a member in the form in which Apache wants it: without a slash at its end."""
    found = bare(value)
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


def boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise UnfitError("must be true or false")
    return value


def on_off(value: object) -> str:
    """Read a switch; YAML has already turned a bare On into true."""
    if isinstance(value, str) and value.lower() in ("on", "off"):
        return value.capitalize()
    return "On" if boolean(value) else "Off"


def number_with_unit(low: int, high: int, *units: str) -> Reader:
    """Read a whole number of seconds, or one with a unit such as 500ms where Apache takes it."""
    whole = number(low, high)

    def read(value: object) -> str:
        found = str(value)
        unit = next((unit for unit in units if found.endswith(unit)), "")
        try:
            return whole(found.removesuffix(unit) if unit else value) + unit
        except UnfitError as why:
            endings = f", or one that ends in {' or '.join(units)}" if units else ""
            raise UnfitError(f"{why} of seconds{endings}") from None

    return read


@dataclass(frozen=True)
class Cookie:
    """The sticky cookie under the words of mod_rewrite's flag CO."""

    name: str
    domain: str
    lifetime: str
    path: str
    secure: bool
    httponly: bool
    samesite: str

    def rewrite_flag(self, own_route: str) -> str:
        """Say it as the flag of a RewriteRule; with semicolons, since a host may contain colons."""
        words = (
            self.name,
            f"balancer.{own_route}",
            self.domain,
            self.lifetime,
            self.path,
            str(int(self.secure)),
            str(int(self.httponly)),
            self.samesite,
        )
        return f"CO=;{';'.join(words)}"

    def header(self) -> str:
        """Say it as a Set-Cookie header of the balancer, which knows whom it has chosen."""
        words = [f"{self.name}=balancer.%{{BALANCER_WORKER_ROUTE}}e", f"path={self.path}"]
        # Without a domain a cookie is the host's that the client asked for.
        words += [f"domain={self.domain}"] if self.domain != SERVER_NAME else []
        words += [f"max-age={int(self.lifetime) * 60}"] if self.lifetime != "0" else []
        words += ["secure"] if self.secure else []
        words += ["HttpOnly"] if self.httponly else []
        return "; ".join([*words, f"SameSite={self.samesite}"])


# In the order of mod_rewrite's flag; a new attribute is a line here and a field above.
COOKIE: Mapping[str, tuple[Callable[[object], object], object]] = {
    "name": (token, "BALANCEID"),
    "domain": (domain, SERVER_NAME),
    "lifetime": (number(0, MOST_MINUTES), 0),
    "path": (url_path, "/"),
    "secure": (boolean, False),
    "httponly": (boolean, False),
    "samesite": (one_of("Lax", "Strict", "None"), "Lax"),
}


def read_cookie(given: object, problems: Problems) -> Cookie | None:
    """Return the cookie, or None when anything speaks against it."""
    if not isinstance(given, Mapping):
        problems.say(
            f"found {shown(given)}, but it must be a dictionary such as {{name: BALANCEID, path: /}}"
        )
        return None
    already = len(problems.sentences)
    for name in given:
        if name not in COOKIE:
            problems.say(f"{shown(name)} is unknown", guess(name, COOKIE))
    settled = {
        name: problems.read(reader, name, given.get(name, default))
        for name, (reader, default) in COOKIE.items()
    }
    if len(problems.sentences) > already:
        return None
    cookie = Cookie(**settled)  # type: ignore[arg-type]
    if cookie.samesite == "None" and not cookie.secure:
        problems.say(
            "samesite is 'None', but secure is false, and browsers refuse such a cookie; set secure: true "
            "(and serve the site by TLS), or samesite: Lax"
        )
        return None
    return cookie
