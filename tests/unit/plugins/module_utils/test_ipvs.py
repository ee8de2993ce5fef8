# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._ipvs import (
    Daemon,
    Kernel,
    RealServer,
    Service,
    lacking,
    parse_daemons,
    parse_table,
    waited_in_vain,
)

# Printed by ipvsadm 1.31 on a kernel 6.1.
TABLE = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.0.0.5:80 rr
  -> 10.0.0.6:80                  Route   1      2          3         
  -> 127.0.0.1:80                 Route   0      0          0         
TCP  10.0.0.5:443 sh (sh-fallback,sh-port) persistent 300 mask 255.255.255.0
  -> 10.0.0.7:8443                Masq    3      0          0         
UDP  10.0.0.5:53 wlc ops
  -> 10.0.0.8:53                  Tunnel  1      0          0         
TCP  [fd00::1]:80 rr persistent 10 mask 64
  -> [fd00::2]:80                 Route   1      0          0         
FWM  3 mh (mh-port) persistent 60
  -> 10.0.0.9:0                   Local   1      0          0         
FWM  4 IPv6 rr
"""  # noqa: W291
EMPTY = "".join(TABLE.splitlines(keepends=True)[:3])
DAEMONS = """\
master sync daemon (mcast=eth0, syncid=7, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)
backup sync daemon (mcast=eth1.5, syncid=9, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)
"""


def real(address: str, port: int = 80, forwarding: str = "gate", weight: int = 1) -> RealServer:
    return RealServer(address, port, forwarding, weight, active=0, inactive=0)


def test_table() -> None:
    assert parse_table(TABLE) == (
        Service(
            *("tcp", "10.0.0.5", 80, "rr", (), None, None),
            (RealServer("10.0.0.6", 80, "gate", 1, 2, 3), real("127.0.0.1", weight=0)),
        ),
        Service(
            *("tcp", "10.0.0.5", 443, "sh", ("sh-fallback", "sh-port"), 300, "255.255.255.0"),
            (real("10.0.0.7", 8443, "masq", 3),),
        ),
        Service("udp", "10.0.0.5", 53, "wlc", (), None, None, (real("10.0.0.8", 53, "ipip"),)),
        Service("tcp", "fd00::1", 80, "rr", (), 10, "64", (real("fd00::2"),)),
        Service("fwm", "3", 0, "mh", ("mh-port",), 60, None, (real("10.0.0.9", 0, "local"),)),
        Service("fwm", "4", 0, "rr", (), None, None, ()),
    )


@pytest.mark.parametrize("text", ["", EMPTY])
def test_empty_table(text: str) -> None:
    assert parse_table(text) == ()


def test_daemons() -> None:
    assert parse_daemons(DAEMONS) == (Daemon("master", "eth0", 7), Daemon("backup", "eth1.5", 9))
    assert parse_daemons("") == ()


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        ([], []),
        (["10.0.0.5:80", "10.0.0.5:443", "[fd00::1]:80"], []),
        (["10.0.0.5:80", "10.0.0.9:80"], ["10.0.0.9:80"]),
        # Firewall marks.
        (["3", "4"], ["4"]),
    ],
)
def test_lacking(wanted: list[str], missing: list[str]) -> None:
    assert lacking(wanted, parse_table(TABLE)) == missing


@pytest.mark.parametrize(
    ("reals", "serves"),
    [
        ((), False),
        ((real("10.0.0.6", weight=0),), False),
        # Only the fallback serves.
        ((real("10.0.0.6", weight=0), real("127.0.0.1")), False),
        ((real("10.0.0.6", weight=0), real("10.0.0.7")), True),
    ],
)
def test_who_counts_as_serving(reals: tuple[RealServer, ...], serves: bool) -> None:
    table = (Service("tcp", "10.0.0.5", 80, "rr", (), None, None, reals),)
    assert lacking(["10.0.0.5:80"], table) == ([] if serves else ["10.0.0.5:80"])


@pytest.mark.parametrize(
    ("machine", "loaded", "loadable", "has_modules", "is_container", "problem"),
    [
        ("x86_64", True, False, False, True, None),
        ("x86_64", False, True, True, False, None),
        (
            *("x86_64", False, False, True, False),
            ". Install Debian's package linux-image-amd64, whose kernel has it, and boot that.",
        ),
        (
            *("aarch64", False, False, False, False),
            ", since /lib/modules/6.1 does not exist, as after an upgrade of the kernel without a reboot. "
            "Reboot; if that does not help, install Debian's package linux-image-arm64 and boot its kernel.",
        ),
        (
            *("riscv64", False, False, False, True),
            ". This is a container, whose kernel is its host's: run `modprobe ip_vs` on the host (on Debian, "
            "the kernel of the package linux-image-riscv64 has the module).",
        ),
    ],
)
def test_kernel(
    machine: str, loaded: bool, loadable: bool, has_modules: bool, is_container: bool, problem: str | None
) -> None:
    kernel = Kernel("loadb1", "6.1", machine, loaded, loadable, has_modules, is_container)
    assert kernel.available == (problem is None)
    if problem:
        begin = "loadb1: the kernel 6.1 has no IPVS: its module ip_vs is neither loaded nor loadable"
        assert kernel.problem() == begin + problem


def test_waited_in_vain() -> None:
    services = parse_table(TABLE)[:1]
    assert waited_in_vain("loadb1", ["10.0.0.9:80"], services, 20).startswith(
        "loadb1: after 20 s the IPVS table still has no working real server for 10.0.0.9:80; found: "
        "tcp 10.0.0.5:80 rr: 10.0.0.6:80 gate weight 1, 127.0.0.1:80 gate weight 0. Look for"
    )
    assert "found: it is empty." in waited_in_vain("loadb1", ["10.0.0.9:80"], [], 0.5)
    unserved = Service("tcp", "fd00::1", 80, "rr", (), None, None, ())
    assert "found: tcp [fd00::1]:80 rr: no real server." in waited_in_vain("loadb1", ["a"], [unserved], 1)
