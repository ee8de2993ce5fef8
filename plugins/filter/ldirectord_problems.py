# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: ldirectord_problems
short_description: Find the problems of a list of services
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Finds values that ldirectord would reject, and those that it would accept but that cannot work, such as a
    check without an option that it needs.
  - Returns one sentence for each problem, all at once. A sentence names the service, the value found, the
    value expected and, if a word looks misspelt, the closest known one.
  - The values of C(login), C(passwd) and C(secret) are never part of a sentence.
positional: _input, options, active
options:
  _input:
    description: The services, as P(haweb.cluster.ldirectord_cf#filter) takes them.
    type: list
    elements: dict
    required: true
  options:
    description: ldirectord's global options.
    type: dict
    default: {}
  active:
    description:
      - Which directors take the packets of the virtual addresses. With V(both) the filter rejects services
        for which the two directors would select different real servers.
    type: str
    choices: [one, both]
    default: one
seealso:
  - plugin: haweb.cluster.ldirectord_cf
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Refuse services that cannot work
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ director_services | haweb.cluster.ldirectord_problems(director_options) }}"
"""

RETURN = r"""
_value:
  description: The sentences; an empty list if there is no problem.
  type: list
  elements: str
  sample:
    - "Service www: scheduler is 'wwr', but must be one of rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq,
      fo, ovf, mh; did you mean wrr?"
"""

from collections.abc import Callable

from ansible_collections.haweb.cluster.plugins.module_utils._problems import sentences
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.read import read
from ansible_collections.haweb.cluster.plugins.plugin_utils._model import both


def ldirectord_problems(services: object, options: object = None, active: str = both.ONE) -> list[str]:
    config = read(services, options)
    return sentences([*config.problems, *(both.problems(config.services) if active == both.BOTH else ())])


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"ldirectord_problems": ldirectord_problems}
