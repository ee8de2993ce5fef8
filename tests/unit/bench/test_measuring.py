"""Which samples a part measures, in which order. What it measures in a lab is replaced by known values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import both_changes
import both_costs
import connections
import loads
import outages
import pools
import power_cuts
import pytest
import sites
import throughput

CUT = power_cuts.PowerCut(
    outage=2.0,
    detection=1.5,
    scripts=0.25,
    network=0.25,
    failed=1,
    asked=2,
    held=100,
    broken=0,
    errors={},
    answers=(),
)
LOAD = loads.Load(requests=6000, requests_per_second=1000.0, p99=0.2, cpu_ms_per_request=0.25)
COSTS = connections.Costs(
    sync_packets_per_connection=2.0,
    sync_bytes_per_connection=144.0,
    requests_per_second=1947.0,
    cpu_ms_per_request=0.2,
)
LOSSES = connections.Losses(held=1000, lost=0, ages=(), young=9, young_lost=0, errors=())
COST = both_costs.Cost(requests=1, failed=0, seconds=10.0, cpu={}, rx_packets={}, rx_bytes={})


@pytest.fixture
def bench() -> Mock:
    def system(name: str) -> SimpleNamespace:
        return SimpleNamespace(
            name=name,
            title=name,
            url=f"http://{name}/",
            nodes=(f"{name}1", f"{name}2"),
            active=lambda: f"{name}1",
        )

    found = Mock(webservers={"web1": "198.18.0.11", "web2": "198.18.0.12"})
    found.system.side_effect = system
    found.lab.directory = Path("/labs/bench")
    return found


def test_outages_are_measured_in_turn(bench: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power_cuts, "cut", lambda *_: CUT)
    samples = list(outages.measure(bench, 2))
    turns = [(number, name) for number in range(2) for name in outages.SYSTEMS]
    assert [(one.round, one.system) for one in samples] == turns
    assert {one.outage for one in samples} == {2.0}


def test_each_pool_has_its_rounds(bench: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power_cuts, "cut", lambda *_: CUT)
    stubs = Mock(addresses=[f"198.18.2.{number}" for number in range(1, 101)])
    monkeypatch.setattr(pools, "Stubs", lambda _bench: stubs)
    samples = list(pools.measure(bench, 2))
    assert [(one.pool, one.round) for one in samples] == [
        (name, number) for name in pools.POOLS for number in (0, 1)
    ]
    assert [len(call.args[0]) for call in stubs.die.call_args_list] == [0, 5, 0]


def test_throughput_is_measured_in_turn(bench: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def load(_lab: object, urls: list[str], nodes: list[str], *, keep_alive: bool) -> loads.Load:
        asked.append((urls, nodes, keep_alive))
        return LOAD

    monkeypatch.setattr(loads, "load", load)
    samples = list(throughput.measure(bench, 1))
    ways = [
        ("direct", False),
        ("warm", False),
        ("haproxy", False),
        ("direct", True),
        ("warm", True),
        ("haproxy", True),
    ]
    assert [(one.way, one.keep_alive) for one in samples] == ways
    assert asked[:2] == [
        (["http://198.18.0.11/", "http://198.18.0.12/"], [], False),
        (["http://warm/"], ["warm1"], False),
    ]


def test_candidates_for_the_default_have_more_crashes(bench: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "cost", lambda _system: COSTS)
    monkeypatch.setattr(connections, "crash", lambda *_: LOSSES)
    samples = list(connections.measure(bench, 5))
    rounds = {name: [one.round for one in samples if one.tried == name] for name in connections.TRIED}
    assert rounds.pop(connections.DEFAULT) == [None, *range(10)]
    assert rounds.pop(connections.IN_FULL_PACKETS) == [None, *range(10)]
    assert set(map(tuple, rounds.values())) == {(None, 0, 1)}


def test_each_size_has_two_runs_and_leaves_no_lab(bench: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    played = []

    def run(playbook: str, source: Path, **_variables: object) -> sites.Playbook:
        played.append((playbook, source == Path("/labs/bench-site/inventory")))
        return sites.Playbook(seconds=100.0, changed=3, runs={"webservers": 17})

    monkeypatch.setattr(sites, "run", run)
    samples = list(sites.measure(bench, 1))
    assert [(one.size, one.run) for one in samples] == [
        (size, run) for size in sites.SIZES for run in ("first", "second")
    ]
    build, site, end = ("playbooks/lab.yml", False), ("site.yml", True), ("playbooks/lab_absent.yml", False)
    assert played == [build, site, site, end] * len(sites.SIZES)


def test_each_form_has_each_load(bench: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(both_costs, "cost", lambda *_: COST)
    monkeypatch.setattr(both_costs, "not_flooded", lambda *_: nullcontext())
    samples = list(both_costs.measure(bench, 1))
    forms = (both_costs.BOTH, both_costs.BOTH_FILTERED, both_costs.ONE)
    expected = [(load, way) for load in both_costs.LOADS for way in forms]
    expected += [(load, both_costs.ONE_RR) for load in both_costs.LOADS]
    assert [(one.load, one.way) for one in samples] == expected


def test_a_turn_changes_the_web_server_in_each_way(bench: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done to the second web server, and what has to be in the tables then."""
    done: list[object] = []

    def strike(
        _bench: object,
        _systems: object,
        _number: int,
        kind: str,
        do: Callable[[], object],
        weights: dict[str, int],
    ) -> Iterator[Any]:
        done.append((kind, weights))
        do()
        yield from ()

    def everywhere(_systems: Collection[object], command: str) -> None:
        done.append(command)

    monkeypatch.setattr(both_changes, "strike", strike)
    monkeypatch.setattr(both_changes, "everywhere", everywhere)
    monkeypatch.setattr(both_changes, "settle", lambda *_: None)
    bench.lab.side_effect = lambda *words: done.append(words)
    assert list(both_changes.turn(bench, (), 1)) == []
    service = ("run", "web2", "--", "systemctl")
    whole = {"198.18.0.11": 1, "198.18.0.12": 1}
    reload = both_changes.RELOAD
    assert done == [
        (*service, "stop", "apache2"),
        (both_changes.STARTS, whole),
        (*service, "start", "apache2"),
        (both_changes.REMOVED, {"198.18.0.11": 1}),
        both_changes.REMOVE.format(address="198.18.0.12"),
        reload,
        (both_changes.ADDED, whole),
        both_changes.ADD,
        reload,
        (both_changes.WEIGHED, whole | {"198.18.0.12": 3}),
        both_changes.WEIGH.format(address="198.18.0.12", weight=3),
        reload,
        both_changes.ADD,
        reload,
    ]
