# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Boot a guest: its kernel's command line, its CPU and its process."""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .description import Lab, Node
from .errors import LabError
from .guests import guests, state_of
from .network import mac_address, tap_name


def boot_those_off(lab: Lab, nodes: Sequence[Node]) -> set[str]:
    """Boot the nodes that are off, and return the names of those that were running already."""
    create_directories(lab)
    running, all_nodes = guests(lab), lab.nodes()
    for node in nodes:
        state = state_of(running, node.name)
        if state == "frozen":
            raise LabError(f"{node.name} is frozen. Thaw it with `{lab.command} thaw {node.name}`.")
        if state == "off":
            boot(lab, node, cpu_of(node.name, all_nodes, os.sched_getaffinity(0)))
    return {node.name for node in nodes if node.name in running}


def create_directories(lab: Lab) -> None:
    for directory in ("uml", "ssh"):
        (lab.run / directory).mkdir(mode=0o700, parents=True, exist_ok=True)
    for directory in ("consoles", "disks"):
        (lab.directory / directory).mkdir(mode=0o700, exist_ok=True)


def cpu_of(node: str, nodes: Iterable[str], cpus: Iterable[int]) -> int:
    """Neighbours in the alphabet get different CPUs: hosts of one group, which work at the same time."""
    ordered = sorted(cpus)
    return ordered[sorted(nodes).index(node) % len(ordered)]


def boot(lab: Lab, node: Node, cpu: int) -> None:
    if not Path(node.image).exists():
        raise LabError(
            f"{node.name} cannot start: its image {node.image} is missing. "
            "Run `ansible-playbook haweb.cluster.lab_absent`, then haweb.cluster.lab again."
        )
    # A guest whose power was cut leaves this directory, and the new kernel would refuse the name.
    shutil.rmtree(lab.run / "uml" / node.name, ignore_errors=True)
    environment = {"PATH": os.environ["PATH"], "TERM": "dumb"}
    if node.preload:
        environment["LD_PRELOAD"] = node.preload
    with lab.console(node).open("wb") as console:
        subprocess.Popen(
            guest_command(lab, node, cpu),
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            # A process group of its own: a power cut kills the guest and all its helpers, and nothing else.
            start_new_session=True,
        )


def guest_command(lab: Lab, node: Node, cpu: int) -> list[str]:
    """Return the kernel and its command line, from which systemd reads the name and the addresses."""
    return [
        *("ip", "netns", "exec", lab.namespace),
        # A guest's kernel and its processes take turns: on one CPU they need not wake a second one each
        # time.
        *("taskset", "--cpu-list", str(cpu)),
        # Otherwise the kernel manages the gap of address randomisation as memory.
        *("setarch", "--addr-no-randomize"),
        *(f"{lab.directory}/kernel", f"umid={node.name}", f"uml_dir={lab.run}/uml/", f"mem={node.memory}M"),
        *(f"ubd0={lab.directory}/disks/{node.name}.cow,{node.image}", "root=/dev/ubda", "rw"),
        *("con=null", "con0=null,fd:1", "ssl=null", f"systemd.hostname={node.hostname}"),
        # Much faster than ptrace. Kernels before 6.16 pass the unknown word to systemd, which ignores it.
        "seccomp=auto",
        *card_words(node),
    ]


def card_words(node: Node) -> Iterator[str]:
    for number, card in enumerate(node.interfaces):
        interface = ipaddress.ip_interface(card.address)
        mac = mac_address(node.name, number)
        yield f"vec{number}:transport=tap,ifname={tap_name(node.name, number)},mac={mac}"
        yield f"ifname={card.name}:{mac}"
        yield f"ip={interface.ip}:::{interface.netmask}::{card.name}:none"
