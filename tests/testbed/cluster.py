"""The cluster under test: the values of its inventory, and the state of its machines."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any

import testinfra
from testinfra.host import Host

from testbed import nodes
from testbed.inventory import Inventory
from testbed.lab import Lab
from testbed.playbook import Run, run_playbook
from testbed.waiting import wait_for


class Cluster:
    def __init__(self, directory: Path, scenario: Path) -> None:
        self.directory = directory  # of the Molecule run
        self.scenario = scenario
        self.lab = Lab(directory / "lab")
        self.machines = self.lab.directory / "inventory"
        # The scenario's variables, the machines, and their groups if the scenario defines them.
        own = scenario / "inventory"
        self.inventory = Inventory((directory / "inventory", self.machines, *([own] if own.exists() else [])))

    # --- the inventory ---

    def variables(self, name: str) -> dict[str, Any]:
        return self.inventory.variables(name)

    @cached_property
    def directors(self) -> dict[str, Host]:
        return self._hosts("directors")

    @cached_property
    def webservers(self) -> dict[str, Host]:
        return self._hosts("webservers")

    @cached_property
    def balancers(self) -> dict[str, Host]:
        return self._hosts("balancers")

    @cached_property
    def hosts(self) -> dict[str, Host]:
        return self.webservers | self.balancers | self.directors

    @property
    def carriers(self) -> dict[str, Host]:
        """The hosts of which one has the virtual address; empty if a single balancer has its own address."""
        return self.directors or (self.balancers if len(self.balancers) > 1 else {})

    def _hosts(self, group: str) -> dict[str, Host]:
        source = str(self.machines)
        return {
            name: testinfra.get_host(f"ansible://{name}", ansible_inventory=source)
            for name in self.inventory.hosts(group)
        }

    @property
    def preferred(self) -> str:
        return next(iter(self.directors))

    @property
    def address(self) -> str:
        """The virtual address."""
        return str(self.variables(next(iter(self.hosts)))["haweb_services"][0]["address"]).partition("/")[0]

    @property
    def url(self) -> str:
        return f"http://{self.address}/"

    @property
    def warm(self) -> bool:
        """Whether ldirectord runs on both directors all the time, and not only on the active one."""
        return "haweb_resources" not in self.variables(self.preferred)

    # --- the machines ---

    def ask(self, name: str, command: str) -> str:
        return str(self.hosts[name].run(command).stdout)

    def holders(self) -> set[str]:
        """Return the running nodes that have the virtual address on the network card."""
        return set(nodes.holders(self.lab, self.carriers, self.address, self.ask))

    def active(self) -> str:
        holders = self.holders()
        assert len(holders) == 1, f"{self.address} is on {holders or 'no node'}"
        return holders.pop()

    def standby(self) -> str:
        (standby,) = self.carriers.keys() - {self.active()}
        return standby

    def serves(self, name: str) -> bool:
        """Whether this director maintains an IPVS table."""
        return self.warm or name in self.holders()

    def table(self, name: str) -> set[str]:
        """Return the web servers to which this director forwards packets."""
        names = {self.variables(webserver)["haweb_address"]: webserver for webserver in self.webservers}
        weighed = nodes.weights(self.ask(name, nodes.TABLE), f"{self.address}:80")
        return {names.get(address, address) for address in nodes.used(weighed)}

    def takes(self, name: str) -> bool:
        """Whether this director takes packets that are not for its own MAC."""
        return nodes.takes(self.ask(name, nodes.TAKEN), self.address)

    def node_status(self, name: str, *, of: str) -> str:
        """Return the state of a director that heartbeat on another one reports."""
        return str(self.directors[name].run("cl_status nodestatus %s", of).stdout).strip()

    def uptime(self, name: str) -> float:
        return float(self.hosts[name].check_output("cat /proc/uptime").split()[0])

    def mac(self, name: str) -> str:
        return str(self.hosts[name].check_output("cat /sys/class/net/eth0/address"))

    # --- the cluster as a whole ---

    def is_built(self) -> bool:
        ask = "ls /etc/apache2/sites-enabled/000-haweb* || ls /etc/ha.d/haresources"
        return all(host.run(ask).succeeded for host in self.hosts.values())

    def is_whole(self) -> bool:
        if set(self.lab.states().values()) != {"running"}:
            return False
        holders = self.holders()
        if len(holders) != 1:
            return False
        (active,) = holders
        return all(self.node_status(active, of=name) == "active" for name in self.directors) and all(
            self.table(name) == set(self.webservers) for name in self.directors if self.serves(name)
        )

    def make_whole(self) -> None:
        """Repair the damage of a test, and wait until the cluster is whole."""
        self.lab("heal", *self.hosts)
        self.lab("power-on", *self.hosts)
        for webserver in self.webservers.values():
            webserver.check_output("systemctl start apache2")
        for carrier in self.carriers.values():
            carrier.check_output("systemctl start heartbeat")
        wait_for("the cluster is whole", self.is_whole, seconds=90)

    # --- playbooks ---

    def run_playbook(self, playbook: str, *options: str, **variables: Any) -> Run:
        return run_playbook(playbook, self.inventory, *options, **variables)

    def run_site(self, *options: str, **variables: Any) -> Run:
        return self.run_playbook("site.yml", *options, **variables)


def of_this_run() -> Cluster:
    return Cluster(
        Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]), Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"])
    )
