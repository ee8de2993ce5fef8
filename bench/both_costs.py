"""11. What a request costs web servers, directors and the network, where both directors take every packet.

Beside it heartbeat's form, with the same scheduler and with rr.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from statistics import median

import loads
from page import Lines, grouped, middle, ratio, table
from results import ResultsError
from systems import Bench, System

TITLE = "Both directors at once: the cost of a request"
ROUNDS = 5
SECONDS = 10.0
# A rate that leaves the processors idle half of the time: what is asked is the same in all forms then.
EVERY = 1 / 200  # seconds from one new connection to the next
HELD, HELD_EVERY = 100, 0.5  # connections, and seconds from request to request on each
COUNTERS = ("rx_packets", "rx_bytes")
# The roles of the machines. Beside these two a sample has the names of the web servers.
ACTIVE, OTHER = "active", "other"


@dataclass(frozen=True)
class Way:
    name: str
    system: System
    # Whether the web servers' cards take what is for their own MAC alone, as cards of hardware do. Those of
    # the lab's guests hand all that is flooded to the kernel, which looks at the MAC.
    filtered: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What clients got; the rate, and p99 in seconds, only where they asked as much as they could."""

    requests: int
    failed: int
    requests_per_second: float | None = None
    p99: float | None = None


@dataclass(frozen=True, kw_only=True)
class Cost(Asked):
    """What each machine used, by its role.

    seconds: how long it lasted; cpu: seconds of a processor; rx_packets, rx_bytes: what the machine received.
    """

    seconds: float
    cpu: dict[str, float]
    rx_packets: dict[str, int]
    rx_bytes: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Sample(Cost):
    """way: the form, a name of a Way; load: one of LOADS."""

    way: str
    load: str
    round: int


# --- what is asked ---


def nothing(_system: System) -> Asked:
    time.sleep(SECONDS)
    return Asked(requests=0, failed=0)


def new_connections(system: System) -> Asked:
    with system.lab.asking(system.url, SECONDS, every=EVERY) as answers:
        pass
    return Asked(requests=answers.asked, failed=answers.failed)


def on_held(system: System) -> Asked:
    with system.lab.holding(system.url, HELD, over=HELD_EVERY, every=HELD_EVERY) as held:
        time.sleep(SECONDS)
    return Asked(requests=sum(one["requests"] for one in held.each), failed=len(held.broken))


def all_it_can(system: System) -> Asked:
    return Asked(**vars(loads.wrk(system.lab, system.url, loads.CONNECTIONS, loads.CLOSE)))


def all_it_can_on_held(system: System) -> Asked:
    return Asked(**vars(loads.wrk(system.lab, system.url, loads.CONNECTIONS, ())))


IDLE, NEW, ON_HELD, FASTEST, FASTEST_ON_HELD = (
    "nobody asks",
    f"{1 / EVERY:.0f} a second, each on a new connection",
    f"{HELD / HELD_EVERY:.0f} a second, on {HELD} connections",
    "keep-alive off",
    "keep-alive on",
)
LOADS: dict[str, Callable[[System], Asked]] = {
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


def cost(bench: Bench, system: System, load: Callable[[System], Asked]) -> Cost:
    """Return seconds of a processor, packets and bytes of each machine that has to do with it."""
    active = system.active()
    machines = {ACTIVE: active, OTHER: system.peer(active)} | {name: name for name in bench.webservers}
    before = {role: received(system, node) for role, node in machines.items()}
    used = loads.processor_seconds(bench.lab, machines.values())
    begun = time.monotonic()
    asked = load(system)
    seconds = time.monotonic() - begun
    now_used = loads.processor_seconds(bench.lab, machines.values())
    now = {role: received(system, node) for role, node in machines.items()}
    came = {key: {role: now[role][key] - before[role][key] for role in machines} for key in COUNTERS}
    return Cost(
        seconds=seconds,
        cpu={role: now_used[node] - used[node] for role, node in machines.items()},
        rx_packets=came["rx_packets"],
        rx_bytes=came["rx_bytes"],
        **vars(asked),
    )


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
                sample = Sample(way=way.name, load=name, round=number, **vars(found))
                bench.say(summary(sample))
                yield sample


def summary(sample: Sample) -> str:
    """The costs of each request, or of each second where nobody asks."""
    count = sample.requests or sample.seconds
    machines = ", ".join(
        f"{role} {1000 * seconds / count:.2f} ms, {sample.rx_packets[role] / count:.1f} packets"
        for role, seconds in sample.cpu.items()
    )
    rate = sample.requests / sample.seconds
    return f"{sample.way}, {sample.load}: {rate:.0f} requests/s; for each: {machines}"


BOTH, BOTH_FILTERED, ONE, ONE_RR = "both", "both, cards with a filter", "one", "one, scheduler rr"


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    warm, both = bench.system("warm"), bench.system("both")
    systems = (both, warm)
    bench.only(*systems)
    bench.lab("client", "--", "sysctl", "--quiet", "--write", *loads.PORTS)
    # The same scheduler in both forms.
    bench.build_like(warm, both)
    bench.get_ready(systems)
    # Who has nothing to do with it shall use nothing of the processors.
    with not_flooded(bench, both, warm.nodes):
        ways = (Way(BOTH, both), Way(BOTH_FILTERED, both, filtered=True), Way(ONE, warm))
        yield from measure_in_turns(bench, ways, rounds)
    bench.build(warm)
    bench.get_ready(systems)
    yield from measure_in_turns(bench, [Way(ONE_RR, warm)], rounds)


# --- the page ---

DIRECTORS, WEBSERVERS = "directors", "web servers"
ROLES = {ACTIVE: {ACTIVE}, OTHER: {OTHER}, DIRECTORS: {ACTIVE, OTHER}}
# What a machine uses: the roles, and how much each uses in a sample.
Use = Callable[[Sample], dict[str, float] | dict[str, int]]


def cpu(sample: Sample) -> dict[str, float]:
    return sample.cpu


def packets(sample: Sample) -> dict[str, int]:
    return sample.rx_packets


def octets(sample: Sample) -> dict[str, int]:
    return sample.rx_bytes


def used(sample: Sample, use: Use, group: str) -> float:
    """What a group of machines has used in all."""
    each = use(sample)
    return float(sum(each[role] for role in ROLES.get(group, each.keys() - ROLES[DIRECTORS])))


class Costs:
    """What each request costs a group of machines: what they use, less what they use when nobody asks."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        if unknown := {one.load for one in samples} - LOADS.keys():
            raise ResultsError(
                f"the samples have loads that this version does not have: {', '.join(sorted(unknown))}"
            )
        found = grouped(samples, lambda one: (one.load, one.way))
        # One load after the other, whatever order they were measured in.
        self.found = {key: found[key] for key in sorted(found, key=lambda key: [*LOADS].index(key[0]))}

    def in_a_second(self, way: str, use: Use, group: str) -> float:
        """When nobody asks."""
        idle = self.found.get((IDLE, way))
        if not idle:
            raise ResultsError(
                f"the form `{way}` has no sample in which {IDLE}, from which costs are counted"
            )
        return median(used(one, use, group) / one.seconds for one in idle)

    def of_requests(self, load: str, way: str, use: Use, group: str) -> list[float]:
        own = self.found.get((load, way), [])
        idle = self.in_a_second(way, use, group) if own else 0.0
        return [(used(one, use, group) - idle * one.seconds) / one.requests for one in own]

    def rates(self, load: str, way: str) -> list[float]:
        """Requests per second."""
        own = self.found.get((load, way), [])
        return [one.requests_per_second for one in own if one.requests_per_second is not None]

    def received(self, load: str, way: str) -> list[str]:
        return [
            middle(self.of_requests(load, way, use, group), digits)
            for use, digits in ((packets, 1), (octets, 0))
            for group in (WEBSERVERS, DIRECTORS)
        ]

    def processors(self, load: str, way: str) -> list[str]:
        def ms(of_way: str, group: str) -> list[float]:
            return [1000 * seconds for seconds in self.of_requests(load, of_way, cpu, group)]

        webservers = ms(way, WEBSERVERS)
        directors = [middle(ms(way, group), 2) for group in (DIRECTORS, ACTIVE, OTHER)]
        return [middle(webservers, 2), ratio(webservers, ms(ONE, WEBSERVERS), 2), *directors]

    def fixed(self) -> Iterable[list[str]]:
        for (load, way), own in self.found.items():
            if load in FIXED:
                head = [load, way, str(len(own)), str(sum(one.failed for one in own))]
                yield [*head, *self.processors(load, way), *self.received(load, way)]

    def fastest(self) -> Iterable[list[str]]:
        for (load, way), own in self.found.items():
            if load not in FIXED | {IDLE}:
                rate = self.rates(load, way)
                p99 = [one.p99 for one in own if one.p99 is not None]
                if not rate or not p99:
                    raise ResultsError(f"the samples of `{load}` have no requests_per_second or no p99")
                head = [load, way, str(len(own)), str(sum(one.failed for one in own))]
                head += [middle(rate, 0), ratio(rate, self.rates(load, ONE), 2)]
                yield [*head, f"{1000 * median(p99):.1f}", *self.processors(load, way)]

    def idle(self) -> Iterable[list[str]]:
        for (load, way), own in self.found.items():
            if load == IDLE:
                groups = (ACTIVE, OTHER, WEBSERVERS)
                spent = [f"{1000 * self.in_a_second(way, cpu, group):.1f}" for group in groups]
                came = [f"{self.in_a_second(way, packets, group):.0f}" for group in groups]
                yield [way, str(len(own)), *spent, *came]


def tell(samples: Sequence[Sample]) -> Lines:
    costs = Costs(samples)
    whose = ("directors' CPU, ms", "of this the active one's", "the other one's")
    processors = ["web servers' CPU, ms", "to *one*", *whose]
    received = [f"{what} to {group}" for what in ("packets", "bytes") for group in (WEBSERVERS, DIRECTORS)]
    each = ("the active director", "the other one", "the web servers")
    idle = [f"CPU of {who}, ms" for who in each] + [f"packets to {who}" for who in each]
    head = ["form", "rounds", "failed"]
    return [
        "*Both*: both directors take every packet. *One*: heartbeat gives the address to one of them. The "
        "scheduler is `mh` where no other is named. For each request, without the load of an "
        "idle cluster:",
        "",
        *table(["requests", *head, *processors, *received], costs.fixed()),
        f"As many requests as possible, on {loads.CONNECTIONS} connections; all machines share two "
        "processors:",
        "",
        *table(["requests", *head, "requests/s", "to *one*", "p99, ms", *processors], costs.fastest()),
        "For each second without requests:",
        "",
        *table(["form", "rounds", *idle], costs.idle()),
    ]
