"""The faults of a storm: their victims, their begin and their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from testbed.cluster import Cluster

# Seconds.
DEADTIME = 2
HOLD = 3 * DEADTIME  # a fault lasts long enough for the other node to act
HEALING = 2 * DEADTIME
# If both nodes have taken the address, both keep it until heartbeat releases it, two seconds after they
# receive each other's heartbeats again.
REUNION = 4 * DEADTIME
BOOT = 60

Act = Callable[[Cluster, str], object]


def lab(*words: str) -> Act:
    """Return a command of the lab; NODE is replaced by the victim."""
    return lambda cluster, node: cluster.lab(*[node if word == "NODE" else word for word in words])


def on(command: str) -> Act:
    """Return a command on the victim. It must succeed: otherwise there is no fault."""
    return lambda cluster, node: cluster.lab("run", node, "--", "sh", "-c", command)


def nothing(_cluster: Cluster, _node: str) -> None:
    """The end of a fault that heals by itself."""


def build_again(cluster: Cluster, _node: str) -> None:
    again = cluster.run_site()
    assert again.returncode == 0, again.output


@dataclass(frozen=True)
class Fault:
    name: str
    group: str
    strike: Act
    heal: Act = nothing
    reboots: bool = False
    # During the fault no node receives the other one's heartbeats, so both take the addresses.
    parts: bool = False
    # The victim has lost the addresses to the other node, and must not return with them.
    moves: bool = False
    healing: float = HEALING  # seconds until exactly one has the address
    # If both directors take packets: the reason why a director may answer ARP with its own MAC for a while.
    unmasked: str = ""


def cut(interface: str, direction: str = "both") -> tuple[Act, Act]:
    return lab("cut", "NODE", "--interface", interface, "--direction", direction), lab("heal", "NODE")


def netem(what: str) -> tuple[Act, Act]:
    return on(f"tc qdisc replace dev eth0 root netem {what}"), on("tc qdisc delete dev eth0 root")


FILL = (
    "fallocate -l $(df --output=avail -B1 / | tail -1) /full; "
    "dd if=/dev/zero of=/fuller bs=64k; ! echo > /fullest"
)
CLOCK = "date -s '{} hour'"

ANYBODY, DIRECTORS, WEBSERVERS = "hosts", "directors", "webservers"
KINDS = [
    Fault("power cut", ANYBODY, lab("power-cut", "NODE"), lab("power-on", "NODE"), reboots=True, moves=True),
    Fault("halt", ANYBODY, lab("stop", "NODE"), lab("start", "NODE"), reboots=True, moves=True),
    Fault("freeze", ANYBODY, lab("freeze", "NODE"), lab("thaw", "NODE"), moves=True, healing=REUNION),
    Fault("kill -9 heartbeat", DIRECTORS, on("kill -KILL $(cat /run/heartbeat.pid)")),
    Fault("kill -9 ldirectord", DIRECTORS, on("pkill -KILL -x ldirectord")),
    Fault("kill -9 apache2", WEBSERVERS, on("pkill -KILL -x apache2"), on("systemctl restart apache2")),
    Fault("eth0 cut", DIRECTORS, *cut("eth0")),
    Fault("eth0 hears nothing", DIRECTORS, *cut("eth0", "in")),
    Fault("eth0 says nothing", DIRECTORS, *cut("eth0", "out")),
    Fault("eth1 cut", DIRECTORS, *cut("eth1")),
    Fault("all links cut", DIRECTORS, lab("cut", "NODE"), lab("heal", "NODE"), parts=True, healing=REUNION),
    Fault("web server cut off", WEBSERVERS, lab("cut", "NODE"), lab("heal", "NODE")),
    Fault("30 % loss", ANYBODY, *netem("loss 30%")),
    Fault("delay of 200 ms", ANYBODY, *netem("delay 200ms 50ms")),
    Fault("clock an hour ahead", ANYBODY, on(CLOCK.format("+1")), on(CLOCK.format("-1"))),
    Fault("disk full", ANYBODY, on(FILL), on("rm -f /full /fuller /fullest")),
    Fault("systemd-networkd restarts", DIRECTORS, on("systemctl restart systemd-networkd")),
    Fault("site.yml again", DIRECTORS, build_again),
    Fault("heartbeat reloads", DIRECTORS, on("systemctl reload heartbeat")),
    Fault("apache2 reloads", WEBSERVERS, on("systemctl reload apache2")),
]

# Faults that are possible only if both directors take every packet.
BOTH = "haweb-both"
# The kernel reports it to haweb-both, which adds the rule again.
FLUSHED = "nothing puts the shared MAC into it until haweb-both has seen that its rule is gone"
KINDS_OF_BOTH = [
    Fault("haweb-both stopped", DIRECTORS, on(f"systemctl stop {BOTH}"), on(f"systemctl start {BOTH}")),
    Fault("kill -9 haweb-both", DIRECTORS, on(f"systemctl kill --kill-who=main --signal=KILL {BOTH}")),
    Fault("tc rules flushed", DIRECTORS, on("tc qdisc delete dev eth0 clsact"), unmasked=FLUSHED),
    Fault("ldirectord stopped", DIRECTORS, on("systemctl stop ldirectord"), on("systemctl start ldirectord")),
    Fault("ldirectord hangs", DIRECTORS, on("pkill -STOP -x ldirectord"), on("pkill -CONT -x ldirectord")),
]
