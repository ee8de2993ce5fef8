"""A container of a scenario, for its tests."""

from __future__ import annotations

import http.client
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import testinfra
from testinfra.host import Host

from testbed import PROJECT
from testbed.inventory import Inventory
from testbed.playbook import Run, run_playbook

INVENTORY = Inventory((PROJECT / "molecule" / "roles" / "inventory",))

# The pairs of the inventory. The first pair runs the example of the role's README, the second has many
# options. In each pair the first node is a Debian 12, the second a Debian 13.
PAIRS = {"default": ("node1", "node2"), "alternative": ("node3", "node4")}
ADDRESSES = {
    "node1": "198.51.100.11",
    "node2": "198.51.100.12",
    "node3": "198.51.100.13",
    "node4": "198.51.100.14",
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str


class Node:
    def __init__(self, name: str) -> None:
        self.name = name
        lab, scenario = os.environ.get("MOLECULE_LAB", "molecule"), os.environ["MOLECULE_SCENARIO_NAME"]
        self.container = f"haweb-{lab}-{scenario}-{name}"
        self.address = ADDRESSES[name]
        self.host: Host = testinfra.get_host(f"docker://{self.container}")

    def ask(self, path: str, port: int = 80, *, tls: bool = False, **headers: str) -> Answer:
        """Send one request from the test machine, as a client of www.example.com."""
        connection = http.client.HTTPConnection(self.address, port, timeout=10)
        if tls:
            # The scenario has created the certificate itself.
            context = ssl._create_unverified_context()
            connection = http.client.HTTPSConnection(self.address, port, timeout=10, context=context)
        connection.request("GET", path, headers={"Host": "www.example.com", **headers})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())

    def lines(self, path: str) -> list[str]:
        """Return the lines of a file, without indentation and comments."""
        text: str = self.host.file(path).content_string
        return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]

    def rights(self, path: str) -> tuple[str, str, int]:
        file = self.host.file(path)
        return file.user, file.group, file.mode


def play(playbook: str, *options: str, **variables: Any) -> Run:
    """Run a playbook of this project with extra variables, as the scenario itself does."""
    return run_playbook(playbook, INVENTORY, *options, **variables)


Pairs = dict[str, list[Node]]


def rehearse(scenario: str, path: str, lines: Mapping[str, str], pairs: Pairs, *options: str) -> Run:
    """Add a line to this file on each node, and rehearse a run of the scenario, which removes it again."""
    nodes = [node for pair in pairs.values() for node in pair if node.name in lines]
    for node in nodes:
        node.host.check_output(f"cp -a {path} {path}.kept && printf %s >> {path}", lines[node.name])
    done = play(f"molecule/roles/{scenario}/converge.yml", "--check", *options)
    for node in nodes:
        node.host.check_output(f"mv {path}.kept {path}")
    assert done.returncode == 0, done.output
    return done
