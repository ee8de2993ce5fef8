# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stop a running guest: with its power button, by a power cut, or temporarily."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
from collections.abc import Sequence

from .description import Lab, Node
from .errors import LabError
from .guests import Guests, Process, guests, state_of
from .host import until

MAGIC, VERSION = 0xCAFEBABE, 2


def wait_until_off(lab: Lab, node: Node, seconds: float, complaint: str) -> None:
    until(lambda: node.name not in guests(lab), seconds, complaint)


def press_buttons(lab: Lab, nodes: Sequence[Node], running: Guests) -> None:
    for node in nodes:
        state = state_of(running, node.name)
        if state == "frozen":
            raise LabError(f"{node.name} is frozen and cannot stop. Thaw it or cut its power.")
        if state == "running":
            press_button(lab, node)


def press_button(lab: Lab, node: Node) -> None:
    """Send Ctrl-Alt-Del through the kernel's control socket, which works without the guest's network."""
    monitor = lab.run / "uml" / node.name / "mconsole"
    # A path, not an abstract name: those are limited to a network namespace, and the guest is in another
    # one.
    reply = lab.run / f"reply-{os.getpid()}"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.bind(str(reply))
            sender.settimeout(5)
            sender.sendto(console_request(b"cad"), str(monitor))
            answer = sender.recv(1024)
    except OSError as error:
        raise LabError(f"{node.name} does not answer at {monitor}: {error}. Cut its power.") from error
    finally:
        reply.unlink(missing_ok=True)
    why = refusal(answer)
    if why is not None:
        raise LabError(f"{node.name} refused the power button: {why}")


def console_request(command: bytes) -> bytes:
    """Return a request: magic, version, length, and the command in its fixed field."""
    return struct.pack("=III512s", MAGIC, VERSION, len(command), command)


def refusal(answer: bytes) -> str | None:
    """Return why the kernel refused a request, or None if it accepted it."""
    failed, _version, length = struct.unpack_from("=III", answer)
    return answer[12 : 12 + length].decode(errors="replace") if failed else None


def cut_power(members: Sequence[Process]) -> None:
    """Send SIGKILL to all processes of the guest at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(members[0].group, signal.SIGKILL)


def signal_kernels(lab: Lab, nodes: Sequence[Node], number: signal.Signals) -> None:
    running = guests(lab)
    for node in nodes:
        if node.name not in running:
            raise LabError(f"{node.name} is off. Start it with `{lab.command} start {node.name}`.")
        # Signal only the guest's kernel. Its processes wait for it anyway; the guest would handle a signal
        # to them as a fault, and end when it continues.
        os.kill(running[node.name][0].pid, number)


def wait_for_state(lab: Lab, node: Node, wanted: str) -> None:
    complaint = f"{node.name} is not {wanted} 5 s after the signal."
    until(lambda: state_of(guests(lab), node.name) == wanted, 5, complaint)
