# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log in to the guests, and wait until a login succeeds."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from .description import Lab, Node
from .errors import LabError
from .guests import guests


def login(lab: Lab, node: Node, *options: str) -> list[str]:
    return ["ssh", "-F", str(lab.directory / "ssh_config"), *options, node.address]


def wait_for_login(lab: Lab, node: Node, end: float) -> None:
    while True:
        why = failed_login(lab, node)
        if not why:
            return
        if node.name not in guests(lab):
            raise LabError(
                f"{node.name} ended while it booted. Its last messages are in {lab.console(node)}."
            )
        if time.monotonic() > end:
            raise LabError(
                f"{node.name} runs, but no SSH login succeeded in time ({why}). "
                f"Look at its console, {lab.console(node)}, and for a cut network: `{lab.command} status`."
            )
        time.sleep(0.1)


def failed_login(lab: Lab, node: Node) -> str:
    """Try to log in, and return why that failed, or an empty text if it succeeded."""
    command = [*login(lab, node, "-o", "ConnectTimeout=2", "-o", "ControlPath=none"), "true"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except subprocess.TimeoutExpired:
        return "no answer in 10 s"
    if done.returncode == 0:
        return ""
    # SSH prints nothing if the connection ends during the login.
    return done.stderr.strip().rpartition("\n")[2] or f"exit status {done.returncode}"


def end_connections(lab: Lab, nodes: Iterable[Node]) -> None:
    """End the connections that SSH keeps for the next command: their other end is gone."""
    for node in nodes:
        end_connection(lab.run / "ssh" / node.address)


def end_all_connections(lab: Lab) -> None:
    for control in (lab.run / "ssh").glob("*"):
        end_connection(control)


def end_connection(control: Path) -> None:
    if control.is_socket():
        end = ["ssh", "-o", f"ControlPath={control}", "-O", "exit", "any"]
        subprocess.run(end, capture_output=True, check=False)
        # A connection that ended by itself leaves its socket.
        control.unlink(missing_ok=True)
