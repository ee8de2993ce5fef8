# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a web server and a balancer from the inventory."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.haweb.cluster.plugins.module_utils._problems import (
    NOT_WHAT,
    UNFIT,
    Problem,
    Problems,
    guess,
    is_list,
    kind_of,
    shown,
    shown_name,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.options import (
    BALANCER,
    COOKIE,
    MEMBER,
    MEMBER_WORDS,
    OWN_WORDS,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.problems import (
    ALLOWS_NOBODY,
    GROWTH,
    NO_MEMBERS,
    NO_ROUTE,
    NOT_FOR_ALL,
    UNFIT_SET,
    UNKNOWN_OPTION,
    about_member,
    check_cookie,
    check_members,
    check_web_servers_cookie,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.values import (
    balancers_page,
    boolean,
    expected_text,
    host_name,
    member_url,
    page,
    password,
    route,
    token,
    user,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.cookie import Cookie
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.member import Balancer, Member
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import Settled, settle
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import network

MORE_THAN_ADDRESS = re.compile(r"[@\s]")
MEMBER_EXAMPLE = "{url: http://192.168.0.101:80, route: webserver1}"
COOKIE_EXAMPLE = "{name: BALANCEID, path: /}"
OPTIONS_EXAMPLE = "{lbmethod: byrequests}"
MEMBER_OPTIONS_EXAMPLE = "{retry: 5}"


def web_server_problems(
    cookie: object,
    own_route: object,
    names: Iterable[object],
    headers: Iterable[object],
    health_page: object,
) -> list[Problem]:
    problems = Problems("The web server")
    _read_names(names, problems)
    for header in headers:
        problems.read(token, "the name of a header", header)
    problems.read(page, "its health page", health_page)
    if own_route != "":
        problems.read(route, "its route", own_route)
        about = problems.about("The sticky cookie")
        settled = read_cookie(cookie, about)
        if settled:
            check_web_servers_cookie(settled, about)
    return problems.found


def balancer_problems(
    members: object,
    options: object,
    member_options: object,
    health_page: object,
    health_text: object,
    names: Iterable[object],
    cookie: object,
    manager: Mapping[str, object],
) -> list[Problem]:
    """Return the problems of a balancer. If cookie or manager is empty, the balancer has none."""
    _balancer, found = read_balancer(members, options, member_options, health_page, health_text)
    problems = Problems("The balancer", found)
    _read_names(names, problems)
    if cookie:
        read_cookie(cookie, problems.about("The balancer's sticky cookie"))
    if manager:
        _read_manager(manager, problems.about("The balancer-manager"))
    return problems.found


def read_balancer(
    members: object, options: object, member_options: object, health_page: object, health_text: object
) -> tuple[Balancer, list[Problem]]:
    """Return the balancer, which is complete only without problems."""
    problems = Problems("The balancer")
    settled = _read_options(options, problems)
    path = problems.read(balancers_page, "its health page", health_page) or "/"
    text = problems.read(expected_text, "health_text", health_text) or ""
    context = {"health_page": path, "health_text": text}
    found = _read_members(members, _defaults_of(member_options, problems), context, problems)
    check_members(found, problems)
    return Balancer(found, settled, path, text), problems.found


def read_cookie(given: object, problems: Problems) -> Cookie | None:
    """Return the cookie, or None if it has a problem."""
    if not isinstance(given, Mapping):
        problems.add(NOT_WHAT, found=kind_of(given), must=f"a dictionary such as {COOKIE_EXAMPLE}")
        return None
    already = len(problems.found)
    _refuse_unknown(given, [option.name for option in COOKIE], problems)
    # Null would leave an attribute to Apache, which has no defaults for the cookie.
    settled: dict[str, Any] = {
        option.name: problems.read(option.read, option.name, given.get(option.name, option.default))
        for option in COOKIE
    }
    if len(problems.found) > already:
        return None
    cookie = Cookie(**settled)
    check_cookie(cookie, problems)
    return None if len(problems.found) > already else cookie


def _read_names(names: Iterable[object], problems: Problems) -> None:
    for name in names:
        problems.read(host_name, "a name of its site", name)


def _read_manager(manager: Mapping[str, object], problems: Problems) -> None:
    """Add the problems of the manager; one that is off has none."""
    enabled = manager.get("enabled", True)
    if enabled is None or problems.read(boolean, "balancer_manager", enabled) is not True:
        return
    problems.read(user, "user", manager.get("user"), secret=True)
    problems.read(password, "password", manager.get("password"), secret=True)
    allow = manager.get("allow")
    if not is_list(allow):
        must = "a list such as [192.168.0.0/24]"
        problems.add(UNFIT, name="allow", found=shown(allow), must=f"must be {must}")
        return
    if not allow:
        problems.add(ALLOWS_NOBODY)
        return
    for entry in allow:
        problems.read(network, "allow", entry)


def _read_options(options: object, problems: Problems) -> Settled:
    given = {} if options is None else options
    if not isinstance(given, Mapping):
        must = f"a dictionary such as {OPTIONS_EXAMPLE}"
        problems.add(UNFIT_SET, name="options", found=kind_of(given), must=must)
        return {}
    known = [option.name for option in BALANCER]
    for name in given:
        if name == "growth":
            problems.add(GROWTH)
        elif name not in known:
            problems.add(UNKNOWN_OPTION, name=shown_name(name), guess=guess(name, known))
    return settle(BALANCER, given, {}, problems)


def _defaults_of(member_options: object, problems: Problems) -> Settled:
    given = {} if member_options is None else member_options
    if not isinstance(given, Mapping):
        must = f"a dictionary such as {MEMBER_OPTIONS_EXAMPLE}"
        problems.add(UNFIT_SET, name="member_options", found=kind_of(given), must=must)
        return {}
    for name in given:
        if name in OWN_WORDS:
            problems.add(NOT_FOR_ALL, name=name)
    return {name: value for name, value in given.items() if name not in OWN_WORDS}


def _read_members(
    members: object, defaults: Settled, context: Settled, problems: Problems
) -> tuple[Member, ...]:
    if not is_list(members):
        problems.add(UNFIT_SET, name="members", found=kind_of(members), must="a list")
        return ()
    if not members:
        problems.add(NO_MEMBERS)
    found = (
        _read_member(member, defaults, context, about_member(_name_of(member) or position, problems))
        for position, member in enumerate(members, start=1)
    )
    return tuple(member for member in found if member)


def _name_of(member: object) -> str:
    """Return a name of a member for a sentence, even if Apache would not accept it as a route."""
    name = member.get("route") if isinstance(member, Mapping) else None
    return name if isinstance(name, str) and name.isprintable() else ""


def _read_member(given: object, defaults: Settled, context: Settled, problems: Problems) -> Member | None:
    """Return the member, or None if it has a problem."""
    if not isinstance(given, Mapping):
        problems.add(NOT_WHAT, found=kind_of(given), must=f"a dictionary such as {MEMBER_EXAMPLE}")
        return None
    already = len(problems.found)
    _refuse_unknown((*defaults, *given), MEMBER_WORDS, problems)
    if given.get("route") is None:
        problems.add(NO_ROUTE)
    # Something else stands in it than an address, perhaps a password.
    secret = bool(MORE_THAN_ADDRESS.search(str(given.get("url"))))
    url = problems.read(member_url, "url", given.get("url"), secret)
    parameters = settle(MEMBER, {**defaults, **given}, context, problems)
    own_route = parameters.pop("route", None)
    if url is None or own_route is None or len(problems.found) > already:
        return None
    return Member(url, own_route, parameters)


def _refuse_unknown(names: Iterable[object], known: Collection[str], problems: Problems) -> None:
    for name in names:
        if name not in known:
            problems.add_unknown(name, known)
