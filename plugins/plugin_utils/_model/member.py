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
    route: str  # by which a sticky cookie names it
    parameters: Mapping[str, Any]  # the software's own, under their own names


@dataclass(frozen=True)
class Balancer:
    members: tuple[Member, ...]
    options: Mapping[str, Any]  # the software's own, under their own names
    health_page: str  # path, with a slash at its beginning
    health_text: str  # empty: the status of the page's answer is enough
