# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the kernel's virtual services with those of an ldirectord.cf, by ipvsadm's names.

ipvsadm's names are `-t 10.0.0.5:80`, `-u 10.0.0.5:53` or `-f 1`. IPv6 addresses and host names have another
form, so they match no such name, and stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain

PROTOCOLS = {"tcp": "-t", "udp": "-u", "fwm": "-f"}
FORWARDINGS = {"gate": "-g", "masq": "-m", "ipip": "-i"}

ADDRESS = r"\d+\.\d+\.\d+\.\d+"
VIRTUAL = re.compile(rf"virtual\s*=\s*(?:(?P<place>{ADDRESS}:(?P<port>\d+))|(?P<mark>\d+))\s*(?:#.*)?")
OPTION = re.compile(r"(?: {4}|\t)\s*(?P<name>\w+)\s*=\s*(?P<value>.*)")
REAL = re.compile(
    rf"(?P<address>{ADDRESS})(?::(?P<port>\d+))?\s+(?P<forwarding>gate|masq|ipip)(?:\s+(?P<weight>\d+)\b)?.*"
)
# In a line that ipvsadm prints.
SERVING = re.compile(rf" -r (?P<address>{ADDRESS}):(?P<port>\d+) .*-w [1-9]")
DNS = "53"

# The lines of `ipvsadm --save --numeric`, by the name of their service.
Table = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class RealServer:
    address: str
    port: str  # 0 behind a firewall mark: packets keep their port
    forwarding: str
    weight: int


@dataclass(frozen=True)
class Virtual:
    """A section of ldirectord.cf."""

    name: str
    scheduler: str
    checktype: str
    real_servers: tuple[RealServer, ...]


@dataclass(frozen=True)
class Plan:
    """The changes that turn the kernel's services into the wanted ones."""

    added: Table
    removed: tuple[str, ...]

    def commands(self) -> list[list[str]]:
        """The arguments of ipvsadm. New services come first: they may have the packets of removed ones."""
        return [line.split() for line in chain.from_iterable(self.added.values())] + [
            ["-D", *name.split()] for name in self.removed
        ]

    def applied_to(self, table: Table) -> Table:
        kept = {name: lines for name, lines in table.items() if name not in self.removed}
        return {**kept, **self.added}


def read_config(text: str) -> tuple[Virtual, ...]:
    """Read the services of an ldirectord.cf."""
    found: list[Virtual] = []
    lines = iter([*text.splitlines(), ""])
    line = next(lines, None)
    while line is not None:
        virtual = VIRTUAL.fullmatch(line)
        line = next(lines, None)
        if virtual is None:
            continue
        options: list[tuple[str, str]] = []
        # A comment does not end a section, an empty line does.
        while line is not None and (re.match(r"\s*#", line) or OPTION.match(line)):
            option = OPTION.match(line)
            if option:
                options.append((option["name"], option["value"]))
            line = next(lines, None)
        found.append(_virtual(virtual, options))
    return tuple(found)


def _virtual(found: re.Match[str], options: list[tuple[str, str]]) -> Virtual:
    said = {name: value.partition("#")[0].strip() for name, value in options}
    default = "fwm" if found["mark"] else "udp" if found["port"] == DNS else "tcp"
    protocol = said.get("protocol", default)
    reals = (REAL.match(value) for name, value in options if name == "real")
    return Virtual(
        name=f"{PROTOCOLS.get(protocol, protocol)} {found['mark'] or found['place']}",
        scheduler=said.get("scheduler", "wrr"),
        checktype=said.get("checktype", "negotiate"),
        real_servers=tuple(
            RealServer(
                real["address"],
                "0" if found["mark"] else real["port"] or "0",
                FORWARDINGS[real["forwarding"]],
                int(real["weight"] or 1),
            )
            for real in reals
            if real
        ),
    )


def read_table(text: str) -> Table:
    """Read `ipvsadm --save --numeric`."""
    table: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        command, *words = line.split() or [""]
        name = " ".join(words[: 3 if words[2:3] == ["-6"] else 2])
        if command == "-A":
            table[name] = (line.strip(),)
        elif name in table:
            table[name] += (line.strip(),)
    return table


def plan(
    table: Table, wanted: Collection[Virtual], old: Collection[Virtual], addresses: Collection[str]
) -> Plan:
    """Return the changes to make before ldirectord reads the new file.

    A service that is not wanted is removed, if it is on one of the addresses, or the old file has it. A new
    service is added with those of its real servers that serve another service. ldirectord itself would begin
    the service without real servers, and would remove these from all services that share their check until it
    has checked them again.
    """
    names = {virtual.name for virtual in wanted}
    ours = {virtual.name for virtual in old}
    serving = _serving(table)
    added = {
        virtual.name: lines
        for virtual in wanted
        if virtual.name not in table and (lines := _lines(virtual, serving))
    }
    removed = [name for name in table if name not in names and (name in ours or _address(name) in addresses)]
    return Plan(added, tuple(removed))


def report(host: str, found: Plan, check_mode: bool) -> str:
    verb = "would be removed" if check_mode else "were removed"
    return (
        f"{host}: virtual services {verb} from the IPVS table, because they are no longer in the "
        f"inventory: {', '.join(found.removed)} (as ipvsadm names them)."
    )


def _address(name: str) -> str:
    return name.split()[1].rpartition(":")[0]


def _serving(table: Table) -> set[tuple[str, str]]:
    """Address and port of each real server that gets connections in any service."""
    found = (SERVING.search(line) for line in chain.from_iterable(table.values()))
    return {(real["address"], real["port"]) for real in found if real}


def _lines(virtual: Virtual, serving: set[tuple[str, str]]) -> tuple[str, ...]:
    """The lines of a new service with those real servers that serve already; empty if there are none."""
    # ldirectord does not remove a real server of a service that is off.
    reals = [] if virtual.checktype == "off" else virtual.real_servers
    known = [real for real in reals if real.weight and _serves(real, serving)]
    if not known:
        return ()
    return (
        f"-A {virtual.name} -s {virtual.scheduler}",
        *(
            f"-a {virtual.name} -r {real.address}:{real.port} {real.forwarding} -w {real.weight}"
            for real in known
        ),
    )


def _serves(real: RealServer, serving: set[tuple[str, str]]) -> bool:
    ports = {port for address, port in serving if address == real.address}
    # Behind a firewall mark, on either side, a real server serves all ports.
    return bool(ports) if real.port == "0" else bool(ports & {real.port, "0"})
