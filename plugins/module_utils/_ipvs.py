# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the output of ipvsadm, and report what a director lacks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import ip_address
from itertools import pairwise

# ipvsadm prints the kernel's words; the inventory uses ldirectord's.
FORWARDINGS = {"Route": "gate", "Masq": "masq", "Tunnel": "ipip", "Local": "local"}
# Architectures for which the name of Debian's kernel package differs from the machine's name.
KERNEL_PACKAGES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "i686": "686-pae",
    "armv7l": "armmp",
    "ppc64le": "powerpc64le",
}


@dataclass(frozen=True)
class RealServer:
    address: str
    port: int
    forwarding: str
    weight: int
    active: int
    inactive: int

    def __str__(self) -> str:
        return f"{_place(self.address, self.port)} {self.forwarding} weight {self.weight}"

    @property
    def serves(self) -> bool:
        # A loopback address is ldirectord's fallback, the sorry page, and not a real server.
        return self.weight > 0 and not ip_address(self.address).is_loopback


@dataclass(frozen=True)
class Service:
    protocol: str
    address: str
    port: int
    scheduler: str
    flags: tuple[str, ...]
    persistent: int | None
    netmask: str | None
    real_servers: tuple[RealServer, ...]

    def __str__(self) -> str:
        reals = ", ".join(map(str, self.real_servers)) or "no real server"
        return f"{self.protocol} {_place(self.address, self.port)} {self.scheduler}: {reals}"

    @property
    def place(self) -> str:
        return _place(self.address, self.port)


@dataclass(frozen=True)
class Daemon:
    state: str
    interface: str
    syncid: int


def _place(address: str, port: int) -> str:
    if not port:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _split_place(place: str) -> tuple[str, int]:
    """Split '[fe80::1]:80' or '10.0.0.1:80'; a firewall mark has no port."""
    address, _colon, port = place.rpartition(":")
    return (address.strip("[]"), int(port)) if address else (port, 0)


def parse_table(text: str) -> tuple[Service, ...]:
    """Read `ipvsadm --list --numeric`."""
    services: list[Service] = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] in ("IP", "Prot") or "RemoteAddress:Port" in words:
            continue
        if words[0] == "->":
            last = services.pop()
            services.append(replace(last, real_servers=(*last.real_servers, _real_server(words))))
        else:
            services.append(_service(words))
    return tuple(services)


def _service(words: list[str]) -> Service:
    protocol, place, scheduler, *rest = [word for word in words if word != "IPv6"]
    address, port = _split_place(place)
    said = dict(pairwise(rest))
    persistent = said.get("persistent")
    flags = re.findall(r"\(([^)]*)\)", " ".join(rest))
    return Service(
        protocol=protocol.lower(),
        address=address,
        port=port,
        scheduler=scheduler,
        flags=(*flags[0].split(","),) if flags else (),
        persistent=int(persistent) if persistent else None,
        netmask=said.get("mask"),
        real_servers=(),
    )


def _real_server(words: list[str]) -> RealServer:
    _arrow, place, forwarding, weight, active, inactive = words
    address, port = _split_place(place)
    return RealServer(
        address,
        port,
        FORWARDINGS.get(forwarding, forwarding.lower()),
        int(weight),
        int(active),
        int(inactive),
    )


def parse_daemons(text: str) -> tuple[Daemon, ...]:
    """Read `ipvsadm --list --daemon`."""
    found = re.findall(
        r"^(master|backup) sync daemon \(mcast=([^,)]+), syncid=(\d+)", text, flags=re.MULTILINE
    )
    return tuple(Daemon(state, interface, int(syncid)) for state, interface, syncid in found)


def lacking(wanted: Iterable[str], services: Iterable[Service]) -> list[str]:
    """Return those of the wanted services for which no real server would get a connection."""
    served = {service.place for service in services if any(real.serves for real in service.real_servers)}
    return [place for place in wanted if place not in served]


@dataclass(frozen=True)
class Kernel:
    """The facts that decide whether a director can use this kernel."""

    host: str
    release: str
    machine: str
    loaded: bool
    loadable: bool
    has_modules: bool
    is_container: bool

    @property
    def available(self) -> bool:
        return self.loaded or self.loadable

    @property
    def package(self) -> str:
        return f"linux-image-{KERNEL_PACKAGES.get(self.machine, self.machine)}"

    def problem(self) -> str:
        """Return why there is no IPVS here, and the cure."""
        begin = (
            f"{self.host}: the kernel {self.release} has no IPVS: "
            "its module ip_vs is neither loaded nor loadable"
        )
        if self.is_container:
            return (
                f"{begin}. This is a container, whose kernel is its host's: run `modprobe ip_vs` on the host "
                f"(on Debian, the kernel of the package {self.package} has the module)."
            )
        if not self.has_modules:
            return (
                f"{begin}, since /lib/modules/{self.release} does not exist, as after an upgrade of the "
                "kernel without a reboot. Reboot; if that does not help, install Debian's package "
                f"{self.package} and boot its kernel."
            )
        return f"{begin}. Install Debian's package {self.package}, whose kernel has it, and boot that."


def cannot_wait(host: str, wanted: Iterable[str]) -> str:
    return (
        f"{host}: cannot wait for {', '.join(wanted)}, since ipvsadm is not installed; "
        "install Debian's package ipvsadm."
    )


def waited_in_vain(host: str, missing: Iterable[str], services: Iterable[Service], timeout: float) -> str:
    table = "; ".join(map(str, services)) or "it is empty"
    places = ", ".join(missing)
    return (
        f"{host}: after {timeout:g} s the IPVS table still has no working real server for {places}; "
        f"found: {table}. "
        "Look for the reason in `journalctl -u ldirectord`, and request from a real server the page that "
        "ldirectord checks (request=, receive= in /etc/ha.d/ldirectord.cf)."
    )
