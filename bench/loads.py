"""Requests as fast as they are answered, and the processor time that guests need for them."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from systems import BenchError
from testbed.lab import Lab

SECONDS = 6
CONNECTIONS = 50
# The client needs a port for each connection of the last minute. It would look for a free one longer and
# longer, and its search would be what is measured.
PORTS = ("net.ipv4.ip_local_port_range=1024 65535", "net.ipv4.tcp_tw_reuse=1")
# The end of each connection after its request.
CLOSE = ("--header", "Connection: close")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Answered:
    """What wrk reports; p99: the seconds within which 99 % of the requests are answered."""

    requests: int
    failed: int
    requests_per_second: float
    p99: float


@dataclass(frozen=True, kw_only=True)
class Load:
    """All requests of a load; p99: seconds, as in Answered."""

    requests: int
    requests_per_second: float
    p99: float
    cpu_ms_per_request: float


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


def answered(report: str, url: str) -> Answered:
    """Read what wrk prints; raises BenchError if the server or the network refused requests."""
    if bad := re.search(r"Non-2xx.*|Socket errors: connect [1-9].*", report):
        raise BenchError(f"asking {url} went wrong, so that nothing was measured: {bad.group()}")

    def found(pattern: str) -> str:
        return str(re.search(pattern, report).group(1))  # type: ignore[union-attr]

    broken = re.search(r"Socket errors: .*read (\d+), write (\d+), timeout (\d+)", report)
    return Answered(
        requests=int(found(r"(\d+) requests in")),
        failed=sum(map(int, broken.groups())) if broken else 0,
        requests_per_second=float(found(r"Requests/sec: +([\d.]+)")),
        p99=seconds(found(r"99% +(\S+)")),
    )


def wrk(lab: Lab, url: str, connections: int, close: Sequence[str]) -> Answered:
    words = ["--threads=1", f"--connections={connections}", f"--duration={SECONDS}s", "--latency", *close]
    return answered(lab("client", "--", "wrk", *words, url), url)


def load(lab: Lab, urls: Sequence[str], nodes: Collection[str], *, keep_alive: bool) -> Load:
    """Ask as much as can be answered, of all at once; returns what it cost those nodes."""
    lab("client", "--", "sysctl", "--quiet", "--write", *PORTS)
    close = () if keep_alive else CLOSE
    before = processor_seconds(lab, nodes)
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda url: wrk(lab, url, CONNECTIONS // len(urls), close), urls))
    after = processor_seconds(lab, nodes)
    spent = sum(after[node] - before[node] for node in nodes)
    requests = sum(one.requests for one in found)
    return Load(
        requests=requests,
        requests_per_second=sum(one.requests_per_second for one in found),
        p99=max(one.p99 for one in found),
        cpu_ms_per_request=1000 * spent / requests,
    )
