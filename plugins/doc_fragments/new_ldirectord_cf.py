# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of modules that get an ldirectord.cf before it is written."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  content:
    description: The text of the new file. It is never shown, because it can contain passwords.
    type: str
    required: true
  path:
    description: Where the file will be. It need not exist.
    type: path
    default: /etc/ha.d/ldirectord.cf
"""
