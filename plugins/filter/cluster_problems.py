# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_problems
short_description: Find the problems of a running cluster
version_added: 0.1.1
author:
  - The haweb.cluster team (@haweb)
description:
  - Evaluates the results of M(haweb.cluster.heartbeat_info) and M(haweb.cluster.ipvs_info) on each node
    of a cluster.
  - Returns one sentence for each problem, all at once. A problem is a node that was not reachable, a node
    that another node does not report as active, or a node without heartbeat; an address that is on no node
    or on more than one; a service without a working real server in the table of a node that must have it;
      and a sync daemon that does not run.
positional: _input, heartbeats, tables, addresses, services, resources, boths
options:
  _input:
    description: Inventory name of each node and its C(uname -n).
    type: dict
    required: true
  heartbeats:
    description:
      - The result of M(haweb.cluster.heartbeat_info) on each node, in the order of the nodes; null or
        empty for a node that was not reachable.
    type: list
    elements: dict
    required: true
  tables:
    description: The same for M(haweb.cluster.ipvs_info).
    type: list
    elements: dict
    required: true
  addresses:
    description: The virtual addresses, with or without their prefix.
    type: list
    elements: str
    required: true
  services:
    description:
      - The services that the tables must have, each as address and port or as a firewall mark. Empty if the
        nodes are not directors.
    type: list
    elements: str
    default: []
  resources:
    description:
      - heartbeat's resources, in the syntax of haresources. With C(ldirectord::) among them only the node
        with the addresses must have the services.
    type: list
    elements: str
    default: []
  boths:
    description:
      - The same for M(haweb.cluster.both_info), if both directors take packets. A director that takes none is
        then a problem. Empty otherwise.
    type: list
    elements: dict
    default: []
seealso:
  - module: haweb.cluster.heartbeat_info
  - module: haweb.cluster.ipvs_info
  - module: haweb.cluster.both_info
"""

EXAMPLES = r"""
- name: Check that the cluster is whole
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: >-
      {{ haweb_nodes | haweb.cluster.cluster_problems(
           haweb_nodes | map('extract', hostvars, 'heartbeat'),
           haweb_nodes | map('extract', hostvars, 'ipvs'),
           ['192.168.0.105/24'], ['192.168.0.105:80']) }}
"""

RETURN = r"""
_value:
  description: The sentences; an empty list if there is no problem.
  type: list
  elements: str
  sample:
    - "loadb1: its master sync daemon does not run, so that connections end when the address moves; restart it
      with `systemctl restart haweb-sync`, or run site.yml."
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.haweb.cluster.plugins.module_utils._problems import sentences
from ansible_collections.haweb.cluster.plugins.plugin_utils._view import problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._view.read import read_cluster


def cluster_problems(
    nodes: Mapping[str, str],
    heartbeats: Sequence[Mapping[str, Any] | None],
    tables: Sequence[Mapping[str, Any] | None],
    addresses: Iterable[str],
    services: Iterable[str] = (),
    resources: Iterable[str] = (),
    boths: Sequence[Mapping[str, Any] | None] = (),
) -> list[str]:
    cluster = read_cluster(nodes, heartbeats, tables, addresses, services, resources, boths)
    return sentences(problems.cluster_problems(cluster))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"cluster_problems": cluster_problems}
