# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: members
short_description: Return web servers as members of a balancer
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Returns the C(haweb_member) of each web server. Missing keys come from other variables of the same host -
    C(url) from C(haweb_address) and C(haweb_webserver_port), C(route) from C(haweb_route) or the
    name of the host.
positional: _input, hostvars
options:
  _input:
    description: The names of the web servers in the inventory.
    type: list
    elements: str
    required: true
  hostvars:
    description: Ansible's C(hostvars).
    type: dict
    required: true
seealso:
  - plugin: haweb.cluster.balancer_conf
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the members
  ansible.builtin.debug:
    msg: "{{ groups['webservers'] | haweb.cluster.members(hostvars) }}"
"""

RETURN = r"""
_value:
  description: The members, as P(haweb.cluster.balancer_conf#filter) takes them.
  type: list
  elements: dict
  sample:
    - {url: "http://192.168.0.101:80", route: webserver1}
"""

from collections.abc import Callable

from ansible_collections.haweb.cluster.plugins.plugin_utils._model.hosts import members


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"members": members}
