"""What the benchmark makes of what clients and machines report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import both
import both_changes
import both_costs
import connections
import deaths
import loads
import measure
import pytest
from systems import BenchError
from testbed.lab import Answers, Held

BEGUN = 1000.0  # seconds since 1970


def answer(start: float, status: int | None = 200, error: str = "", duration: float = 0.1) -> dict[str, Any]:
    return {"start": start, "status": status, "error": error, "duration": duration}


def held(
    *servers: str, error: str | None = None, broke_at: float | None = None, age: float = 5.0
) -> dict[str, Any]:
    return {"servers": list(servers), "error": error, "broke_at": broke_at, "age": age, "requests": 3}


ANSWERS = Answers(
    asked=5,
    failed=3,
    begun=BEGUN,
    each=[
        answer(0.0),
        answer(2.5, None, "timed out", 1.0),
        answer(4.0, 503),
        answer(6.0, None, f"{both_changes.RESET} Connection reset by peer"),
        answer(8.0, duration=0.3),
    ],
)
HELD = Held(
    each=[
        held("Served by web1", age=0.25),
        held("Served by web1", "Served by web2", age=0.25),
        held("Served by web1", error="IncompleteReadError", broke_at=BEGUN + 3.5, age=1.234),
        held("Served by web1", error="TimeoutError", broke_at=BEGUN + 9.0),
        held("Served by web2", error="ConnectionResetError", broke_at=BEGUN + 7.0),
    ]
)


def test_death_of_a_web_server() -> None:
    sample = deaths.Sample.of("warm", "frozen", 2, "web1", BEGUN + 2.0, ANSWERS, HELD)
    assert sample == deaths.Sample(
        system="warm",
        fault="frozen",
        round=2,
        asked=5,
        failed=3,
        until=4.0,
        held=4,
        hung=1,
        ended=1,
        last_end=1.5,
    )


def test_death_of_a_web_server_that_nobody_notices() -> None:
    answers = Answers(asked=1, begun=BEGUN, each=[answer(0.0)])
    sample = deaths.Sample.of("warm", "frozen", 0, "web1", BEGUN, answers, Held([held("Served by web1")]))
    assert (sample.until, sample.held, sample.ended, sample.last_end) == (0.0, 1, 0, None)


def test_director_that_dies_and_returns() -> None:
    dies, returns = both.phases(3, "both1", True, BEGUN + 5.0, 30.0, ANSWERS, HELD)
    assert dies == both.Sample(
        round=3,
        phase=both.DIES,
        victim="both1",
        owner=True,
        asked=3,
        failed=2,
        errors={"timed out": 1, "503": 1},
        failed_at=(BEGUN + 2.5, BEGUN + 4.0),
        slowest=1.0,
        held=5,
        broken=1,
        broken_each=(("IncompleteReadError", BEGUN + 3.5, ("Served by web1",)),),
        back=30.0,
    )
    assert (returns.phase, returns.asked, returns.failed, returns.slowest) == (both.RETURNS, 2, 1, 0.3)
    # Among them the one that another web server answered.
    assert [error for error, _, _ in returns.broken_each] == ["TimeoutError", "ConnectionResetError", None]


def test_change_of_a_web_server() -> None:
    reset = f"{both_changes.RESET} Connection reset by peer"
    answers = replace(ANSWERS, asked=6, each=[*ANSWERS.each, answer(9.0, None, reset)])
    sample = both_changes.Sample.of(1, both_changes.ADDED, "both", BEGUN + 2.0, 1.5, answers)
    assert (sample.asked, sample.failed, sample.resets, sample.slowest) == (6, 4, 2, 1.0)
    assert sample.failed_after == (0.5, 2.0, 4.0, 7.0)
    assert sample.errors == {"timed out": 1, "503": 1, reset: 2}


def test_losses_of_a_crash() -> None:
    assert connections.Losses.of(HELD) == connections.Losses(
        held=5,
        lost=4,
        ages=(0.25, 1.23, 5.0, 5.0),
        young=2,
        young_lost=1,
        errors=("ConnectionResetError", "IncompleteReadError", "None", "TimeoutError"),
    )


WRK = """\
Running 6s test @ http://198.18.1.1/
  1 threads and 50 connections
  Latency Distribution
     50%   12.34ms
     99%  168.90ms
  18138 requests in 6.00s, 4.21MB read
{more}Requests/sec:   3023.17
"""


@pytest.mark.parametrize(
    ("more", "failed"), [("", 0), ("  Socket errors: connect 0, read 3, write 1, timeout 2\n", 6)]
)
def test_report_of_wrk(more: str, failed: int) -> None:
    found = loads.answered(WRK.format(more=more), "http://198.18.1.1/")
    assert (found.requests, found.failed, found.requests_per_second) == (18138, failed, 3023.17)
    assert found.p99 == pytest.approx(0.1689)


@pytest.mark.parametrize(
    "more", ["  Non-2xx or 3xx responses: 7\n", "  Socket errors: connect 5, read 0, write 0, timeout 0\n"]
)
def test_wrk_that_is_refused_measures_nothing(more: str) -> None:
    with pytest.raises(BenchError, match=f"asking http://x/ went wrong.*{more.strip()[:20]}"):
        loads.answered(WRK.format(more=more), "http://x/")


@pytest.mark.parametrize(
    ("requests", "summary"),
    [
        (
            200,
            "both, keep-alive off: 20 requests/s; for each: "
            "active 2.50 ms, 4.0 packets, web1 5.00 ms, 2.0 packets",
        ),
        (
            0,
            "both, keep-alive off: 0 requests/s; for each: "
            "active 50.00 ms, 80.0 packets, web1 100.00 ms, 40.0 packets",
        ),
    ],
)
def test_summary_of_costs(requests: int, summary: str) -> None:
    sample = both_costs.Sample(
        way="both",
        load="keep-alive off",
        round=0,
        requests=requests,
        failed=0,
        seconds=10.0,
        cpu={"active": 0.5, "web1": 1.0},
        rx_packets={"active": 800, "web1": 400},
        rx_bytes={"active": 1, "web1": 1},
    )
    assert both_costs.summary(sample) == summary


def test_versions_of_packages() -> None:
    text = "Package: heartbeat\nArchitecture: amd64\nVersion: 1:3.0.6\n\nPackage: apache2\nVersion: 2.4.71\n"
    assert measure.versions(text) == {"heartbeat": "1:3.0.6", "apache2": "2.4.71"}
