# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: htpasswd
short_description: Create a line of an htpasswd file
version_added: 0.1.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Hashes a password with bcrypt on the controller, so that the password never reaches the host.
  - The salt depends on the place and the user, so that the same password always returns the same line, and
    different places return different ones. It does not depend on the password, because it would then reveal
    a part of it.
  - Needs the Python package bcrypt on the controller.
positional: _input, user, place
options:
  _input:
    description: The password.
    type: str
    required: true
  user:
    description: The user.
    type: str
    required: true
  place:
    description: The owner of the file, such as the name of the host.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Write an htpasswd file
  ansible.builtin.copy:
    content: "{{ password | haweb.cluster.htpasswd('admin', inventory_hostname) }}\n"
    dest: /etc/apache2/example.htpasswd
    owner: root
    group: www-data
    mode: "0640"
  no_log: true
  diff: false
"""

RETURN = r"""
_value:
  description: The line.
  type: str
  sample: admin:$2y$12$...
"""

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.htpasswd import htpasswd_line


def htpasswd(password: str, user: str, place: str) -> str:
    try:
        return htpasswd_line(password, user, place)
    except ImportError:
        raise AnsibleFilterError(
            "The controller has no Python package bcrypt, with which the password of the balancer-manager is "
            "hashed; install it there: pip install bcrypt"
        ) from None


class FilterModule:
    def filters(self) -> dict[str, Callable[..., object]]:
        return {"htpasswd": htpasswd}
