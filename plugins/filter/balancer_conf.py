# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: balancer_conf
short_description: Convert a list of members to mod_proxy_balancer's configuration
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Converts the members for a template, so that the template contains only loops and names.
  - Adds the defaults. A parameter that is V(null) is not written, so that Apache's own default applies.
  - Fails with all sentences of P(haweb.cluster.balancer_problems#filter) if the members cannot work.
positional: _input, options, member_options, health_page, health_text
options:
  _input:
    description:
      - The members, each with its C(url) and C(route). All other keys are parameters of Apache's
        C(BalancerMember) with Apache's names, such as C(loadfactor), C(lbset), C(status), C(retry) or
        C(hcinterval).
    type: list
    elements: dict
    required: true
  options:
    description:
      - Parameters of the balancer (C(ProxySet)), with Apache's names. The defaults are
        C(stickysession=BALANCEID), C(nofailover=Off) and C(lbmethod=byrequests).
      - C(growth) is refused, because a reload would restore members that are no longer in the inventory.
    type: dict
    default: {}
  member_options:
    description:
      - Parameters of all members that do not set them themselves. The defaults are
        C(connectiontimeout=2), C(timeout=60), C(disablereuse=On), C(upgrade=websocket) and the health
        check - C(hcmethod=GET) of O(health_page) every second (C(hcinterval=1)). One success adds the
        member again (C(hcpasses=1)), and two failures remove it (C(hcfails=2)).
      - Without C(timeout) a member has the timeout of the health check (C(ProxyTimeout)), which is short.
    type: dict
    default: {}
  health_page:
    description: Path of the page that is checked on a member, with or without a leading slash.
    type: str
    default: ldirector.html
  health_text:
    description: Text that the page must contain. If empty, only the status 2xx or 3xx counts.
    type: str
    default: Test Page
seealso:
  - plugin: haweb.cluster.balancer_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the lines of the site
  vars:
    members:
      - {url: "http://192.168.0.101:80", route: http1}
      - {url: "http://192.168.0.102:80", route: http2, loadfactor: 2}
  ansible.builtin.debug:
    msg: "{{ members | haweb.cluster.balancer_conf({'lbmethod': 'bybusyness'}) }}"
"""

RETURN = r"""
_value:
  description: The lines of the site.
  type: dict
  contains:
    members:
      description: The members, each with C(url) and C(parameters), ready to print.
      type: list
      elements: dict
    options:
      description: The parameters of the balancer, each with C(name) and C(value).
      type: list
      elements: dict
    health_page:
      description: The path of the page that is checked on members, with a leading slash.
      type: str
      sample: /ldirector.html
    lbmethod:
      description: The method, whose module Apache must load.
      type: str
      sample: byrequests
    health_expression:
      description: The expression of mod_proxy_hcheck that is true for a healthy member.
      type: str
      sample: "%{REQUEST_STATUS} =~ /^[23]/ && hc('body') =~ /Test\\\\ Page/"
"""

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.module_utils._problems import sentences
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.read import read_balancer
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.render import balancer_shape


def balancer_conf(
    members: object,
    options: object = None,
    member_options: object = None,
    health_page: str = "ldirector.html",
    health_text: str = "Test Page",
) -> dict[str, object]:
    balancer, problems = read_balancer(members, options, member_options, health_page, health_text)
    if problems:
        raise AnsibleFilterError(f"No balancer can be made of this. {' '.join(sentences(problems))}")
    return balancer_shape(balancer)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"balancer_conf": balancer_conf}
