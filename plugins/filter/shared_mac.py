# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: shared_mac
short_description: Return the MAC of a virtual address whose packets both directors take
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Returns the MAC of a virtual address whose packets both directors take.
  - It is locally administered and contains the address, so that it is unique, and no card has it.
positional: _input, kind
options:
  _input:
    description: The virtual address (IPv4).
    type: str
    required: true
  kind:
    description:
      - V(unicast) is a MAC that switches do not learn, so that they flood its frames.
      - V(multicast) is a MAC whose frames switches also flood. A router that refuses such a MAC in an ARP
        reply (RFC 1812, 3.3.2) needs a static ARP entry.
    type: str
    choices: [unicast, multicast]
    default: unicast
"""

EXAMPLES = r"""
- name: Show the MAC of a virtual address
  ansible.builtin.debug:
    msg: "{{ '192.168.0.105' | haweb.cluster.shared_mac }}"
"""

RETURN = r"""
_value:
  description: The MAC.
  type: str
  sample: 02:00:c0:a8:00:69
"""

from collections.abc import Callable
from ipaddress import IPv4Address

from ansible_collections.haweb.cluster.plugins.module_utils import _arp


def shared_mac(address: str, kind: str = _arp.UNICAST) -> str:
    return _arp.shared_mac(IPv4Address(address), kind)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"shared_mac": shared_mac}
