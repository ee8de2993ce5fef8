"""6. What a director adds to a request: against HAProxy, and against asking a web server directly."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from systems import Bench, BenchError, Sample
from testbed.lab import Lab

ROUNDS = 5
SECONDS = 6
CONNECTIONS = 50
# The client needs a port for each connection of the last minute. It would look for a free one longer and
# longer, and its search would be what is measured.
PORTS = ("net.ipv4.ip_local_port_range=1024 65535", "net.ipv4.tcp_tw_reuse=1")
# The end of each connection after its request.
CLOSE = ("--header", "Connection: close")
TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(lab: Lab, nodes: Collection[str]) -> dict[str, float]:
    """What guests have used of this machine's processors: their kernels, and what runs on them."""
    kernels = {row["pid"]: row["node"] for row in lab.status() if row["node"] in nodes}
    spent = dict.fromkeys(nodes, 0.0)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        # Counted from the state: group 2, user and system time 11 and 12, those of ended children 13 and 14.
        if node := kernels.get(int(fields[2])):
            spent[node] += sum(map(int, fields[11:15])) / TICKS
    return spent


def seconds(text: str) -> float:
    """`1.23ms` of wrk -> seconds."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}[unit]


def wrk(lab: Lab, url: str, connections: int, close: Sequence[str]) -> Sample:
    words = ["--threads=1", f"--connections={connections}", f"--duration={SECONDS}s", "--latency", *close]
    told = lab("client", "--", "wrk", *words, url)
    if bad := re.search(r"Non-2xx.*|Socket errors: connect [1-9].*", told):
        raise BenchError(f"asking {url} went wrong, so that nothing was measured: {bad.group()}")

    def found(pattern: str) -> str:
        return str(re.search(pattern, told).group(1))  # type: ignore[union-attr]

    broken = re.search(r"Socket errors: .*read (\d+), write (\d+), timeout (\d+)", told)
    return {
        "requests": int(found(r"(\d+) requests in")),
        "failed": sum(map(int, broken.groups())) if broken else 0,
        "requests_per_second": float(found(r"Requests/sec: +([\d.]+)")),
        "p99": seconds(found(r"99% +(\S+)")),
    }


def load(lab: Lab, urls: Sequence[str], nodes: Collection[str], *, keep_alive: bool) -> Sample:
    """Ask as much as can be answered, of all at once; returns what it cost those nodes."""
    lab("client", "--", "sysctl", "--quiet", "--write", *PORTS)
    close = () if keep_alive else CLOSE
    before = processor_seconds(lab, nodes)
    with ThreadPoolExecutor() as pool:
        told = list(pool.map(lambda url: wrk(lab, url, CONNECTIONS // len(urls), close), urls))
    after = processor_seconds(lab, nodes)
    spent = sum(after[node] - before[node] for node in nodes)
    requests = sum(one["requests"] for one in told)
    return {
        "requests": requests,
        "requests_per_second": sum(one["requests_per_second"] for one in told),
        "p99": max(one["p99"] for one in told),
        "cpu_ms_per_request": 1000 * spent / requests,
    }


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    warm, haproxy = bench.system("warm"), bench.system("haproxy")
    bench.only(warm, haproxy)
    # The same two web servers, each asked for its half.
    direct = [f"http://{address}/" for address in bench.webservers.values()]
    ways: dict[str, tuple[list[str], list[str]]] = {"direct": (direct, [])}
    ways |= {system.name: ([system.url], [system.active()]) for system in (warm, haproxy)}
    for number in range(rounds):
        for keep_alive in (False, True):
            for way, (urls, nodes) in ways.items():
                sample = {
                    "way": way,
                    "keep_alive": keep_alive,
                    "round": number,
                    **load(bench.lab, urls, nodes, keep_alive=keep_alive),
                }
                bench.say(
                    f"{way}, keep-alive {'on' if keep_alive else 'off'}: "
                    f"{sample['requests_per_second']:.0f} requests/s, p99 {1000 * sample['p99']:.1f} ms, "
                    f"{sample['cpu_ms_per_request']:.3f} ms of CPU each"
                )
                yield sample
