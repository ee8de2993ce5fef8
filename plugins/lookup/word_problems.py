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
  - Finds variables that are set under their old name and their new one, with different values.
  - Finds variables that must be a list, a dictionary, or true or false, and are none. It does not evaluate
    those that are templates.
  - Returns one sentence for each of them. It names the host, the variable and the closest one that is known.
    It never contains a value.
  - Warns of old names, which still work. Each warning appears once, and names the release in which the old
    name stops working.
options:
  _terms:
    description: The host's name in the inventory.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse misspelt variables
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ query('haweb.cluster.word_problems', inventory_hostname) }}"
"""

RETURN = r"""
_list:
  description: The sentences; an empty list if all variables are known.
  type: list
  elements: str
  sample:
    - "loadb1: no role and no playbook reads the variable haweb_servces; did you mean haweb_services? Remove
      it, or give a variable of your own another prefix than haweb_."
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.haweb.cluster.plugins.plugin_utils import _words

display = Display()


class LookupModule(LookupBase):  # type: ignore[misc]
    def run(
        self, terms: Sequence[str], variables: Mapping[str, Any] | None = None, **kwargs: object
    ) -> list[str]:
        given = variables or {}
        for sentence in _words.deprecations(given):
            # ansible-test refuses a literal beside a value that it cannot see.
            display.deprecated(sentence, version=_words.OLD_NAMES_END, collection_name=_words.COLLECTION)
        values = {name: self._templar.template(given[name]) for name in _words.set_twice(given)}
        literals = {name: given[name] for name in _words.typed(given) if not self._is_template(given[name])}
        return [
            sentence
            for host in terms
            for sentence in (
                *_words.problems(host, given, values),
                *_words.type_problems(host, literals, self._is_template),
            )
        ]

    def _is_template(self, value: object) -> bool:
        """Whether only an evaluation would show what a value is.

        That is left to who needs it: a list may be made of the variables of hundreds of hosts.
        """
        return isinstance(value, str) and bool(self._templar.is_template(value))
