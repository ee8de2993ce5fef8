# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Show the state of each node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .cables import cuts
from .description import Lab
from .guests import guests, memory_of, state_of
from .network import tap_name


@dataclass(frozen=True)
class Row:
    node: str
    state: str
    address: str
    pid: int | None
    memory: int
    cut: dict[str, str]


def rows(lab: Lab) -> list[Row]:
    running, cut = guests(lab), cuts(lab)
    found = []
    for node in lab.nodes().values():
        kernel = running[node.name][0] if node.name in running else None
        cards = {card.name: cut.get(tap_name(node.name, n)) for n, card in enumerate(node.interfaces)}
        found.append(
            Row(
                node=node.name,
                state=state_of(running, node.name),
                address=node.address,
                pid=kernel.pid if kernel else None,
                memory=memory_of(kernel) if kernel else 0,
                cut={name: direction for name, direction in cards.items() if direction},
            )
        )
    return found


def table(rows: Sequence[Row]) -> Iterator[str]:
    yield f"{'NODE':<24} {'STATE':<8} {'ADDRESS':<16} {'PID':>8} {'MEMORY':>8}  CUT"
    for row in rows:
        cut = " ".join(f"{name}:{direction}" for name, direction in row.cut.items())
        memory = f"{row.memory / 2**20:.0f} MB"
        yield f"{row.node:<24} {row.state:<8} {row.address:<16} {row.pid or '-':>8} {memory:>8}  {cut or '-'}"
    yield f"{'together':<59} {sum(row.memory for row in rows) / 2**20:>5.0f} MB"
