"""What each part of the benchmark shows of known samples, and what it reads back from JSON."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import alarms
import both
import both_changes
import both_costs
import connections
import deaths
import masses
import outages
import pools
import pytest
import sites
import switches
import throughput
from page import Lines
from parts import PARTS, TIMELINES
from results import ResultsError, read
from testbed import PROJECT

CUT: dict[str, Any] = {
    "detection": 2.0,
    "scripts": 0.1,
    "network": 0.25,
    "failed": 200,
    "asked": 700,
    "held": 100,
    "errors": {"EOFError": 3},
    "answers": ((0.0, 0.01, True), (0.5, 1.0, False)),
}


def outage(system: str, number: int, seconds: float, broken: int = 0) -> outages.Sample:
    return outages.Sample(system=system, round=number, outage=seconds, broken=broken, **CUT)


def pool(name: str, number: int, seconds: float) -> pools.Sample:
    return pools.Sample(pool=name, round=number, outage=seconds, broken=0, **CUT)


def switch(number: int, slowest: float) -> switches.Sample:
    return switches.Sample(
        round=number, switches=6, asked=20000, failed=2, slowest=slowest, held=500, broken=1
    )


def crash(tried: str, number: int, held: int, ages: Sequence[float]) -> connections.Crash:
    return connections.Crash(
        tried=tried,
        round=number,
        held=held,
        lost=len(ages),
        ages=tuple(ages),
        young=9,
        young_lost=sum(age < connections.YOUNG for age in ages),
        errors=("EOFError",),
    )


def sync_cost(tried: str) -> connections.Cost:
    return connections.Cost(
        tried=tried,
        sync_packets_per_connection=2.012,
        sync_bytes_per_connection=144.6,
        requests_per_second=1947.4,
        cpu_ms_per_request=0.166,
    )


def death(system: str, number: int, until: float, failed: int, last_end: float | None) -> deaths.Sample:
    return deaths.Sample(
        system=system,
        fault="power cut",
        round=number,
        asked=1000,
        failed=failed,
        until=until,
        held=25,
        hung=2,
        ended=0 if last_end is None else 20,
        last_end=last_end,
    )


def throughput_of(
    way: str, number: int, rate: float, p99: float, *, keep_alive: bool = False
) -> throughput.Sample:
    return throughput.Sample(
        way=way,
        keep_alive=keep_alive,
        round=number,
        requests=6000,
        requests_per_second=rate,
        p99=p99,
        cpu_ms_per_request=0.25,
    )


def mass(way: str, number: int, out: float, back: float) -> masses.Sample:
    return masses.Sample(way=way, round=number, out=out, back=back)


def site(run: str, number: int, seconds: float, changed: int) -> sites.Sample:
    return sites.Sample(
        size=8,
        run=run,
        round=number,
        seconds=seconds,
        changed=changed,
        runs={"webservers": 17, "directors": 38},
    )


def both_dies(phase: str, number: int, failed: int, back: float) -> both.Sample:
    return both.Sample(
        round=number,
        phase=phase,
        victim="both1",
        owner=True,
        asked=500,
        failed=failed,
        errors={"timed out": failed},
        failed_at=(1.5,),
        slowest=0.25 + number,
        held=300,
        broken=2,
        broken_each=(("EOFError", 2.5, ("web1",)), (None, None, ("web1", "web2"))),
        back=back,
    )


def change(system: str, number: int, failed: int) -> both_changes.Sample:
    return both_changes.Sample(
        round=number,
        kind=both_changes.REMOVED,
        system=system,
        asked=900,
        failed=failed,
        resets=failed // 2,
        errors={},
        failed_after=(0.25,) * failed,
        slowest=0.1 + number,
        settled=1.0,
    )


def cost(way: str, load: str, requests: int, cpu: float, rate: float | None = None) -> both_costs.Sample:
    """Each machine uses these seconds of a processor, but the other director twice as much."""
    machines = ("active", "other", "web1", "web2")
    return both_costs.Sample(
        way=way,
        load=load,
        round=0,
        requests=requests,
        failed=1,
        requests_per_second=rate,
        p99=None if rate is None else 0.3,
        seconds=10.0,
        cpu=dict.fromkeys(machines, cpu) | {"other": 2 * cpu},
        rx_packets=dict.fromkeys(machines, 100 + 2 * requests),
        rx_bytes=dict.fromkeys(machines, 1000 + 20 * requests),
    )


# Of each part: samples, and lines that its section of the page has.
CASES: dict[str, tuple[list[Any], Lines]] = {
    "outages": (
        [
            *(outage("warm", number, seconds, 1) for number, seconds in enumerate((2.0, 2.5))),
            outage("haproxy", 0, 0.5, 100),
            *(outage("tutorial", number, seconds) for number, seconds in enumerate((30.0, 45.0))),
        ],
        [
            "1 rounds, the systems in turn; a client opens a connection every 10 ms. All times are in "
            "seconds. *Missed*: from the last successful answer until the other node declares the node dead. "
            "*Address*: from then until it has the address. *Served*: from then until a client gets an "
            "answer. The last column counts connections that were open and in use.",
            "| ours, default timers | 2.25 | 2.50 | 0.25 | 2.00 | 0.10 | 0.25 | 16.7 | 2 of 200 |",
            "| H: HAProxy and keepalived, tuned | 0.50 | 0.50 |  | 2.00 | 0.10 | 0.25 | 75.0 | 100 of 100 |",
        ],
    ),
    "pools": (
        [pool("2", 0, 2.0), pool("2", 1, 2.5), pool("100", 0, 1.125)],
        ["| 2 | 2 | 2.25 | 2.50 | 1.0 |", "| 100 | 1 | 1.12 | 1.12 | 0.5 |"],
    ),
    "switches": (
        [switch(0, 1.066), switch(1, 0.5)],
        ["| 6 | 2 of 20000 | 1.07 s | 1 of 500 |", "| 6 | 2 of 20000 | 0.50 s | 1 of 500 |"],
    ),
    "connections": (
        [
            sync_cost("a"),
            crash("a", 0, 1000, [0.2, 7.0]),
            crash("a", 1, 1000, []),
            crash("a", 2, 40, [1.25, 1.6]),
            sync_cost("b"),
            crash("b", 0, 40, []),
        ],
        [
            "| a | 2 | 99.8 % | 2 of 2000 | 1 of 18 | 2.01 | 145 | 0.17 | 1947 |",
            "| b | 0 | 0.0 % | 0 of 0 | 0 of 0 | 2.01 | 145 | 0.17 | 1947 |",
            "40 connections, opened over 4 s, without other traffic:",
            "| a | 1 | 2 of 40 | 1.6 |",
            "| b | 1 | 0 of 40 |  |",
        ],
    ),
    "deaths": (
        [
            death("warm", 0, 6.0, 100, 7.5),
            death("warm", 1, 6.5, 200, 12.0),
            death("haproxy", 0, 4.0, 9, None),
        ],
        [
            "| power cut | ours, default timers | 2 | 6.2 | 6.5 | 150 of 1000 | 40 of 50 | 4 | 12.0 |",
            "| power cut | H: HAProxy and keepalived, tuned | 1 | 4.0 | 4.0 | 9 of 1000 | 0 of 25 | 2 |  |",
        ],
    ),
    "throughput": (
        [
            *(throughput_of("direct", number, 3000, 0.2) for number in (0, 1)),
            throughput_of("warm", 0, 1500, 0.15),
            throughput_of("haproxy", 0, 1000, 0.25),
            throughput_of("direct", 0, 6000, 0.2, keep_alive=True),
        ],
        [
            "| off | directly to the web servers | 2 | 3000 | 1.0 | 3.0 | 200.0 | +0.0 |  |",
            "| off | ours, default timers | 1 | 1500 | 0.5 | 1.5 | 150.0 | -50.0 | 0.25 |",
            "| off | H: HAProxy and keepalived, tuned | 1 | 1000 | 0.3 | 1.0 | 250.0 | +50.0 | 0.25 |",
            # Of a measurement that ended early.
            "| on | directly to the web servers | 1 | 6000 | 1.0 |  | 200.0 | +0.0 |  |",
        ],
    ),
    "masses": (
        [mass("a", 0, 30.0, 7.0), mass("a", 1, 31.0, 7.5), mass("b", 0, 10.0, 11.0)],
        ["| a | 2 | 30.5 | 31.0 | 7.2 |", "| b | 1 | 10.0 | 10.0 | 11.0 |"],
    ),
    "sites": (
        [site("first", 0, 328.0, 154), site("second", 0, 130.0, 0), site("second", 1, 140.0, 1)],
        ["| 8 | first | 328 | 41.0 | 154 | 17 | 38 |", "| 8 | second | 135 | 16.9 | 1 | 17 | 38 |"],
    ),
    "both": (
        [
            both_dies(phase, number, failed=number, back=30.0 + number)
            for number in (0, 1)
            for phase in (both.DIES, both.RETURNS)
        ],
        [
            "Each director in turn loses its power. A client opens a connection every 10 ms, and 300 held "
            "connections have a request a second each. A director took packets again 30.5 s after it was "
            "switched on (median; worst 31.0 s).",
            "| it loses its power | 2 | 1 of 1000 | 1.25 | 4 of 600 |",
            "| it boots, and takes packets again | 2 | 1 of 1000 | 1.25 | 4 of 600 |",
        ],
    ),
    "both_changes": (
        [change("both", 0, 0), change("both", 1, 4), change("warm", 0, 1)],
        [
            "| it is removed from the inventory | ours, both directors take every packet | 2 | 4 of 1800 | 2 "
            "| 4 | 2 | 1.10 |",
            "| it is removed from the inventory | ours, default timers | 1 | 1 of 900 | 1 | 1 | 0 | 0.10 |",
        ],
    ),
    "both_costs": (
        [
            # In another order than on the page, and without the other form of one load.
            cost("both", both_costs.ON_HELD, 1000, 1.5),
            cost("both", both_costs.FASTEST, 4000, 3.0, 400.0),
            cost("both", both_costs.NEW, 1000, 2.0),
            cost("both", both_costs.IDLE, 0, 1.0),
            cost("one", both_costs.FASTEST, 5000, 2.0, 500.0),
            cost("one", both_costs.NEW, 1000, 1.5),
            cost("one", both_costs.IDLE, 0, 1.0),
        ],
        [
            f"| {both_costs.NEW} | both | 1 | 1 | 2.00 | 2.00 | 3.00 | 1.00 | 2.00 | 4.0 | 4.0 | 40 | 40 |",
            f"| {both_costs.NEW} | one | 1 | 1 | 1.00 | 1.00 | 1.50 | 0.50 | 1.00 | 4.0 | 4.0 | 40 | 40 |",
            f"| {both_costs.ON_HELD} | both | 1 | 1 | 1.00 |  | 1.50 | 0.50 | 1.00 | 4.0 | 4.0 | 40 | 40 |",
            "| keep-alive off | both | 1 | 1 | 400 | 0.80 | 300.0 | 1.00 | 2.50 | 1.50 | 0.50 | 1.00 |",
            "| keep-alive off | one | 1 | 1 | 500 | 1.00 | 300.0 | 0.40 | 1.00 | 0.60 | 0.20 | 0.40 |",
            "| both | 1 | 100.0 | 200.0 | 200.0 | 10 | 10 | 20 |",
            "| one | 1 | 100.0 | 200.0 | 200.0 | 10 | 10 | 20 |",
        ],
    ),
    "alarms": (
        [
            alarms.Sample(round=0, seconds=3600.0, late_ms=(), deaths=0),
            alarms.Sample(round=1, seconds=3660.0, late_ms=(260, 400, 1200), deaths=1),
        ],
        [
            "| 60 min | about 72000 | 0 | 0 | 0 | 0 | 0 | 0 | none | 0 |",
            "| 61 min | about 73200 | 3 | 1 | 1 | 1 | 0 | 0 | 1200 | 1 |",
        ],
    ),
}


def test_each_part_is_tested() -> None:
    assert CASES.keys() == PARTS.keys()
    assert TIMELINES.keys() <= PARTS.keys()


def test_parts_do_not_import_each_other() -> None:
    """What two of them need has a module of its own."""
    for name in PARTS:
        tree = ast.parse((PROJECT / "bench" / f"{name}.py").read_text())
        imported = {
            alias.name for one in ast.walk(tree) if isinstance(one, ast.Import) for alias in one.names
        }
        imported |= {str(one.module) for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
        assert imported & PARTS.keys() == set(), name


@pytest.mark.parametrize("name", CASES)
def test_part_shows_its_samples(name: str) -> None:
    samples, expected = CASES[name]
    told = PARTS[name].tell(samples)
    assert [line for line in told if line in expected] == expected, "\n".join(told)


@pytest.mark.parametrize("name", CASES)
def test_each_row_has_a_cell_for_each_column(name: str) -> None:
    columns = 0
    for line in PARTS[name].tell(CASES[name][0]):
        assert line.count("|") in {columns, 0} or not columns, line
        columns = line.count("|")


@pytest.mark.parametrize("name", CASES)
def test_sample_is_the_same_after_json(name: str) -> None:
    for sample in CASES[name][0]:
        found = json.loads(json.dumps(asdict(sample)))
        again = read(PARTS[name].Sample, found, "it")
        assert (type(again), again) == (type(sample), sample)


def test_costs_of_connections_without_losses_have_no_round() -> None:
    """So that they are told from crashes, in the files of all versions."""
    assert asdict(sync_cost("a"))["round"] is None


def test_plot_has_the_round_with_the_median_outage() -> None:
    samples = [
        replace(outage("warm", number, seconds), answers=((0.0, seconds, True),))
        for number, seconds in enumerate((3.0, 1.0, 2.0))
    ]
    (line,) = outages.timelines(samples)
    assert line.title == "ours, default timers: the median round of 3"
    assert line.answers == ((0.0, 2.0, True),)


@pytest.mark.parametrize(
    ("name", "samples", "sentence"),
    [
        (
            "outages",
            [outage("pacemaker", 0, 1.0)],
            "of a system `pacemaker`, which bench/inventory does not have",
        ),
        (
            "connections",
            [crash("a", 0, 1000, [])],
            "the setting `a` has 0 samples of its costs instead of one",
        ),
        (
            "both_costs",
            [cost("both", "keep-alive maybe", 1, 1.0)],
            "loads that this version does not have: keep-alive maybe",
        ),
        (
            "both_costs",
            [cost("both", both_costs.NEW, 1, 1.0)],
            "the form `both` has no sample in which nobody asks",
        ),
        (
            "both_costs",
            [cost("both", both_costs.IDLE, 0, 1.0), cost("both", both_costs.FASTEST, 1, 1.0)],
            "the samples of `keep-alive off` have no requests_per_second or no p99",
        ),
    ],
)
def test_what_is_missing_is_a_sentence(name: str, samples: list[Any], sentence: str) -> None:
    with pytest.raises(ResultsError, match=sentence):
        PARTS[name].tell(samples)
