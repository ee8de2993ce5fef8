# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: virtual_services
short_description: Return names, addresses and ports of virtual services
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Returns names, addresses and ports of a list of services, for tasks that do not need the options of the
    services.
  - Fails with all sentences of P(haweb.cluster.ldirectord_problems#filter) if the services cannot work.
positional: _input, options
options:
  _input:
    description: The services, as P(haweb.cluster.ldirectord_cf#filter) takes them.
    type: list
    elements: dict
    required: true
  options:
    description: ldirectord's global options. Only C(fallback) has an effect.
    type: dict
    default: {}
seealso:
  - plugin: haweb.cluster.ldirectord_cf
    plugin_type: filter
  - module: haweb.cluster.ipvs_info
"""

EXAMPLES = r"""
- name: Wait until each service has a real server
  haweb.cluster.ipvs_info:
    wait_for: "{{ (haweb_services | haweb.cluster.virtual_services).served }}"
"""

RETURN = r"""
_value:
  description: Names, addresses and ports of the services.
  type: dict
  contains:
    names:
      description: Name of each service in the IPVS table, address and port or a firewall mark.
      type: list
      elements: str
      sample: [192.168.0.105:80]
    served:
      description:
        - Those of C(names) that can have a real server. A service cannot if its C(checktype) is V(off), or if
          all its real servers have the weight 0.
      type: list
      elements: str
      sample: [192.168.0.105:80]
    addresses:
      description: The virtual addresses without prefix, each once.
      type: list
      elements: str
      sample: [192.168.0.105]
    places:
      description: Protocol, address and port of each service, one entry for each port.
      type: list
      elements: dict
      contains:
        protocol:
          description: V(tcp) or V(udp).
          type: str
          sample: tcp
        address:
          description: The virtual address.
          type: str
          sample: 192.168.0.105
        port:
          description: The port.
          type: int
          sample: 80
    marks:
      description: The packets that the kernel has to mark for C(fwmark), one entry for each port.
      type: list
      elements: dict
      contains:
        mark:
          description: The mark.
          type: int
          sample: 1
        protocol:
          description: V(tcp) or V(udp).
          type: str
          sample: tcp
        address:
          description: The virtual address.
          type: str
          sample: 192.168.0.105
        port:
          description: The port.
          type: int
          sample: 443
    fallback_ports:
      description:
        - TCP ports that the director itself serves while no real server is available, because the fallback is
          a loopback address.
      type: list
      elements: int
      sample: [80, 443]
    packages:
      description: Debian packages that the checks need, and that the package ldirectord does not need.
      type: list
      elements: str
      sample: [libdbd-pg-perl]
"""

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.module_utils._problems import sentences
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.problems import packages
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.read import read
from ansible_collections.haweb.cluster.plugins.plugin_utils._model import places


def virtual_services(services: object, options: object = None) -> dict[str, object]:
    config = read(services, options)
    if config.problems:
        raise AnsibleFilterError(f"These services cannot work. {' '.join(sentences(config.problems))}")
    found = config.services
    return {
        "names": [places.virtual(service.place) for service in found],
        "served": [places.virtual(service.place) for service in found if service.gets_clients],
        "addresses": list(dict.fromkeys(str(service.place.address.ip) for service in found)),
        "places": list(places.places(found)),
        "marks": list(places.marks(found)),
        "fallback_ports": places.fallback_ports(found, config.options.get("fallback")),
        "packages": packages(found),
    }


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"virtual_services": virtual_services}
