# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turn a balancer's members into the shape of Apache's configuration, and say what speaks against them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.haweb.cluster.plugins.module_utils._apache import member_url, page
from ansible_collections.haweb.cluster.plugins.module_utils._balancer import (
    BALANCER,
    MEMBER,
    MEMBER_WORDS,
    NOT_SERVING,
    OWN_WORDS,
)
from ansible_collections.haweb.cluster.plugins.module_utils._options import Settled, settle
from ansible_collections.haweb.cluster.plugins.module_utils._values import (
    Problems,
    UnfitError,
    guess,
    is_list,
    shown,
)

MEMBER_EXAMPLE = "{url: http://192.168.0.101:80, route: webserver1}"
# The first words of paths that the site's own template has.
OWN_PAGES = ("haweb-sorry.html", "balancer-manager")
# What would end the expression, or mean something in it.
UNFIT_IN_EXPRESSION = re.compile(r"[{}'\"\\\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Member:
    url: str
    parameters: dict[str, str]

    def shape(self) -> dict[str, str]:
        return {
            "url": self.url,
            "parameters": " ".join(f"{name}={value}" for name, value in self.parameters.items()),
        }


@dataclass(frozen=True)
class Config:
    members: tuple[Member, ...]
    options: dict[str, str]
    health_page: str
    health_text: str

    def health_expression(self) -> str:
        """Say when a member is well; without a text Apache itself judges, by the status."""
        if not self.health_text:
            return ""
        text = re.escape(self.health_text).replace("/", "\\/")
        return f"%{{REQUEST_STATUS}} =~ /^[23]/ && hc('body') =~ /{text}/"

    def shape(self) -> dict[str, object]:
        """Return what a template can walk through."""
        return {
            "members": [member.shape() for member in self.members],
            "options": [{"name": name, "value": value} for name, value in self.options.items()],
            "health_page": self.health_page,
            "lbmethod": self.options["lbmethod"],
            "health_expression": self.health_expression(),
        }


@dataclass(frozen=True)
class Plan:
    """What the balancer is to do, and what speaks against it; only without problems is it complete."""

    config: Config
    problems: tuple[str, ...]


def plan(
    members: object, options: object, member_options: object, health_page: str, health_text: str
) -> Plan:
    problems = Problems("The balancer", [])
    settled_options = _read_options(options, problems)
    path = problems.read(own_page, "its health page", health_page) or "/"
    context = {"health_page": path, "health_text": health_text}
    if UNFIT_IN_EXPRESSION.search(health_text):
        problems.say(
            f"health_text is {shown(health_text)}, but must be one line without quotes, braces and "
            "backslashes"
        )
    found = _read_members(members, _defaults_of(member_options, problems), context, problems)
    _check_together(found, problems)
    return Plan(Config(tuple(found), settled_options, path, health_text), tuple(problems.sentences))


def own_page(value: object) -> str:
    """Read the path of the health page, which the balancer has itself, too."""
    found = page(value)
    if found.split("/")[1] in OWN_PAGES:
        raise UnfitError(
            f"must be another one than {' and '.join(f'/{name}' for name in OWN_PAGES)}, which the balancer "
            "has for other purposes"
        )
    return found


def _read_options(options: object, problems: Problems) -> dict[str, str]:
    given = {} if options is None else options
    if not isinstance(given, Mapping):
        problems.say(
            f"its options are {shown(options)}, but must be a dictionary such as {{lbmethod: byrequests}}"
        )
        return {}
    known = [parameter.name for parameter in BALANCER]
    for name in given:
        if name == "growth":
            problems.say(
                "growth cannot be used: on a reload its free places bring back members that are in the "
                "inventory no longer; leave it out, a reload makes room for new members anyway"
            )
        elif name not in known:
            problems.say(f"its option {shown(name)} is unknown", guess(name, known))
    return settle(BALANCER, given, {}, problems)


def _defaults_of(member_options: object, problems: Problems) -> Mapping[str, object]:
    given = {} if member_options is None else member_options
    if not isinstance(given, Mapping):
        problems.say(f"its member_options are {shown(given)}, but must be a dictionary such as {{retry: 5}}")
        return {}
    for name in given:
        if name in OWN_WORDS:
            problems.say(f"{name} cannot be one of its member_options; move it into each member")
    return {name: value for name, value in given.items() if name not in OWN_WORDS}


def _read_members(members: object, defaults: Settled, context: Settled, problems: Problems) -> list[Member]:
    if not is_list(members):
        problems.say(f"its members are {shown(members)}, but must be a list")
        return []
    if not members:
        problems.say("it has no members; a balancer needs one web server at least")
    found = (
        _read_member(member, defaults, context, problems.about(_title(member, position)))
        for position, member in enumerate(members, start=1)
    )
    return [member for member in found if member]


def _title(member: object, position: int) -> str:
    name = member.get("route") if isinstance(member, Mapping) else None
    return (
        f"Balancer member {name}"
        if isinstance(name, str) and name.isprintable()
        else f"Balancer member {position}"
    )


def _read_member(given: object, defaults: Settled, context: Settled, problems: Problems) -> Member | None:
    """Return the member, or None when anything speaks against it."""
    if not isinstance(given, Mapping):
        problems.say(f"found {shown(given)}, but it must be a dictionary such as {MEMBER_EXAMPLE}")
        return None
    already = len(problems.sentences)
    for name in (*defaults, *given):
        if name not in MEMBER_WORDS:
            problems.say(f"{shown(name)} is unknown", guess(name, MEMBER_WORDS))
    if given.get("route") is None:
        problems.say("route is missing; without one no session can find its way back to this member")
    url = problems.read(member_url, "url", given.get("url"))
    parameters = settle(MEMBER, {**defaults, **given}, context, problems)
    if url is None or len(problems.sentences) > already:
        return None
    return Member(url, parameters)


def _check_together(members: list[Member], problems: Problems) -> None:
    routes: dict[str, str] = {}
    urls: set[str] = set()
    for member in members:
        about = problems.about(f"Balancer member {member.parameters['route']}")
        route = member.parameters["route"]
        if route in routes:
            about.say(
                f"its route is {route}, which is already the route of {routes[route]}; "
                "give each member a route of its own, or sessions wander between them"
            )
        routes.setdefault(route, member.url)
        if member.url in urls:
            about.say(f"its url {member.url} is in the list more than once; remove the others")
        urls.add(member.url)
    for member in members:
        target = member.parameters.get("redirect")
        if target is not None and target not in routes:
            problems.about(f"Balancer member {member.parameters['route']}").say(
                f"redirect is {shown(target)}, but no member has this route", guess(target, routes)
            )
    if members and all(NOT_SERVING.search(member.parameters.get("status", "")) for member in members):
        problems.say(
            "no member takes requests, since the status of each one has a flag of D, S, R, H or N; remove it "
            "from one"
        )
