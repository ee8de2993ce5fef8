# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: virtual_addresses
short_description: Return the virtual addresses of services
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Returns the addresses of a list of services, as they stand there, each once.
  - Reads nothing else of the services, which may lack real servers. Fails with a sentence for each service
    that has no address. It does not check the addresses themselves.
options:
  _input:
    description: The services, each with its C(address).
    type: list
    elements: dict
    required: true
seealso:
  - plugin: haweb.cluster.virtual_services
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the virtual addresses
  ansible.builtin.debug:
    msg: "{{ haweb_services | haweb.cluster.virtual_addresses }}"
"""

RETURN = r"""
_value:
  description: The addresses, in the order of the services.
  type: list
  elements: str
  sample: [192.168.0.105/24]
"""

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.read import read_addresses


def virtual_addresses(services: object) -> list[object]:
    problems = Problems("The services")
    addresses = read_addresses(services, problems)
    if problems.found:
        raise AnsibleFilterError(" ".join(problems.sentences))
    return addresses


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"virtual_addresses": virtual_addresses}
