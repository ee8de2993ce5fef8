"""4. What becomes of open connections when the active director dies, and what their synchronisation costs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import loads
import yaml
from page import Lines, grouped, share, table
from results import ResultsError
from systems import Bench, BenchError, System
from testbed import PROJECT
from testbed.lab import Held

TITLE = "Open connections at a power cut, and what their synchronisation costs"
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


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What the synchronisation costs for each new connection."""

    sync_packets_per_connection: float
    sync_bytes_per_connection: float
    requests_per_second: float
    cpu_ms_per_request: float


@dataclass(frozen=True, kw_only=True)
class Cost(Costs):
    """The costs of a setting, one of TRIED; these have no round."""

    tried: str
    round: None = None


@dataclass(frozen=True, kw_only=True)
class Losses:
    """What became of the connections at a power cut.

    ages: of the lost ones at the power cut, in seconds; young: how many were younger than YOUNG.
    """

    held: int
    lost: int
    ages: tuple[float, ...]
    young: int
    young_lost: int
    errors: tuple[str, ...]

    @classmethod
    def of(cls, held: Held) -> Losses:
        lost = held.lost
        return cls(
            held=len(held.each),
            lost=len(lost),
            ages=tuple(sorted(round(one["age"], 2) for one in lost)),
            young=sum(one["age"] < YOUNG for one in held.each),
            young_lost=sum(one["age"] < YOUNG for one in lost),
            errors=tuple(sorted({str(one["error"]) for one in lost})),
        )


@dataclass(frozen=True, kw_only=True)
class Crash(Losses):
    """The losses of a round with a setting, one of TRIED."""

    tried: str
    round: int


Sample = Cost | Crash

COUNT = "iptables --wait --{action} OUTPUT --protocol udp --destination 224.0.0.81 --dport 8848"


def crash(bench: Bench, system: System, connections: int, over: float) -> Losses:
    old = system.active()
    with system.lab.holding(system.url, connections, over, EVERY) as held:
        system.lab("power-cut", old)
        time.sleep(AFTER)
    if bench.lab.states()[old] != "off":
        raise BenchError(f"{old} lost its power, and runs: nothing was measured")
    return Losses.of(held)


def cost(system: System) -> Costs:
    """What the synchronisation costs while a director has as much to do as it can."""
    active = system.active()
    system.run(active, f"{COUNT.format(action='append')} && iptables --zero OUTPUT")
    load = loads.load(system.lab, [system.url], [active], keep_alive=False)
    told = system.run(active, "iptables --list OUTPUT --verbose --numeric --exact | grep 224.0.0.81")
    system.run(active, COUNT.format(action="delete"))
    packets, octets = map(int, told.split()[:2])
    return Costs(
        sync_packets_per_connection=packets / load.requests,
        sync_bytes_per_connection=octets / load.requests,
        requests_per_second=load.requests_per_second,
        cpu_ms_per_request=load.cpu_ms_per_request,
    )


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
            f"{name}: {costs.sync_packets_per_connection:.2f} sync packets and "
            f"{costs.cpu_ms_per_request:.2f} ms of the director's CPU per connection"
        )
        yield Cost(tried=name, **vars(costs))
        candidate = name in {DEFAULT, IN_FULL_PACKETS}
        crashes = [(CONNECTIONS, OVER)] * (rounds if candidate else min(rounds, OTHERS))
        crashes += [(FEW, FEW_OVER)] * (rounds if candidate else 0)
        for number, (connections, over) in enumerate(crashes):
            sample = Crash(tried=name, round=number, **vars(crash(bench, system, connections, over)))
            bench.say(
                f"{name}: {sample.lost} of {sample.held} connections lost {list(sample.errors) or ''}, "
                f"{sample.young_lost} of {sample.young} of those below {YOUNG} s"
            )
            yield sample
            bench.get_ready([system])
    bench.build(system)


def lost(crashes: Sequence[Crash]) -> str:
    return share((one.lost for one in crashes), (one.held for one in crashes))


def tell(samples: Sequence[Sample]) -> Lines:
    rows, few_rows = [], []
    for name, own in grouped(samples, lambda one: one.tried).items():
        costs = [one for one in own if isinstance(one, Cost)]
        if len(costs) != 1:
            raise ResultsError(f"the setting `{name}` has {len(costs)} samples of its costs instead of one")
        (cost,) = costs
        every = [one for one in own if isinstance(one, Crash)]
        crashes = [one for one in every if one.held > FEW]
        few = [one for one in every if one.held <= FEW]
        kept = [1 - one.lost / one.held for one in crashes]
        rows.append(
            [
                name,
                len(crashes),
                f"{100 * min(kept, default=0):.1f} %",
                lost(crashes),
                share((one.young_lost for one in crashes), (one.young for one in crashes)),
                f"{cost.sync_packets_per_connection:.2f}",
                f"{cost.sync_bytes_per_connection:.0f}",
                f"{cost.cpu_ms_per_request:.2f}",
                f"{cost.requests_per_second:.0f}",
            ]
        )
        if few:
            oldest = max((age for one in few for age in one.ages), default=None)
            few_rows.append([name, len(few), lost(few), "" if oldest is None else f"{oldest:.1f}"])
    header = ["setting", "crashes", "kept, worst crash", "lost", f"lost, younger than {YOUNG} s"]
    header += ["sync packets", "sync bytes", "director's CPU, ms", "requests/s"]
    return [
        f"{CONNECTIONS} connections, opened over {OVER:.0f} s, with one request every {EVERY:.0f} s on each. "
        "A connection also counts as lost if another web server answers. The costs are for each new "
        "connection, measured at the highest possible rate of new connections.",
        "",
        *table(header, rows),
        f"{FEW} connections, opened over {FEW_OVER:.0f} s, without other traffic:",
        "",
        *table(["setting", "crashes", "lost", "the oldest of these, s"], few_rows),
    ]
