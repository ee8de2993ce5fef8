# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Render a balancer and the sticky cookie for Apache's configuration."""

from __future__ import annotations

import re

from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.values import SERVER_NAME, Time
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.cookie import Cookie
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.member import Balancer, Member


def balancer_shape(balancer: Balancer) -> dict[str, object]:
    """Return the values for the loops of a template."""
    return {
        "members": [_member(member) for member in balancer.members],
        "options": [{"name": name, "value": _text(value)} for name, value in balancer.options.items()],
        "health_page": balancer.health_page,
        # Apache's own default: its module must be loaded, too.
        "lbmethod": balancer.options.get("lbmethod", "byrequests"),
        "health_expression": _health_expression(balancer.health_text),
    }


def rewrite_flag(cookie: Cookie, route: str) -> str:
    """Return the flag of a RewriteRule. It has semicolons, because a host may contain colons."""
    words = (
        cookie.name,
        f"balancer.{route}",
        cookie.domain or SERVER_NAME,
        cookie.lifetime,
        cookie.path,
        int(cookie.secure),
        int(cookie.httponly),
        cookie.samesite,
    )
    return f"CO=;{';'.join(map(str, words))}"


def cookie_header(cookie: Cookie) -> str:
    """Return the Set-Cookie header of the balancer, with the route of the selected member."""
    words = [f"{cookie.name}=balancer.%{{BALANCER_WORKER_ROUTE}}e", f"path={cookie.path}"]
    # A cookie without a domain belongs to the host name in the request.
    words += [f"domain={cookie.domain}"] if cookie.domain else []
    words += [f"max-age={cookie.lifetime * 60}"] if cookie.lifetime else []
    words += ["secure"] if cookie.secure else []
    words += ["HttpOnly"] if cookie.httponly else []
    return "; ".join([*words, f"SameSite={cookie.samesite}"])


def _member(member: Member) -> dict[str, str]:
    parameters = {"route": member.route, **member.parameters}
    return {
        "url": member.url,
        "parameters": " ".join(f"{name}={_text(value)}" for name, value in parameters.items()),
    }


def _health_expression(health_text: str) -> str:
    """Return the expression for a healthy member; without a text Apache itself decides by the status."""
    if not health_text:
        return ""
    text = re.escape(health_text).replace("/", "\\/")
    return f"%{{REQUEST_STATUS}} =~ /^[23]/ && hc('body') =~ /{text}/"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "On" if value else "Off"
    if isinstance(value, Time):
        return f"{value.count}ms" if value.milliseconds else str(value.count)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
