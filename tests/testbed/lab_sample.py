"""A lab and its nodes, for the unit tests of the lab's command."""

from __future__ import annotations

from pathlib import Path

from haweb_lab.description import Lab, Node
from haweb_lab.guests import Guests, Process

LAB = Lab(
    name="test",
    network="192.0.2.0/24",
    host_address="192.0.2.1",
    client_address="192.0.2.2",
    keys="/keys",
    directory=Path("/labs/test"),
)
ETH0 = {"name": "eth0", "address": "192.0.2.11/24"}
ETH1 = {"name": "eth1", "address": "10.0.0.1/28", "network": "sync"}


def node(name: str = "web1", *cards: dict[str, str], image: str = "/base") -> Node:
    return Node.read(
        {
            "name": name,
            "hostname": f"{name}.example",
            "memory": "256",
            "image": image,
            "interfaces": list(cards) or [ETH0],
        }
    )


def running(**states: str) -> Guests:
    """Guests of these names, whose kernels are in these states."""
    return {name: [Process(pid, pid, state, ())] for pid, (name, state) in enumerate(states.items(), 100)}
