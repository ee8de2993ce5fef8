# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: heartbeat_problems
short_description: Find the problems of heartbeat's directives, nodes, addresses, resources and keys
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Finds values that heartbeat would reject, and those that it would accept but that cannot work.
  - Returns one sentence for each problem, all at once. A sentence names the value found, the value expected
    and the cure.
  - No sentence contains a part of a key.
positional: _input, nodes, addresses, interface, resources, keys, auth
options:
  _input:
    description: The directives of C(ha.cf), as P(haweb.cluster.ha_cf#filter) takes them.
    type: dict
    required: true
  nodes:
    description: Inventory name of each node and its C(uname -n).
    type: dict
    required: true
  addresses:
    description: The virtual addresses, each with the prefix of the interface.
    type: list
    elements: str
    required: true
  interface:
    description: The interface of the addresses.
    type: str
    required: true
  resources:
    description: Other resources, in the syntax of haresources.
    type: list
    elements: str
    default: []
  keys:
    description:
      - The keys of C(authkeys), each a dictionary of C(id) (V(1) to V(15)), C(method) (V(sha1) or V(md5)) and
        C(secret). There is no default.
    type: list
    elements: dict
    required: true
  auth:
    description: The C(id) of the key with which this cluster signs.
    type: int
    required: true
requirements:
  - netaddr
seealso:
  - plugin: haweb.cluster.ha_cf
    plugin_type: filter
  - plugin: haweb.cluster.haresources
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Reject values that heartbeat would reject
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: >-
      {{ heartbeat_directives | haweb.cluster.heartbeat_problems(heartbeat_nodes, heartbeat_addresses,
      heartbeat_interface, heartbeat_resources, heartbeat_keys, heartbeat_auth) }}
"""

RETURN = r"""
_value:
  description: The sentences; an empty list if there is no problem.
  type: list
  elements: str
  sample:
    - "heartbeat's directives: deadtime is 500 ms, but must be more than twice keepalive (250 ms), or one late
      heartbeat would mean a dead node; use more than 500 ms, or a shorter keepalive."
"""

from collections.abc import Callable

from ansible_collections.haweb.cluster.plugins.module_utils._problems import sentences
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.read import problems_of


def heartbeat_problems(
    directives: object,
    nodes: object,
    addresses: object,
    interface: object,
    resources: object = (),
    keys: object = None,
    auth: object = None,
) -> list[str]:
    return sentences(problems_of(directives, nodes, addresses, interface, resources, keys, auth))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"heartbeat_problems": heartbeat_problems}
