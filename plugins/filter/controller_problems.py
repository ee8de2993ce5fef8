# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: controller_problems
short_description: Find software that is missing on the controller
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Finds the software that this collection needs and that is missing on the controller, before any host is
    changed.
  - Returns one sentence for each problem.
positional: _input
options:
  _input:
    description: The version of ansible-core, C(ansible_version.full).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Check that the controller has what the collection needs
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ ansible_version.full | haweb.cluster.controller_problems }}"
"""

RETURN = r"""
_value:
  description: The sentences; an empty list if nothing is lacking.
  type: list
  elements: str
  sample:
    - "The controller: the Python library netaddr is missing; install it with `pip install netaddr` for
      /usr/bin/python3."
"""

import sys
from collections.abc import Callable

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import (
    CONTROLLER,
    HAS_NETADDR,
    NO_NETADDR,
)

OLDEST_CORE = (2, 19)

OLD_CORE = Kind(
    "old_core",
    "ansible-core is {found}, but must be {oldest} or newer, which needs Python 3.11 or newer; install it, "
    "for example with pip in a virtual environment",
)


def controller_problems(core: str) -> list[str]:
    problems = Problems(CONTROLLER)
    if tuple(map(int, core.split(".")[:2])) < OLDEST_CORE:
        problems.add(OLD_CORE, found=core, oldest=".".join(map(str, OLDEST_CORE)))
    if not HAS_NETADDR:
        problems.add(NO_NETADDR, python=sys.executable)
    return problems.sentences


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"controller_problems": controller_problems}
