# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: rewrite_cookie
short_description: Convert a sticky cookie to a flag of mod_rewrite
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Returns the flag C(CO) of a C(RewriteRule) that sets the cookie with which a balancer finds this web
    server.
  - The value is C(balancer.) followed by the route. Apache needs the dot, and would silently ignore a cookie
    without it, so the value cannot be changed.
  - The cookie contains no secret. mod_rewrite writes C(HttpOnly) only together with C(Secure).
positional: _input, route
options:
  _input:
    description:
      - The cookie, with Apache's names - C(name) (by default V(BALANCEID)), C(domain) (by default
        V(%{SERVER_NAME}), the host name in the request), C(lifetime) in minutes (by default V(0), until
        the browser is closed), C(path) (by default V(/)), C(secure) (by default V(false)), C(httponly) (by
        default V(false)) and C(samesite) (V(Lax), V(Strict) or V(None), by default V(Lax)).
    type: dict
    required: true
  route:
    description: The route of this web server on its balancer.
    type: str
    required: true
seealso:
  - plugin: haweb.cluster.webserver_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the rule of the classic tutorial
  ansible.builtin.debug:
    msg: "RewriteRule .* - [{{ {'domain': '.example.com'} | haweb.cluster.rewrite_cookie('http1') }}]"
"""

RETURN = r"""
_value:
  description: The flag.
  type: str
  sample: CO=;BALANCEID;balancer.http1;.example.com;0;/;0;0;Lax
"""

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.read import read_cookie
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.render import rewrite_flag
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.values import route


def rewrite_cookie(cookie: object, own_route: object) -> str:
    problems = Problems("The sticky cookie")
    settled = read_cookie(cookie, problems)
    found = problems.read(route, "route", own_route)
    if settled is None or found is None:
        raise AnsibleFilterError(" ".join(problems.sentences))
    return rewrite_flag(settled, found)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"rewrite_cookie": rewrite_cookie}
