# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: certificate_problems
short_description: Find certificates that nobody uses
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Finds each C(haweb_tls_certificate) and C(haweb_webserver_tls_certificate) with which no balancer and no
    web server answers, for example because only hosts have it on which TLS does not end.
  - Returns one sentence for each certificate.
positional: _input, groups
options:
  _input:
    description: Ansible's C(hostvars).
    type: dict
    required: true
  groups:
    description: Ansible's C(groups).
    type: dict
    required: true
seealso:
  - plugin: haweb.cluster.tls_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Refuse a certificate that nobody uses
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ hostvars | haweb.cluster.certificate_problems(groups) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The sentences; an empty list if there is no problem.
  type: list
  elements: str
  sample:
    - "web1: haweb_tls_certificate is set, but nobody uses it: TLS ends on the balancers lb1, lb2, which have
      another one or none. Set haweb_tls_certificate where these hosts read it, in group_vars/all.yml for
      example, or remove it."
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.haweb.cluster.plugins.module_utils._problems import sentences
from ansible_collections.haweb.cluster.plugins.plugin_utils._model import hosts


def certificate_problems(
    variables: Mapping[str, Mapping[str, Any]], groups: Mapping[str, Sequence[str]]
) -> list[str]:
    return sentences(hosts.certificate_problems(variables, groups))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"certificate_problems": certificate_problems}
