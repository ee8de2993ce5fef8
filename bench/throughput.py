"""6. What a director adds to a request: against HAProxy, and against asking a web server directly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import loads
from page import DIRECT, Lines, grouped, middle, ratio, table, title
from systems import Bench

TITLE = "What the director adds to a request"
ROUNDS = 5
OURS, HAPROXY = "warm", "haproxy"


@dataclass(frozen=True, kw_only=True)
class Sample(loads.Load):
    """way: a system, or `direct`."""

    way: str
    keep_alive: bool
    round: int


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    warm, haproxy = bench.system(OURS), bench.system(HAPROXY)
    bench.only(warm, haproxy)
    # The same two web servers, each asked for its half.
    direct = [f"http://{address}/" for address in bench.webservers.values()]
    ways: dict[str, tuple[list[str], list[str]]] = {DIRECT: (direct, [])}
    ways |= {system.name: ([system.url], [system.active()]) for system in (warm, haproxy)}
    for number in range(rounds):
        for keep_alive in (False, True):
            for way, (urls, nodes) in ways.items():
                load = loads.load(bench.lab, urls, nodes, keep_alive=keep_alive)
                sample = Sample(way=way, keep_alive=keep_alive, round=number, **vars(load))
                bench.say(
                    f"{way}, keep-alive {'on' if keep_alive else 'off'}: "
                    f"{sample.requests_per_second:.0f} requests/s, p99 {1000 * sample.p99:.1f} ms, "
                    f"{sample.cpu_ms_per_request:.3f} ms of CPU each"
                )
                yield sample


def tell(samples: Sequence[Sample]) -> Lines:
    found = grouped(samples, lambda one: (one.keep_alive, one.way))

    def rates(keep_alive: bool, way: str) -> list[float]:
        return [one.requests_per_second for one in found.get((keep_alive, way), [])]

    rows = []
    for (keep_alive, way), own in found.items():
        rate = rates(keep_alive, way)
        p99 = median(one.p99 for one in own)
        direct = [one.p99 for one in found.get((keep_alive, DIRECT), [])]
        rows.append(
            [
                "on" if keep_alive else "off",
                title(way),
                len(own),
                middle(rate, 0),
                ratio(rate, rates(keep_alive, DIRECT)),
                ratio(rate, rates(keep_alive, HAPROXY)),
                f"{1000 * p99:.1f}",
                f"{1000 * (p99 - median(direct)):+.1f}" if direct else "",
                middle((one.cpu_ms_per_request for one in own), 2) if way != DIRECT else "",
            ]
        )
    header = ["keep-alive", "way", "rounds", "requests/s", "to direct", "to H", "p99, ms", "added p99, ms"]
    return table([*header, "CPU seconds per 1,000 requests"], rows)
