# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A balancer and the web servers behind it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Member:
    url: str
    route: str  # its name in a sticky cookie
    parameters: Mapping[str, Any]  # the software's own, with its names


@dataclass(frozen=True)
class Balancer:
    members: tuple[Member, ...]
    options: Mapping[str, Any]  # the software's own, with its names
    health_page: str  # path, with a leading slash
    health_text: str  # empty: only the status of the response counts
