"""4. What becomes of open connections when the active director dies, and what their synchronisation costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import throughput
import yaml
from systems import Bench, BenchError, Sample, System
from testbed import PROJECT

ROUNDS = 5
CONNECTIONS = 1000
OVER = 60.0  # seconds in which they are opened, so that this is the age of the oldest at the crash
AFTER = 8.0  # seconds in which they have to show that they are whole
EVERY = 2.0  # seconds from request to request on each
YOUNG = 0.5  # seconds
# Where few connections are opened, what is told of them waits longest: as many, in so many seconds.
FEW, FEW_OVER = 40, 4.0

# What the role does by itself.
OWN: dict[str, Any] = yaml.safe_load((PROJECT / "roles/director/defaults/main.yml").read_text())
SYNC = "net.ipv4.vs.sync_"
KERNEL = {f"{SYNC}threshold": "3 50", f"{SYNC}refresh_period": 0, f"{SYNC}retries": 0}
EVERY_PACKET = KERNEL | {f"{SYNC}threshold": "0 1"}
# Without a word between the directors: whoever sees a packet computes the same web server from the client's
# address and port, and sloppy_tcp takes a connection whose beginning it has not seen.
HASH = {"scheduler": "mh", "schedflags": "mh-port,mh-fallback"}
SLOPPY = {"net.ipv4.vs.sloppy_tcp": 1}
DEFAULT, IN_FULL_PACKETS = "the role's default", "the role's default, in full packets"
# Bytes: what the role does by itself, and messages as long as a packet, the default of the kernel.
SHORT, FULL = OWN["director_sync_maxlen"], 1472
# What is tried, beside the role's own defaults: settings of the kernel, the length of messages, and options
# of the service.
TRIED: dict[str, tuple[dict[str, Any], int, dict[str, str]]] = {
    DEFAULT: ({}, SHORT, {}),
    IN_FULL_PACKETS: ({}, FULL, {}),
    "the kernel's default, 3 50": (KERNEL, FULL, {}),
    "every packet, 0 1": (EVERY_PACKET, FULL, {}),
    "every packet, 0 1, each in a packet of its own": (EVERY_PACKET, SHORT, {}),
    "scheduler mh, the kernel's default": (KERNEL | SLOPPY, FULL, HASH),
    "scheduler mh, the role's default": (SLOPPY, SHORT, HASH),
}
OTHERS = 2  # rounds of those that are no candidates for the default

COUNT = "iptables --wait --{action} OUTPUT --protocol udp --destination 224.0.0.81 --dport 8848"


def crash(bench: Bench, system: System, connections: int, over: float) -> Sample:
    old = system.active()
    with system.lab.holding(system.url, connections, over, EVERY) as held:
        system.lab("power-cut", old)
        time.sleep(AFTER)
    if bench.lab.states()[old] != "off":
        raise BenchError(f"{old} lost its power, and runs: nothing was measured")
    lost = held.broken + held.astray
    return {
        "held": len(held.each),
        "lost": len(lost),
        "ages": sorted(round(one["age"], 2) for one in lost),
        "young": sum(one["age"] < YOUNG for one in held.each),
        "young_lost": sum(one["age"] < YOUNG for one in lost),
        "errors": sorted({str(one["error"]) for one in lost}),
    }


def cost(system: System) -> Sample:
    """What the synchronisation costs while a director has as much to do as it can."""
    active = system.active()
    system.run(active, f"{COUNT.format(action='append')} && iptables --zero OUTPUT")
    load = throughput.load(system.lab, [system.url], [active], keep_alive=False)
    told = system.run(active, "iptables --list OUTPUT --verbose --numeric --exact | grep 224.0.0.81")
    system.run(active, COUNT.format(action="delete"))
    packets, octets = map(int, told.split()[:2])
    requests = load["requests"]
    return {
        "sync_packets_per_connection": packets / requests,
        "sync_bytes_per_connection": octets / requests,
        "requests_per_second": load["requests_per_second"],
        "cpu_ms_per_request": load["cpu_ms_per_request"],
    }


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    system = bench.system("warm")
    bench.only(system)
    for name, (kernel, length, options) in TRIED.items():
        sysctl = OWN["director_sysctl"] | dict.fromkeys(SLOPPY, 0) | kernel
        bench.build(
            system,
            director_sysctl=sysctl,
            director_sync_maxlen=length,
            bench_service_options=options,
        )
        bench.get_ready([system])
        costs = cost(system)
        bench.say(
            f"{name}: {costs['sync_packets_per_connection']:.2f} sync packets and "
            f"{costs['cpu_ms_per_request']:.2f} ms of the director's CPU per connection"
        )
        yield {"tried": name, "round": None, **costs}
        candidate = name in {DEFAULT, IN_FULL_PACKETS}
        crashes = [(CONNECTIONS, OVER)] * (rounds if candidate else min(rounds, OTHERS))
        crashes += [(FEW, FEW_OVER)] * (rounds if candidate else 0)
        for number, (connections, over) in enumerate(crashes):
            sample = {"tried": name, "round": number, **crash(bench, system, connections, over)}
            bench.say(
                f"{name}: {sample['lost']} of {sample['held']} connections lost {sample['errors'] or ''}, "
                f"{sample['young_lost']} of {sample['young']} of those below {YOUNG} s"
            )
            yield sample
            bench.get_ready([system])
    bench.build(system)
