# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cookie that keeps a client on one web server, as values.

A web server or a balancer may set it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cookie:
    name: str
    domain: str  # empty: the host name in the request
    lifetime: int  # minutes; 0: until the browser is closed
    path: str
    secure: bool
    httponly: bool
    samesite: str
