"""What is measured: the systems of bench/inventory on the machines of a lab, and how they are got ready."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from testbed import nodes, playbook, waiting
from testbed.inventory import Inventory
from testbed.lab import Lab
from testbed.playbook import Run

GOOD = 200  # the status of HTTP
# Seconds that a browser waits, so that a busy machine is no failure: a dropped packet comes again after one.
PATIENCE = 5.0

# What the journal of a node says when it misses the other one, by the unit that writes it.
NOTICED = {"heartbeat": "node {peer}: is dead", "keepalived": "Entering MASTER STATE"}
# A command that succeeds on a node that hears the other one.
HEARS = {
    "heartbeat": 'test "$(cl_status nodestatus {peer})" = active',
    "keepalived": "systemctl is-active --quiet keepalived",
}


class BenchError(Exception):
    """A sentence: what did not become what it should be, and where to look."""


# Fewer questions than a test asks: the processors are for what is measured.
wait_for = partial(waiting.wait_for, every=0.2)


def failures(answers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The requests of a client that got no good answer."""
    return [one for one in answers if one["status"] != GOOD]


def reasons(failed: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Why requests failed, an error or a status of HTTP, and how many for each reason."""
    return dict(Counter(one["error"] or str(one["status"]) for one in failed))


def run_playbook(
    name: str,
    inventory: Inventory,
    *options: str,
    environment: dict[str, str] | None = None,
    **variables: Any,
) -> Run:
    """Run a playbook, which must succeed."""
    run = playbook.run_playbook(name, inventory, *options, environment=environment, **variables)
    if run.returncode:
        # The recap of many hosts is long, and what failed stands far above it.
        raise BenchError(f"{name} failed:\n{run.errors()[-4000:] or run.output[-4000:]}")
    return run


@dataclass(frozen=True)
class System:
    """A pair of nodes, of which heartbeat or keepalived gives one the virtual address."""

    name: str
    title: str
    address: str
    nodes: tuple[str, str]
    unit: str
    tables: bool  # whether both nodes keep a table of the web servers
    both: bool  # whether both nodes take every packet
    lab: Lab = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://{self.address}/"

    def peer(self, node: str) -> str:
        (peer,) = set(self.nodes) - {node}
        return peer

    def run(self, node: str, command: str) -> str:
        return self.lab("run", node, "--", "sh", "-c", command)

    def holders(self) -> list[str]:
        return nodes.holders(self.lab, self.nodes, self.address, self.run)

    def active(self) -> str:
        holders = self.holders()
        if len(holders) != 1:
            raise BenchError(
                f"{self.address} of {self.name} is on {holders or 'no node'}, not on exactly one"
            )
        return holders[0]

    def weights(self, node: str) -> dict[str, int]:
        """The web servers of a node's table, and the weight of each."""
        return nodes.weights(self.run(node, nodes.TABLE))

    def table(self, node: str) -> set[str]:
        """The web servers to which a node hands packets."""
        return nodes.used(self.weights(node))

    def takes(self, node: str) -> bool:
        """Whether a node takes packets that are not for its own MAC, as both do where both are active."""
        return nodes.takes(self.run(node, nodes.TAKEN), self.address)

    def all_take(self) -> bool:
        """Whether every node takes packets that should."""
        return not self.both or all(self.takes(node) for node in self.nodes)

    def is_ready(self, pool: Collection[str]) -> bool:
        def hears(node: str) -> bool:
            ask = HEARS[self.unit].format(peer=self.peer(node))
            return self.run(node, f"({ask}) >/dev/null 2>&1 && echo yes || true") != ""

        return (
            len(self.holders()) == 1
            and all(hears(node) for node in self.nodes)
            and (not self.tables or all(self.table(node) == set(pool) for node in self.nodes))
            and self.all_take()
        )


@dataclass(frozen=True)
class Bench:
    lab: Lab
    say: Callable[[str], None]

    @cached_property
    def inventory(self) -> Inventory:
        return Inventory((self.lab.directory / "inventory",))

    def variables(self, host: str) -> dict[str, Any]:
        return self.inventory.variables(host)

    @cached_property
    def webservers(self) -> dict[str, str]:
        """Name -> address."""
        return {name: self.variables(name)["haweb_address"] for name in self.inventory.hosts("webservers")}

    def system(self, name: str) -> System:
        first, second = self.inventory.hosts(name)
        told = {
            word: self.variables(first)[f"bench_{word}"] for word in ("title", "address", "unit", "tables")
        }
        both = self.variables(first).get("haweb_active") == "both"
        return System(name=name, nodes=(first, second), both=both, lab=self.lab, **told)

    def get_ready(
        self, systems: Collection[System], pool: Collection[str] = (), seconds: float = 180
    ) -> None:
        """Switch on what is off, and wait until either node of each could take over."""
        machines = [node for system in systems for node in system.nodes] + list(self.webservers)
        states = self.lab.states()
        if missing := [machine for machine in machines if machine not in states]:
            raise BenchError(
                f"the lab has no {', '.join(missing)}: give SYSTEMS all that is measured, or nothing"
            )
        if off := [machine for machine in machines if states[machine] == "off"]:
            self.lab("power-on", *off)
        wanted = pool or self.webservers.values()
        for system in systems:
            wait_for(f"{system.name} could take over", partial(system.is_ready, wanted), seconds)

    def only(self, *systems: System) -> None:
        """Switch all others off, so that nobody else uses this machine's processors."""
        self.switch_off(keep={node for system in systems for node in system.nodes} | set(self.webservers))
        self.get_ready(systems)

    def switch_off(self, keep: Collection[str] = ()) -> None:
        others = [name for name, state in self.lab.states().items() if name not in keep and state != "off"]
        if others:
            self.lab("power-cut", *others)

    def playbook(self, name: str, *options: str, **variables: Any) -> None:
        """Run a playbook on the lab's machines."""
        run_playbook(name, self.inventory, *options, **variables)

    def build(self, system: System, **variables: Any) -> None:
        """Build one of our systems anew, with other variables than those of its group."""
        self.playbook("playbooks/directors.yml", f"--limit={','.join(system.nodes)}", **variables)

    def build_like(self, system: System, other: System) -> None:
        """Build one of our systems anew, with the other one's scheduler."""
        options = self.variables(other.nodes[0])["bench_service_options"]
        self.build(system, bench_service_options=options)
