# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Describe the lab: its guests, its network, and its paths on this machine."""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import LabError

LAN = "lan"


@dataclass(frozen=True)
class Interface:
    name: str
    address: str
    network: str = LAN


@dataclass(frozen=True)
class Node:
    name: str
    hostname: str
    memory: int
    image: str
    interfaces: tuple[Interface, ...]
    preload: str = ""

    @property
    def address(self) -> str:
        """The address for SSH: that of the first card."""
        return self.interfaces[0].address.partition("/")[0]

    @classmethod
    def read(cls, data: dict[str, Any]) -> Node:
        cards = tuple(Interface(**card) for card in data["interfaces"])
        return cls(**{**data, "memory": int(data["memory"]), "interfaces": cards})


@dataclass(frozen=True)
class Lab:
    name: str
    network: str
    host_address: str
    client_address: str
    keys: str
    inventory: str = ""
    secrets: tuple[str, ...] = ()
    directory: Path = field(default=Path())

    @classmethod
    def read(cls, directory: Path) -> Lab:
        try:
            data = json.loads((directory / "lab.json").read_text())
        except FileNotFoundError:
            raise LabError(
                f"There is no lab in {directory}: lab.json is missing. "
                "Run `ansible-playbook haweb.cluster.lab -i INVENTORY` first."
            ) from None
        return cls(**{**data, "secrets": tuple(data["secrets"]), "directory": directory})

    @property
    def namespace(self) -> str:
        return f"haweb-{self.name}"

    @property
    def client_namespace(self) -> str:
        return f"haweb-{self.name}-client"

    @property
    def run(self) -> Path:
        """The directory of the sockets: their paths must be short; the lab's directory may be anywhere."""
        return Path("/run/haweb") / self.name

    @property
    def command(self) -> Path:
        return self.directory / "lab"

    def console(self, node: Node) -> Path:
        return self.directory / "consoles" / f"{node.name}.log"

    def on_lan(self, address: str) -> str:
        return f"{address}/{ipaddress.ip_network(self.network).prefixlen}"

    def nodes(self) -> dict[str, Node]:
        files = sorted((self.directory / "nodes").glob("*.json"))
        return {node.name: node for node in (Node.read(json.loads(file.read_text())) for file in files)}

    def chosen(self, names: Sequence[str]) -> list[Node]:
        nodes = self.nodes()
        for name in names:
            if name not in nodes:
                raise LabError(f"{name} is not a node of lab {self.name}. Its nodes are: {', '.join(nodes)}.")
        return [nodes[name] for name in names]

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the lab: Ansible starts each guest separately, but the network is created once."""
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
