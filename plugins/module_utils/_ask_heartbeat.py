# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the state of this node from heartbeat and from the kernel, with a time limit for each request."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._cl_status import State
from ansible_collections.haweb.cluster.plugins.module_utils._interfaces import Interface, parse_interfaces

HEARTBEAT = "heartbeat"
PID_FILE = Path("/run/heartbeat.pid")

# Seconds that cl_status may take. It queries the daemon, and a daemon that hangs never answers.
LIMIT = 5
TIMED_OUT = 124  # timeout(1)


class SilentError(Exception):
    """cl_status returned no answer; the message is the reason."""


def heartbeat_runs() -> bool:
    # A pid file alone may be old. If no heartbeat runs, `cl_status hbstatus` takes longer than the limit.
    try:
        return Path("/proc", PID_FILE.read_text().strip(), "comm").read_text().strip() == HEARTBEAT
    except (FileNotFoundError, ProcessLookupError):
        return False


def look(module: AnsibleModule, nodename: str, addresses: Sequence[IPv4Address]) -> State:
    """Return heartbeat's state, and which of the addresses are on a network card."""
    program = module.get_bin_path("cl_status")
    here = _held(read_interfaces(module), addresses) if addresses else ()
    if program is None or not heartbeat_runs():
        return State(running=False, nodename=nodename, addresses=here)
    try:
        names = sorted(_ask(module, program, "listnodes", "-n").split())
        return State(
            running=True,
            nodename=nodename,
            # For a dead node cl_status prints an answer, too, and ends with 1.
            nodes={name: _ask(module, program, "nodestatus", name, good=(0, 1)) for name in names},
            resources=_ask(module, program, "rscstatus"),
            addresses=here,
        )
    except SilentError as why:
        return State(running=True, nodename=nodename, addresses=here, error=str(why))


def read_interfaces(module: AnsibleModule) -> tuple[Interface, ...]:
    ip = module.get_bin_path("ip", required=True)
    _rc, out, _err = module.run_command([ip, "-json", "address"], check_rc=True)
    return parse_interfaces(out)


def _held(interfaces: Sequence[Interface], addresses: Sequence[IPv4Address]) -> tuple[str, ...]:
    cards = [interface for interface in interfaces if not interface.is_loopback]
    return tuple(str(address) for address in addresses if any(address in card for card in cards))


def _ask(module: AnsibleModule, program: str, *arguments: str, good: tuple[int, ...] = (0,)) -> str:
    code, out, err = module.run_command(["timeout", "--kill-after=1", str(LIMIT), program, *arguments])
    if code == TIMED_OUT:
        raise SilentError(f"nothing within {LIMIT} s (`cl_status {' '.join(arguments)}`): the daemon hangs")
    if code not in good:
        raise SilentError(" ".join((err or out).split()) or f"{arguments[0]} ended with {code}")
    return str(out).strip()
