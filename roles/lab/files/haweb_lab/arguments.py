# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Define the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import commands
from .cables import DIRECTIONS
from .commands import Act


class Verbs:
    def __init__(self, top: argparse.ArgumentParser) -> None:
        self.actions = top.add_subparsers(required=True, metavar="COMMAND")

    def add(self, name: str, act: Act, text: str, nodes: str | int = "+") -> argparse.ArgumentParser:
        added = self.actions.add_parser(name, help=text, description=text)
        added.set_defaults(act=act, from_input=False)
        if nodes:
            added.add_argument("nodes", nargs=nodes, metavar="NODE")
        return added

    def add_for_role(self, name: str, act: Act, *, from_input: bool) -> None:
        """Add a command that --help does not list."""
        self.actions.add_parser(name).set_defaults(act=act, from_input=from_input)


def parser() -> argparse.ArgumentParser:
    text = "Control a cluster of virtual machines on this machine."
    top = argparse.ArgumentParser(prog="lab", description=text)
    verbs = Verbs(top)
    one = verbs.add("status", commands.show_status, "Show the state of every node.", 0)
    one.add_argument("--json", action="store_true", help="print JSON")
    add_power(verbs)
    add_cables(verbs)
    add_logins(verbs)
    add_ask(verbs)
    # These commands read the description of the lab from standard input: there may be no lab yet, or no
    # longer.
    verbs.add_for_role("check", commands.check, from_input=True)
    verbs.add_for_role("inventory", commands.write_inventory, from_input=False)
    verbs.add_for_role("destroy", commands.destroy, from_input=True)
    return top


def add_power(verbs: Verbs) -> None:
    for name, act, text in (
        ("start", commands.start, "Start nodes and wait until they accept a login."),
        (
            "power-on",
            commands.start,
            "Start nodes after a power cut, with the disk as it was. Same as start.",
        ),
        ("stop", commands.stop, "Shut nodes down by power button and wait until they are off."),
    ):
        one = verbs.add(name, act, text)
        one.add_argument("--timeout", type=duration, default=120.0, help="time limit (default: 120s)")
    verbs.add("power-cut", commands.power_cut, "Kill all processes of the nodes at once, without a shutdown.")
    verbs.add("freeze", commands.freeze, "Stop all processes of nodes; they keep their memory.")
    verbs.add("thaw", commands.thaw, "Continue frozen nodes.")


def add_cables(verbs: Verbs) -> None:
    one = verbs.add("cut", commands.cut, "Drop all frames of network cards; a power cut does not end this.")
    one.add_argument("--direction", choices=sorted(DIRECTIONS), default="both", help="seen from the node")
    one.add_argument("--interface", help="only this card (default: all)")
    one = verbs.add("heal", commands.heal, "Restore cut network cards.")
    one.add_argument("--interface", help="only this card (default: all)")


def add_logins(verbs: Verbs) -> None:
    verbs.add("shell", commands.shell, "Log in to a node.", 1)
    one = verbs.add("run", commands.run_on_node, "Run a command on a node: lab run NODE -- CMD ...", 1)
    one.add_argument("command", nargs="+", metavar="CMD")
    text = "Run a command on the client host: lab client -- CMD ..."
    one = verbs.add("client", commands.run_on_client, text, 0)
    one.add_argument("command", nargs="+", metavar="CMD")


def add_ask(verbs: Verbs) -> None:
    text = "Request a web page repeatedly from the client host; exit with 1 if a request fails."
    one = verbs.add("ask", commands.ask, text, 0)
    one.add_argument("url", metavar="URL", help="http://ADDRESS[:PORT]/PATH")
    one.add_argument("--for", dest="seconds", type=duration, default=10.0, help="duration (default: 10s)")
    one.add_argument("--every", type=duration, default=0.02, help="interval between requests (default: 20ms)")
    one.add_argument("--timeout", type=duration, default=1.0, help="time limit of a request (default: 1s)")
    one.add_argument("--json", type=Path, metavar="FILE", help="write all answers to this file")


def duration(text: str) -> float:
    """Convert `20ms`, `2s`, `2` or `5min` to seconds."""
    units = {"ms": 0.001, "min": 60.0, "s": 1.0, "": 1.0}
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    try:
        seconds = float(number) * units[text[len(number) :]]
    except (KeyError, ValueError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration; write 20ms, 2s or 5min") from None
    if seconds <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} must be more than zero")
    return seconds
