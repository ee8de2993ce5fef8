"""11. What a request costs web servers, directors and the network, where both directors take every packet.

Beside it heartbeat's form, with the same scheduler and with rr.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import throughput
from systems import Bench, Sample, System

ROUNDS = 5
SECONDS = 10.0
# A rate that leaves the processors idle half of the time: what is asked is the same in all forms then.
EVERY = 1 / 200  # seconds from one new connection to the next
HELD, HELD_EVERY = 100, 0.5  # connections, and seconds from request to request on each
COUNTERS = ("rx_packets", "rx_bytes")


@dataclass(frozen=True)
class Way:
    name: str
    system: System
    # Whether the web servers' cards take what is for their own MAC alone, as cards of hardware do. Those of
    # the lab's guests hand all that is flooded to the kernel, which looks at the MAC.
    filtered: bool = False


# --- what is asked ---


def nothing(_system: System) -> Sample:
    time.sleep(SECONDS)
    return {"requests": 0, "failed": 0}


def new_connections(system: System) -> Sample:
    with system.lab.asking(system.url, SECONDS, every=EVERY) as answers:
        pass
    return {"requests": answers.asked, "failed": answers.failed}


def on_held(system: System) -> Sample:
    with system.lab.holding(system.url, HELD, over=HELD_EVERY, every=HELD_EVERY) as held:
        time.sleep(SECONDS)
    return {"requests": sum(one["requests"] for one in held.each), "failed": len(held.broken)}


def all_it_can(system: System) -> Sample:
    return throughput.wrk(system.lab, system.url, throughput.CONNECTIONS, throughput.CLOSE)


def all_it_can_on_held(system: System) -> Sample:
    return throughput.wrk(system.lab, system.url, throughput.CONNECTIONS, ())


IDLE, NEW, ON_HELD, FASTEST, FASTEST_ON_HELD = (
    "nobody asks",
    f"{1 / EVERY:.0f} a second, each on a new connection",
    f"{HELD / HELD_EVERY:.0f} a second, on {HELD} connections",
    "keep-alive off",
    "keep-alive on",
)
LOADS: dict[str, Callable[[System], Sample]] = {
    IDLE: nothing,
    NEW: new_connections,
    ON_HELD: on_held,
    FASTEST: all_it_can,
    FASTEST_ON_HELD: all_it_can_on_held,
}
# Those of which each form has the same number to do.
FIXED = {NEW, ON_HELD}


# --- what it costs ---


def received(system: System, node: str) -> dict[str, int]:
    told = system.run(node, f"cd /sys/class/net/eth0/statistics && cat {' '.join(COUNTERS)}")
    return dict(zip(COUNTERS, map(int, told.split()), strict=True))


def cost(bench: Bench, system: System, load: Callable[[System], Sample]) -> Sample:
    """Return seconds of a processor, packets and bytes of each machine that has to do with it."""
    active = system.active()
    machines = {"active": active, "other": system.peer(active)} | {name: name for name in bench.webservers}
    before = {role: received(system, node) for role, node in machines.items()}
    used = throughput.processor_seconds(bench.lab, machines.values())
    begun = time.monotonic()
    sample = load(system)
    seconds = time.monotonic() - begun
    now_used = throughput.processor_seconds(bench.lab, machines.values())
    now = {role: received(system, node) for role, node in machines.items()}
    return {
        **sample,
        "seconds": seconds,
        "cpu": {role: now_used[node] - used[node] for role, node in machines.items()},
        **{key: {role: now[role][key] - before[role][key] for role in machines} for key in COUNTERS},
    }


@contextmanager
def not_flooded(bench: Bench, system: System, nodes: Collection[str]) -> Iterator[None]:
    """Keep frames for a MAC that the lab's bridge does not know from these machines."""
    lab = json.loads((bench.lab.directory / "lab.json").read_text())["name"]

    def bridge(*words: str) -> str:
        command = ["ip", "netns", "exec", f"haweb-{lab}", "bridge", *words]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout

    macs = {system.run(node, "cat /sys/class/net/eth0/address").strip() for node in nodes}
    ports = {one["ifname"] for one in json.loads(bridge("-json", "fdb", "show")) if one["mac"] in macs}

    def flood(state: str) -> None:
        for port in ports:
            bridge("link", "set", "dev", port, "flood", state)

    flood("off")
    try:
        yield
    finally:
        flood("on")


def measure_in_turns(bench: Bench, ways: Collection[Way], rounds: int) -> Iterator[Sample]:
    for number in range(rounds):
        for name, load in LOADS.items():
            for way in ways:
                filtering = (
                    not_flooded(bench, way.system, bench.webservers) if way.filtered else nullcontext()
                )
                with filtering:
                    found = cost(bench, way.system, load)
                sample = {"way": way.name, "load": name, "round": number, **found}
                bench.say(told(sample))
                yield sample


def told(sample: Sample) -> str:
    """The costs of each request, or of each second where nobody asks."""
    count = sample["requests"] or sample["seconds"]
    machines = ", ".join(
        f"{role} {1000 * seconds / count:.2f} ms, {sample['rx_packets'][role] / count:.1f} packets"
        for role, seconds in sample["cpu"].items()
    )
    rate = sample["requests"] / sample["seconds"]
    return f"{sample['way']}, {sample['load']}: {rate:.0f} requests/s; for each: {machines}"


BOTH, BOTH_FILTERED, ONE, ONE_RR = "both", "both, cards with a filter", "one", "one, scheduler rr"


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    warm, both = bench.system("warm"), bench.system("both")
    systems = (both, warm)
    bench.only(*systems)
    bench.lab("client", "--", "sysctl", "--quiet", "--write", *throughput.PORTS)
    # The same scheduler in both forms.
    bench.build(warm, bench_service_options=bench.variables(both.nodes[0])["bench_service_options"])
    bench.get_ready(systems)
    # Who has nothing to do with it shall use nothing of the processors.
    with not_flooded(bench, both, warm.nodes):
        ways = (Way(BOTH, both), Way(BOTH_FILTERED, both, filtered=True), Way(ONE, warm))
        yield from measure_in_turns(bench, ways, rounds)
    bench.build(warm)
    bench.get_ready(systems)
    yield from measure_in_turns(bench, [Way(ONE_RR, warm)], rounds)
