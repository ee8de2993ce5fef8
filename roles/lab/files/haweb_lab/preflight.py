# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the problems of a lab before it is created."""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .description import LAN, Lab, Node
from .guests import Guests, guests, memory_of

LONGEST_NAME = 50
# The images, and the data that four guests write in an afternoon.
DISK = 3 << 30


def complaints(lab: Lab, wish: dict[str, Any]) -> Iterator[str]:
    """Yield all problems of this lab, or of one host as a guest of it."""
    if "node" in wish:
        yield from node_complaints(lab, wish["node"])
    else:
        yield from lab_complaints(lab)
        yield from machine_complaints(lab, wish["memory"] << 20, Path(wish["directory"]))


def lab_complaints(lab: Lab) -> Iterator[str]:
    for whose, address in (("host", lab.host_address), ("client", lab.client_address)):
        if ipaddress.ip_address(address) not in ipaddress.ip_network(lab.network):
            yield f"lab_{whose}_address {address} is outside lab_network {lab.network}. Choose one inside."


# --- a host as a guest -------------------------------------------------------------------------------


def node_complaints(lab: Lab, node: dict[str, Any]) -> Iterator[str]:
    name = node["name"]
    if len(name) > LONGEST_NAME or "/" in name:
        yield f"{name!r} cannot be the name of a guest: at most {LONGEST_NAME} characters and no slash."
    for card in node["interfaces"]:
        yield from card_complaints(lab, name, card)


def card_complaints(lab: Lab, name: str, card: dict[str, str]) -> Iterator[str]:
    if card["address"].startswith("/"):
        yield f"{name} has no address. Give it a `haweb_address` in {lab.network} in the inventory."
        return
    try:
        address = ipaddress.ip_interface(card["address"]).ip
    except ValueError:
        yield f"{name}: {card['name']} has address {card['address']!r}; the form is 192.0.2.1/24."
        return
    if card.get("network", LAN) == LAN and address not in ipaddress.ip_network(lab.network):
        yield (
            f"{name} has address {address}, outside lab_network {lab.network}. "
            "Set lab_network to the network of your hosts, or give this card a `network` of its own."
        )
    if str(address) in (lab.host_address, lab.client_address):
        yield (
            f"{name} has address {address}, which the lab uses itself. "
            "Set lab_host_address and lab_client_address to addresses that no host has."
        )


def duplicates(nodes: Iterable[Node]) -> Iterator[str]:
    owners: dict[tuple[str, str], str] = {}
    for node in nodes:
        for card in node.interfaces:
            key = (card.network, card.address.partition("/")[0])
            if owners.setdefault(key, node.name) != node.name:
                yield f"{owners[key]} and {node.name} both have address {key[1]}. Give each one of its own."


# --- this machine ------------------------------------------------------------------------------------


def machine_complaints(lab: Lab, memory: int, directory: Path) -> Iterator[str]:
    if not Path("/etc/debian_version").exists() or os.uname().machine != "x86_64":
        yield f"The lab needs Debian on x86-64, because user-mode-linux does; this is {os.uname().machine}."
    if os.geteuid() != 0:
        yield "The lab needs root, to create network namespaces. Run the playbook as root."
        return
    yield from privilege_complaints()
    running = guests(lab)
    yield from stranger_complaints(lab, running, directory)
    yield from memory_complaints(memory - sum(memory_of(members[0]) for members in running.values()))
    yield from disk_complaints(directory)


def privilege_complaints() -> Iterator[str]:
    if not Path("/dev/net/tun").is_char_device():
        yield (
            "/dev/net/tun is missing. Load it with `modprobe tun`; "
            "in a container pass the device in (`--device /dev/net/tun`)."
        )
    if subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False).returncode:
        yield (
            "On this machine root cannot create network namespaces. "
            "In a container add the capabilities SYS_ADMIN and NET_ADMIN."
        )


def stranger_complaints(lab: Lab, running: Guests, directory: Path) -> Iterator[str]:
    strangers = strange_guests(running, directory)
    if strangers:
        yield (
            f"Guests of a lab {lab.name} run already ({', '.join(strangers)}), but their disks are not in "
            f"{directory}. Give this lab another lab_name, or end them with haweb.cluster.lab_absent."
        )


def strange_guests(running: Guests, directory: Path) -> list[str]:
    """Return guests of the same name from another directory, or of a directory that was removed by hand."""
    return [
        name
        for name, members in running.items()
        if not any(word.startswith(f"ubd0={directory}/disks/") for word in members[0].arguments)
        or not (directory / "disks").exists()
    ]


def memory_complaints(needed: int) -> Iterator[str]:
    available = Path("/proc/meminfo").read_text().partition("MemAvailable:")[2].split()[0]
    # The guests' memory is in files there, as large as its used part.
    room = shutil.disk_usage("/dev/shm").free
    for what, there in (("free memory", int(available) << 10), ("room in /dev/shm", room)):
        if there < needed:
            yield (
                f"The guests need {needed >> 20} MB, this machine has {there >> 20} MB of {what}. "
                "Set lab_memory lower, or select fewer hosts with --limit."
            )


def disk_complaints(directory: Path) -> Iterator[str]:
    if (directory / "lab.json").exists():
        return
    home = nearest(directory)
    free = shutil.disk_usage(home).free
    if free < DISK:
        yield (
            f"The lab needs {DISK >> 20} MB in {home}, {free >> 20} MB are free. "
            "Free some space, or set lab_directory and lab_cache to another disk."
        )


def nearest(directory: Path) -> Path:
    """Return the directory itself, or the nearest one above it that exists."""
    return next(parent for parent in (directory, *directory.parents) if parent.exists())
