# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Interpret the error with which ldirectord refuses a file."""

from __future__ import annotations

import re

# Options whose values are secret. A test compares them with those of the model.
SECRETS = ("login", "passwd", "secret")

# The exit codes of `ldirectord FILE status` for a valid file: running, old pid file, stopped.
ACCEPTED = (0, 1, 3)

# Error [1234] reading file /etc/ha.d/ldirectord.cf at line 5: quiescent must be 'yes' or 'no'
ERROR = re.compile(
    r"^Error \[\d+\](?: reading file .* at line (?P<number>\d+))?: (?P<reason>.+)$", re.MULTILINE
)


def refusal(host: str, content: str, returncode: int, stderr: str) -> str | None:
    """Return a sentence with the reason why ldirectord refuses this content, or None if it accepts it.

    ldirectord prints lines that it cannot read; the sentence does not repeat a password in such a line.
    """
    if returncode in ACCEPTED:
        return None
    found = ERROR.search(stderr)
    if found is None:
        return (
            f"{host}: `ldirectord status` ended with {returncode} and prints: {stderr.strip() or 'nothing'}. "
            "It cannot run there: run it by hand, and if it is damaged, install the package ldirectord again."
        )
    where, reason = "its file", found["reason"].strip()
    if found["number"]:
        name, _equals, value = content.splitlines()[int(found["number"]) - 1].strip().partition("=")
        where = f"{name} in line {found['number']} of its file"
        if name in SECRETS:
            reason = reason.replace(value, "(hidden)")
    return (
        f"{host}: ldirectord refuses {where}: {reason}. The file was not written. Correct that in the "
        "services, in ldirectord's options or on the host."
    )
