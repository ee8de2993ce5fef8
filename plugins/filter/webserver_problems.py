# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: webserver_problems
short_description: Find the problems of a web server's names, route, sticky cookie and health page
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Finds values that Apache would reject, and those that it would accept but that cannot work.
  - Returns one sentence for each problem, all at once.
positional: _input, route, names, headers, health_page
options:
  _input:
    description: The sticky cookie, as P(haweb.cluster.rewrite_cookie#filter) takes it.
    type: dict
    required: true
  route:
    description: The route of this web server. If it is empty, the web server sets no sticky cookie.
    type: str
    required: true
  names:
    description: The names of the site.
    type: list
    elements: str
    default: []
  headers:
    description: The names of headers.
    type: list
    elements: str
    default: []
  health_page:
    description: Path of the page that directors check, with or without a leading slash.
    type: str
    default: ldirector.html
"""

EXAMPLES = r"""
- name: Refuse a sticky cookie that cannot work
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ webserver_sticky_cookie | haweb.cluster.webserver_problems(webserver_route) }}"
"""

RETURN = r"""
_value:
  description: The sentences; an empty list if there is no problem.
  type: list
  elements: str
  sample:
    - "The sticky cookie: domain is 'example', but must have two parts with a dot between them at least."
"""

from collections.abc import Callable, Sequence

from ansible_collections.haweb.cluster.plugins.module_utils._problems import sentences
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.read import web_server_problems


def webserver_problems(
    cookie: object,
    own_route: object,
    names: Sequence[object] = (),
    headers: Sequence[object] = (),
    health_page: object = "ldirector.html",
) -> list[str]:
    return sentences(web_server_problems(cookie, own_route, names, headers, health_page))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"webserver_problems": webserver_problems}
