# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: balancer_problems
short_description: Find the problems of a balancer and its members
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Finds options that Apache would reject, and those that it would accept but that cannot work.
  - Returns one sentence for each problem, all at once. A sentence names the member, the value found, the
    value expected and, if a word looks misspelt, the closest known one.
positional: _input, options, member_options, health_page, health_text, names, cookie, manager
options:
  _input:
    description: The members, as P(haweb.cluster.balancer_conf#filter) takes them.
    type: list
    elements: dict
    required: true
  options:
    description: Parameters of the balancer.
    type: dict
    default: {}
  member_options:
    description: Parameters for every member.
    type: dict
    default: {}
  health_page:
    description: Page that is checked on a member.
    type: str
    default: ldirector.html
  health_text:
    description: Text that the page must contain.
    type: str
    default: Test Page
  names:
    description: The names of the site.
    type: list
    elements: str
    default: []
  cookie:
    description: The cookie that the balancer sets, as P(haweb.cluster.header_cookie#filter) takes it.
    type: dict
    default: {}
  manager:
    description:
      - C(enabled), C(user), C(password) and C(allow) of the balancer-manager. Empty, or C(enabled) false,
        means that it is off.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Refuse members that cannot work
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ balancer_members | haweb.cluster.balancer_problems(balancer_options) }}"
"""

RETURN = r"""
_value:
  description: The sentences; an empty list if there is no problem.
  type: list
  elements: str
  sample:
    - "Balancer member web.1: route is 'web.1', but must be a word of letters, digits, - and _: Apache looks
      for the member whose route is all that follows the first dot in the cookie."
"""

from collections.abc import Callable, Mapping, Sequence

from ansible_collections.haweb.cluster.plugins.module_utils._problems import sentences
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache import read


def balancer_problems(
    members: object,
    options: object = None,
    member_options: object = None,
    health_page: str = "ldirector.html",
    health_text: str = "Test Page",
    names: Sequence[object] = (),
    cookie: object = None,
    manager: Mapping[str, object] | None = None,
) -> list[str]:
    return sentences(
        read.balancer_problems(
            members, options, member_options, health_page, health_text, names, cookie, manager or {}
        )
    )


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"balancer_problems": balancer_problems}
