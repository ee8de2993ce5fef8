# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: tls_problems
short_description: Find the problems of a certificate and its key
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Finds a certificate that does not match its key, has expired, is not yet valid, or does not cover the
    names of the site, before any web server gets it.
  - Returns one sentence for each problem. No sentence contains a part of the key.
positional: _input, key, names
options:
  _input:
    description:
      - The certificate in PEM format, followed by its chain. Empty means no TLS.
    type: str
    required: true
  key:
    description: The private key in PEM format, without a passphrase.
    type: str
    required: true
  names:
    description: The names that the certificate must cover.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse a certificate that browsers would refuse
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ certificate | haweb.cluster.tls_problems(key, ['www.example.com']) }}"
"""

RETURN = r"""
_value:
  description: The sentences; an empty list if there is no problem.
  type: list
  elements: str
  sample:
    - "TLS: the certificate for CN=www.example.com expired on 2026-01-31; renew it."
"""

from collections.abc import Callable, Sequence

from ansible_collections.haweb.cluster.plugins.module_utils._problems import sentences
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache import tls


def tls_problems(certificate: str, key: str, names: Sequence[str] = ()) -> list[str]:
    return sentences(tls.tls_problems(certificate, key, names))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"tls_problems": tls_problems}
