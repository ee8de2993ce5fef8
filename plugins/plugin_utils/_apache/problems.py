# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The problems of a web server and of a balancer, and the checks of values that depend on each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problems, guess, shown
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.cookie import Cookie
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.member import Member

# The flags of members that take no new sessions, or take them only if no other member does.
NOT_SERVING = re.compile(r"(?<!-)[DSRHN]")

UNFIT_SET = Kind("unfit_set", "its {name} are {found}, but must be {must}")
UNKNOWN_OPTION = Kind("unknown_option", "its option {name} is unknown{guess}")
GROWTH = Kind(
    "growth",
    "growth cannot be used: on a reload its free places bring back members that are in the inventory no "
    "longer; leave it out, a reload makes room for new members anyway",
)
NOT_FOR_ALL = Kind("not_for_all", "{name} cannot be one of its member_options; move it into each member")
NO_MEMBERS = Kind("no_members", "it has no members; a balancer needs one web server at least")
NO_ROUTE = Kind("no_route", "route is missing; without one no session can stay on this member")
ROUTE_TWICE = Kind(
    "route_twice",
    "its route is {route}, which is already the route of {owner}; give each member a route of its own, or "
    "sessions move between them",
)
URL_TWICE = Kind("url_twice", "its url {url} is in the list more than once; remove the others")
REDIRECT_UNKNOWN = Kind("redirect_unknown", "redirect is {found}, but no member has this route{guess}")
NONE_SERVES = Kind(
    "none_serves",
    "no member takes requests, since the status of each one has a flag of D, S, R, H or N; remove it from "
    "one",
)
SAMESITE_WITHOUT_SECURE = Kind(
    "samesite_without_secure",
    "samesite is 'None', but secure is false, and browsers refuse such a cookie; set secure: true (and serve "
    "the site by TLS), or samesite: Lax",
)
HTTPONLY_WITHOUT_SECURE = Kind(
    "httponly_without_secure",
    "httponly is true, but secure is false, and mod_rewrite writes HttpOnly only after Secure; set secure: "
    "true (and serve the site by TLS), or httponly: false",
)
ALLOWS_NOBODY = Kind(
    "allows_nobody", "allow names nobody, so that nobody could use it; name addresses, or switch it off"
)


def about_member(name: object, problems: Problems) -> Problems:
    return problems.about(f"Balancer member {name}")


def check_members(members: Sequence[Member], problems: Problems) -> None:
    """Add the problems between the members of one balancer."""
    _check_owners(members, problems)
    _check_redirects(members, problems)
    if members and all(NOT_SERVING.search(member.parameters.get("status", "")) for member in members):
        problems.add(NONE_SERVES)


def _check_owners(members: Sequence[Member], problems: Problems) -> None:
    owners: dict[str, str] = {}
    urls: set[str] = set()
    for member in members:
        about = about_member(member.route, problems)
        if member.route in owners:
            about.add(ROUTE_TWICE, route=member.route, owner=owners[member.route])
        if member.url in urls:
            about.add(URL_TWICE, url=member.url)
        owners.setdefault(member.route, member.url)
        urls.add(member.url)


def _check_redirects(members: Sequence[Member], problems: Problems) -> None:
    routes = [member.route for member in members]
    for member in members:
        target = member.parameters.get("redirect")
        if target is not None and target not in routes:
            about_member(member.route, problems).add(
                REDIRECT_UNKNOWN, found=shown(target), guess=guess(target, routes)
            )


def check_cookie(cookie: Cookie, problems: Problems) -> None:
    if cookie.samesite == "None" and not cookie.secure:
        problems.add(SAMESITE_WITHOUT_SECURE)


def check_web_servers_cookie(cookie: Cookie, problems: Problems) -> None:
    if cookie.httponly and not cookie.secure:
        problems.add(HTTPONLY_WITHOUT_SECURE)
