"""Read the state of nodes: the commands, and the meaning of their output."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from testbed.lab import Lab

# Runs a command on a node, and returns its output.
Ask = Callable[[str, str], str]

TABLE = "ipvsadm --save --numeric"
TAKEN = "tc filter show dev eth0 ingress"


def holders(lab: Lab, nodes: Iterable[str], address: str, ask: Ask) -> list[str]:
    """Return the running nodes that have the address on the network card."""
    states = lab.states()
    held = f"ip -oneline address show dev eth0 to {address}"
    return [node for node in nodes if states[node] == "running" and ask(node, held)]


def weights(table: str, service: str = "") -> dict[str, int]:
    """Return the weight of each real server in an IPVS table: those of one service, or all."""
    lines = [line.split() for line in table.splitlines() if line.startswith("-a ")]
    return {
        real.partition(":")[0]: int(weight)
        for _add, _protocol, virtual, _r, real, *_, weight in lines
        if service in ("", virtual)
    }


def used(weighed: dict[str, int]) -> set[str]:
    """Return the real servers that receive new connections."""
    return {address for address, weight in weighed.items() if weight}


def takes(taken: str, address: str) -> bool:
    """Whether a director takes packets that are not for its own MAC."""
    return f"dst_ip {address}" in taken
