# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hash a password for Apache, and say what is wrong with the protection of a page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from ipaddress import ip_network

from ansible_collections.haweb.cluster.plugins.module_utils._values import Problems, UnfitError, is_list

ROUNDS = 12  # 2 to the power of this
MOST_BYTES = 72  # bcrypt ignores what is longer
SALT_BYTES = 16
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
BCRYPT64 = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def htpasswd_line(password: str, user: str, place: str) -> str:
    import bcrypt  # noqa: PLC0415  only who has a manager needs it

    digest = hashlib.sha256(f"{place}\0{user}".encode()).digest()[:SALT_BYTES]
    salt = base64.b64encode(digest).rstrip(b"=").translate(bytes.maketrans(BASE64, BCRYPT64))
    # Apache knows bcrypt under the name 2y, which is the same as 2b.
    return f"{user}:{bcrypt.hashpw(password.encode(), b'$2y$%02d$%b' % (ROUNDS, salt)).decode()}"


def manager_problems(manager: Mapping[str, object], problems: Problems) -> None:
    problems.read(_user, "user", manager.get("user"), secret=True)
    problems.read(_password, "password", manager.get("password"), secret=True)
    allow = manager.get("allow")
    if not is_list(allow) or not allow:
        problems.say("allow names nobody, so that nobody could use it; name addresses, or switch it off")
        return
    for entry in allow:
        problems.read(_network, "allow", entry)


def _user(value: object) -> str:
    if not isinstance(value, str) or not value or not value.isprintable() or ":" in value or " " in value:
        raise UnfitError("must be a word without a colon; there is no default user")
    return value


def _password(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise UnfitError("must not be empty; there is no default password")
    if len(value.encode()) > MOST_BYTES:
        raise UnfitError(f"must have {MOST_BYTES} bytes at most, since bcrypt ignores what is longer")
    return value


def _network(value: object) -> str:
    try:
        return str(ip_network(str(value), strict=False))
    except ValueError:
        raise UnfitError("must be an address or a network such as 192.168.0.0/24") from None
