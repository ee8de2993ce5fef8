# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: variable_problems
short_description: Find the variables of a role that it cannot use
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Finds what Ansible's argument specification passes, because it could be converted, but what a role would
    write into a file as it is, for example V(on) for a port, or a text with a line break.
  - Returns one sentence for each of them, all at once. A sentence names the variable, the value found and the
    value expected. It never contains a part of a certificate or key.
options:
  _input:
    description: Variables of the roles of this collection, and their values.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Refuse a port that is none
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ {'webserver_port': webserver_port} | haweb.cluster.variable_problems }}"
"""

RETURN = r"""
_value:
  description: The sentences; an empty list if there is no problem.
  type: list
  elements: str
  sample:
    - "The variables: webserver_port is true, but must be a whole number from 1 to 65535."
"""

from collections.abc import Callable

from ansible_collections.haweb.cluster.plugins.plugin_utils._roles.variables import variable_problems


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"variable_problems": variable_problems}
