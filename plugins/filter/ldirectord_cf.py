# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: ldirectord_cf
short_description: Convert a list of services to an ldirectord.cf
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Converts the services of a cluster for a template of C(ldirectord.cf), so that the template contains only
    loops and names.
  - All values are ready to print, quoted if ldirectord needs quotes, in the order of the file.
  - Adds the defaults. An option that is V(null) writes no line, so that ldirectord's own default applies.
  - Fails with all sentences of P(haweb.cluster.ldirectord_problems#filter) if the services cannot work, so
    that it never returns a file that ldirectord would reject.
positional: _input, options
options:
  _input:
    description:
      - The services. The keys below have the same meaning for every engine that could keep the services.
      - In the short form the options of C(check) and C(ldirectord) stand in the service itself, with their
        names in ldirectord's section C(virtual), such as C(checktype), C(request) or C(quiescent).
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the service; it becomes a comment.
        type: str
        required: true
      address:
        description:
          - The virtual address with the prefix of its interface.
          - ldirectord gets the address without prefix.
        type: str
        required: true
      port:
        description: The port of the service, if it has no C(fwmark).
        type: int
      fwmark:
        description: The firewall mark that combines several ports, from 1 to 4294967295.
        type: int
      ports:
        description: The ports of a service with C(fwmark). The first is checked, or C(checkport).
        type: list
        elements: int
      real_servers:
        description:
          - The servers behind the service, each an IPv4 address or a dictionary of C(address), C(port),
            C(forwarding) (V(gate), V(masq) or V(ipip), by default V(gate)), C(weight) (by default V(1)),
            C(lower) and C(upper) (a server that has C(upper) connections gets no new ones until it is
            below C(lower)), C(request) and C(receive).
        type: list
        elements: raw
        required: true
      protocol:
        description: V(tcp) or V(udp). By default V(udp) for port 53, as in ldirectord, and else V(tcp).
        type: str
      scheduler:
        description: The kernel's scheduler.
        type: str
        default: rr
      schedflags:
        description: Flags of the schedulers C(sh) and C(mh).
        type: list
        elements: str
      persistent:
        description: Seconds for which a client stays on its real server.
        type: int
      netmask:
        description: Size of the networks that count as one client for C(persistent).
        type: str
      ops:
        description: One-packet scheduling.
        type: bool
      fallback:
        description: Server for clients while no real server is available, such as V(127.0.0.1:80 gate).
        type: str
      check:
        description:
          - A boolean as C(type) is V(on) or V(off), which YAML reads so.
          - An empty C(receive) means that only the status of the answer counts.
          - The check of the real servers - C(type), C(service), C(port), C(request), C(receive), C(method),
            C(virtualhost), C(command), C(login), C(passwd), C(database), C(secret), C(timeout), C(interval)
            and C(failures).
        type: dict
      ldirectord:
        description: Options that only ldirectord has.
        type: dict
  options:
    description: ldirectord's global options, such as C(checkinterval) or C(quiescent).
    type: dict
    default: {}
seealso:
  - plugin: haweb.cluster.virtual_services
    plugin_type: filter
  - plugin: haweb.cluster.ldirectord_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the lines of ldirectord.cf
  vars:
    services:
      - name: www
        address: 192.168.0.105/24
        port: 80
        real_servers:
          - 192.168.0.101
          - {address: 192.168.0.102, weight: 2}
        scheduler: wrr
        fallback: 127.0.0.1:80 gate
        check: {request: alive.html, receive: alive}
        ldirectord: {quiescent: true}
  ansible.builtin.debug:
    msg: "{{ services | haweb.cluster.ldirectord_cf({'checkinterval': 2}) }}"

# A template needs no more than this:
#
# {% set file = services | haweb.cluster.ldirectord_cf(options) %}
# {% for option in file.options %}
# {{ option.name }}={{ option.value }}
# {% endfor %}
# {% for virtual in file.virtuals %}
#
# # {{ virtual.comment }}
# virtual={{ virtual.virtual }}
# {% for option in virtual.options %}
#     {{ option.name }}={{ option.value }}
# {% endfor %}
# {% endfor %}
"""

RETURN = r"""
_value:
  description: The lines of the file.
  type: dict
  contains:
    secret:
      description: Whether an option contains a secret, so that the text must not be shown.
      type: bool
      sample: false
    options:
      description: The global options.
      type: list
      elements: dict
      contains:
        name:
          description: The option.
          type: str
          sample: logfile
        value:
          description: Its value, ready to print.
          type: str
          sample: '"local0"'
    virtuals:
      description: The services.
      type: list
      elements: dict
      contains:
        comment:
          description: The name of the service.
          type: str
          sample: www
        virtual:
          description: Address and port, or the firewall mark.
          type: str
          sample: 192.168.0.105:80
        options:
          description: The real servers and the options of the service, as above.
          type: list
          elements: dict
"""

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.module_utils._problems import sentences
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.read import read
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.render import shape


def ldirectord_cf(services: object, options: object = None) -> dict[str, object]:
    config = read(services, options)
    if config.problems:
        raise AnsibleFilterError(
            f"No ldirectord.cf can be made of this. {' '.join(sentences(config.problems))}"
        )
    return shape(config)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"ldirectord_cf": ldirectord_cf}
