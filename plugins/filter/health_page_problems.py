# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: health_page_problems
short_description: Find checks that cannot match the text of the health page
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Finds services whose check requests the health page of this cluster, and whose C(receive) does not match
    its text. C(receive) is a regular expression, so that a text with brackets or dots may not match itself.
  - Returns one sentence for each of them, without those of P(haweb.cluster.ldirectord_problems#filter).
positional: _input, page, text
options:
  _input:
    description: The services, as P(haweb.cluster.ldirectord_cf#filter) takes them.
    type: list
    elements: dict
    required: true
  page:
    description: Path of the health page, with or without a leading slash.
    type: str
    required: true
  text:
    description: Text of the health page.
    type: str
    required: true
seealso:
  - plugin: haweb.cluster.ldirectord_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Check that the checks match the health page
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ haweb_services | haweb.cluster.health_page_problems('ldirector.html', 'It works! (web)') }}"
"""

RETURN = r"""
_value:
  description: The sentences; an empty list if there is no problem.
  type: list
  elements: str
  sample:
    - "Service www: receive is 'It works! (web)', a regular expression that does not match the text of
      ldirector.html, 'It works! (web)'; write It\\ works!\\ \\(web\\), or use the filter regex_escape."
"""

from collections.abc import Callable

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.problems import check_own_page
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.read import read


def health_page_problems(services: object, page: str, text: str) -> list[str]:
    problems = Problems("The services")
    check_own_page(read(services, {}).services, str(page), str(text), problems)
    return problems.sentences


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"health_page_problems": health_page_problems}
