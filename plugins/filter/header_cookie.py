# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: header_cookie
short_description: Convert a sticky cookie to a header of the balancer
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Returns the C(Set-Cookie) header that stores the selected member, for balancers whose web servers set no
    sticky cookie.
options:
  _input:
    description: The cookie, with the keys of P(haweb.cluster.rewrite_cookie#filter).
    type: dict
    required: true
seealso:
  - plugin: haweb.cluster.rewrite_cookie
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the line of the balancer's site
  ansible.builtin.debug:
    msg: >-
      Header add Set-Cookie "{{ {'name': 'ROUTEID'} | haweb.cluster.header_cookie }}"
      env=BALANCER_ROUTE_CHANGED
"""

RETURN = r"""
_value:
  description: The header.
  type: str
  sample: ROUTEID=balancer.%{BALANCER_WORKER_ROUTE}e; path=/; SameSite=Lax
"""

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.read import read_cookie
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.render import cookie_header


def header_cookie(cookie: object) -> str:
    problems = Problems("The balancer's sticky cookie")
    settled = read_cookie(cookie, problems)
    if settled is None:
        raise AnsibleFilterError(" ".join(problems.sentences))
    return cookie_header(settled)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"header_cookie": header_cookie}
