"""Clients of the virtual addresses. Each has its own address, which is all that IPVS sees of a client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from testbed.lab import Lab

HOST = "www.example.com"
# Two networks of sixteen addresses, which the netmask 255.255.255.240 separates.
NETWORKS = [[f"192.168.0.{number}" for number in range(first, first + 16)] for first in (32, 48)]
CLIENTS = [client for network in NETWORKS for client in network]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: str
    page: str

    def header(self, name: str) -> str | None:
        found = re.search(rf"(?mi)^{name}: *(.*)$", self.headers)
        return found.group(1) if found else None


@dataclass(frozen=True)
class Clients:
    lab: Lab
    certificate: Path  # the only one that they trust

    @contextmanager
    def present(self) -> Iterator[None]:
        """Add the addresses of all clients to the client host."""
        words = "; ".join(f"ip address %s {client}/32 dev eth0" for client in CLIENTS)
        with self.lab.done_at("client", words.replace("%s", "replace"), words.replace("%s", "delete")):
            yield

    def curl(self, client: str, address: str, *words: str) -> str:
        """Request the site at this address, which no name server has."""
        always = ["--silent", "--show-error", "--max-time", "20", "--cacert", str(self.certificate)]
        place = ["--interface", client, "--connect-to", f"::{address}:"]
        return self.lab("client", "--", "curl", *always, *place, *words)

    def served_by(self, client: str, address: str, times: int = 1, scheme: str = "https") -> list[str]:
        """Return the web servers that answer this client, with a new connection for each request."""
        each = ["--head", "--header", "Connection: close", "--output", "/dev/null"]
        each += ["--write-out", "%header{x-served-by}\n"]
        return self.curl(client, address, *each, f"{scheme}://{HOST}/?[1-{times}]").splitlines()

    def get(self, client: str, address: str, scheme: str = "https") -> Answer:
        said = self.curl(client, address, "--include", f"{scheme}://{HOST}/")
        headers, _, page = said.partition("\n\n")
        return Answer(int(headers.split()[1]), headers, page)
