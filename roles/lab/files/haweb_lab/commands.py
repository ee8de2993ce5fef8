# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run each command, and print its result."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from . import cables, inventory, network, power, preflight, ssh, status
from .answers import Summary
from .boot import boot_those_off
from .description import Lab, Node
from .errors import LabError
from .guests import guests
from .host import replace_by, until

Act = Callable[[Lab, Namespace], None]


def show_status(lab: Lab, options: Namespace) -> None:
    rows = status.rows(lab)
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        print(*status.table(rows), sep="\n")


# --- power -------------------------------------------------------------------------------------------


def start(lab: Lab, options: Namespace) -> None:
    begun = time.monotonic()
    with lab.locked():
        network.Network(lab).build(lab.nodes().values())
        already = boot_those_off(lab, options.nodes)

    def finish(node: Node) -> str:
        ssh.wait_for_login(lab, node, begun + options.timeout)
        if node.name in already:
            return f"{node.name}: was running already"
        return f"{node.name}: up after {time.monotonic() - begun:.1f} s"

    with ThreadPoolExecutor(max_workers=len(options.nodes)) as pool:
        for line in pool.map(finish, options.nodes):
            print(line)


def stop(lab: Lab, options: Namespace) -> None:
    """Press the power buttons of all nodes, then wait for all of them."""
    running = guests(lab)
    power.press_buttons(lab, options.nodes, running)
    for node in options.nodes:
        complaint = (
            f"{node.name} did not stop within {options.timeout:g} s. "
            f"Look at its console, {lab.console(node)}, "
            f"or cut its power with `{lab.command} power-cut {node.name}`."
        )
        power.wait_until_off(lab, node, options.timeout, complaint)
        ssh.end_connections(lab, [node])
        print(f"{node.name}: {'off' if node.name in running else 'was off already'}")


def power_cut(lab: Lab, options: Namespace) -> None:
    """Cut the power of all nodes at once, and make sure that no process is left."""
    running = guests(lab)
    for node in options.nodes:
        if node.name in running:
            power.cut_power(running[node.name])
    for node in options.nodes:
        complaint = (
            f"{node.name} still has processes 10 s after SIGKILL; the host's kernel does not end them."
        )
        power.wait_until_off(lab, node, 10, complaint)
        print(f"{node.name}: {'power cut' if node.name in running else 'was off already'}")
    ssh.end_connections(lab, options.nodes)


def freeze(lab: Lab, options: Namespace) -> None:
    send_signal(lab, options.nodes, signal.SIGSTOP, "frozen")


def thaw(lab: Lab, options: Namespace) -> None:
    send_signal(lab, options.nodes, signal.SIGCONT, "running")


def send_signal(lab: Lab, nodes: list[Node], number: signal.Signals, wanted: str) -> None:
    power.signal_kernels(lab, nodes, number)
    for node in nodes:
        power.wait_for_state(lab, node, wanted)
        print(f"{node.name}: {wanted}")


# --- cables and logins -------------------------------------------------------------------------------


def cut(lab: Lab, options: Namespace) -> None:
    cables.cut(lab, options.nodes, options.interface, options.direction)


def heal(lab: Lab, options: Namespace) -> None:
    cables.heal(lab, options.nodes, options.interface)


def shell(lab: Lab, options: Namespace) -> None:
    replace_by(*ssh.login(lab, options.nodes[0], "-t"))


def run_on_node(lab: Lab, options: Namespace) -> None:
    replace_by(*ssh.login(lab, options.nodes[0]), shlex.join(options.command))


def run_on_client(lab: Lab, options: Namespace) -> None:
    replace_by("ip", "netns", "exec", lab.client_namespace, *options.command)


def ask(lab: Lab, options: Namespace) -> None:
    network.enter_client_host(lab, sys.executable, *sys.argv)
    # Importing asyncio takes a fifth of a command's start, and only this command needs it.
    from .client import measure  # noqa: PLC0415

    begun = time.time()
    answers = measure(options.url, options.seconds, options.every, options.timeout)
    if not answers:
        sent = f"--for is {options.seconds:g} s, and --every is {options.every:g} s"
        raise LabError(f"No request was sent: {sent}. Set --for to at least --every.")
    summary = Summary.of(answers)
    if options.json:
        found = {**asdict(summary), "begun": begun, "answers": [asdict(answer) for answer in answers]}
        options.json.write_text(json.dumps(found))
    print(*summary.lines(), sep="\n")
    sys.exit(1 if summary.failed else 0)


# --- commands of the role ----------------------------------------------------------------------------


def check(lab: Lab, options: Namespace) -> None:
    report(preflight.complaints(lab, options.wish))


def write_inventory(lab: Lab, _options: Namespace) -> None:
    nodes = lab.nodes().values()
    report(preflight.duplicates(nodes))
    inventory.check_source(lab)
    plan = inventory.inventory_plan(lab, nodes, inventory.lab_secrets(lab))
    print("written" if inventory.write(lab.directory / "inventory", plan) else "unchanged")


def report(complaints: Iterator[str]) -> None:
    """Report all problems at once."""
    found = list(complaints)
    if found:
        raise LabError("\n".join(found))


def destroy(lab: Lab, _options: Namespace) -> None:
    """End all processes of this lab, whatever the state of its files."""
    running = guests(lab)
    for members in running.values():
        power.cut_power(members)
    until(lambda: not guests(lab), 10, f"Guests of lab {lab.name} still run 10 s after SIGKILL.")
    ssh.end_all_connections(lab)
    removed = network.remove(lab)
    sockets = lab.run.exists()
    if sockets:
        shutil.rmtree(lab.run)
    print("removed" if running or removed or sockets else "nothing was there")
