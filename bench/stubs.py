"""More web servers than there are machines: addresses of the web servers, to a director as good as machines.

A stub that dies takes its address with it: nobody of that address answers, as where a machine has no power.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from systems import Bench

PREFIX = "198.18.2."


@dataclass
class Stubs:
    bench: Bench
    addresses: list[str] = field(default_factory=list)

    def add(self, count: int) -> None:
        self.addresses = [f"{PREFIX}{number}" for number in range(1, count + 1)]
        self.all_live()

    def all_live(self) -> None:
        self._address("replace", self.addresses)

    def die(self, addresses: Collection[str]) -> None:
        self._address("delete", addresses)

    def _address(self, action: str, addresses: Iterable[str]) -> None:
        """In turns on the web servers, so that each has its share."""
        names = list(self.bench.webservers)
        chosen: dict[str, list[str]] = {name: [] for name in names}
        for address in addresses:
            chosen[names[int(address.rpartition(".")[2]) % len(names)]].append(address)
        for name, own in chosen.items():
            lines = "\n".join(f"address {action} {address}/32 dev eth0" for address in own)
            self.bench.lab("run", name, "--", "sh", "-c", f"printf '%s\n' '{lines}' | ip -batch -")
