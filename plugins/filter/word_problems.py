# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: word_problems
short_description: Find variables of the inventory that this collection does not read
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Finds variables whose name begins with C(haweb_) and that no role and no playbook of this collection
    reads. Such a variable is usually misspelt, and Ansible itself ignores it silently.
  - Returns one sentence for each of them. It names the host, the variable and the closest one that is known.
    It never contains a value.
positional: _input, host
options:
  _input:
    description: The names of the host's variables, as P(ansible.builtin.varnames#lookup) returns them.
    type: list
    elements: str
    required: true
  host:
    description: The host's name in the inventory.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse misspelt variables
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: >-
      {{ query('ansible.builtin.varnames', '^haweb_') | haweb.cluster.word_problems(inventory_hostname) }}
"""

RETURN = r"""
_value:
  description: The sentences; an empty list if all variables are known.
  type: list
  elements: str
  sample:
    - "loadb1: no role and no playbook reads the variable haweb_servces; did you mean haweb_services? Remove
      it, or give a variable of your own another prefix than haweb_."
"""

from collections.abc import Callable, Iterable

from ansible_collections.haweb.cluster.plugins.plugin_utils import _words


def word_problems(names: Iterable[str], host: str) -> list[str]:
    return _words.problems(host, names)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"word_problems": word_problems}
