# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hash a password for Apache."""

from __future__ import annotations

import base64
import hashlib

ROUNDS = 12  # bcrypt computes 2 to the power of this
SALT_BYTES = 16
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
BCRYPT64 = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def htpasswd_line(password: str, user: str, place: str) -> str:
    import bcrypt  # noqa: PLC0415  only who has a manager needs it

    digest = hashlib.sha256(f"{place}\0{user}".encode()).digest()[:SALT_BYTES]
    salt = base64.b64encode(digest).rstrip(b"=").translate(bytes.maketrans(BASE64, BCRYPT64))
    # Apache accepts only the name 2y for bcrypt's variant 2b.
    return f"{user}:{bcrypt.hashpw(password.encode(), b'$2y$%02d$%b' % (ROUNDS, salt)).decode()}"
