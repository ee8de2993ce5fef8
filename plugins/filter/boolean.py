# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: boolean
short_description: Return true or false for a text that means one of them
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Returns V(true) or V(false) for what P(ansible.builtin.bool#filter) converts, for example for the
    text that C(--extra-vars) makes of C(haweb_balancer_manager=false).
  - Returns everything else as it is, so that a role can refuse it.
options:
  _input:
    description: The value.
    type: raw
    required: true
seealso:
  - plugin: haweb.cluster.variable_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what a role makes of a text
  ansible.builtin.debug:
    msg: "{{ 'no' | haweb.cluster.boolean }}"
"""

RETURN = r"""
_value:
  description: V(true) or V(false), or the value itself.
  type: raw
  sample: false
"""

from collections.abc import Callable

from ansible_collections.haweb.cluster.plugins.plugin_utils._roles.variables import as_boolean


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"boolean": as_boolean}
