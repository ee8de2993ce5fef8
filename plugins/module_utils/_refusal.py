# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Understand what ldirectord says of a file that it does not accept."""

from __future__ import annotations

import re

# Options whose values are secret. A test compares them with the model's.
SECRETS = ("login", "passwd", "secret")

# The exit codes of `ldirectord FILE status` for a file that it can read: running, a stale pid file, stopped.
ACCEPTED = (0, 1, 3)

# Error [1234] reading file /etc/ha.d/ldirectord.cf at line 5: quiescent must be 'yes' or 'no'
ERROR = re.compile(
    r"^Error \[\d+\](?: reading file .* at line (?P<number>\d+))?: (?P<reason>.+)$", re.MULTILINE
)


def refusal(host: str, content: str, returncode: int, stderr: str) -> str | None:
    """Return a sentence on why ldirectord refuses this content, or None when it does not.

    ldirectord quotes lines that it does not understand; a password in such a line is not repeated.
    """
    if returncode in ACCEPTED:
        return None
    found = ERROR.search(stderr)
    if found is None:
        return (
            f"{host}: `ldirectord status` ended with {returncode} and says: {stderr.strip() or 'nothing'}. "
            "So it cannot run there: try it, and where it is damaged, install the package ldirectord again."
        )
    where, reason = "its file", found["reason"].strip()
    if found["number"]:
        name, _equals, value = content.splitlines()[int(found["number"]) - 1].strip().partition("=")
        where = f"{name} in line {found['number']} of its file"
        if name in SECRETS:
            reason = reason.replace(value, "(hidden)")
    return (
        f"{host}: ldirectord refuses {where}: {reason}. The file was not written. Change what it names in "
        "the services or in ldirectord's options, or put it right on the host."
    )
