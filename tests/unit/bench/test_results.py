"""The file of results: what is written, what is read, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from masses import Sample
from results import Machine, Recorded, Results, ResultsError, read

MACHINE = Machine(
    date="2026-11-29",
    processors="2 x AMD EPYC",
    kernel="6.1.0",
    guests="user-mode Linux 7.2.7",
    versions={"heartbeat": "1:3.0.6", "apache2": "2.4.71"},
    commit="abc1234",
)
SAMPLES = [Sample(way="a", round=number, out=30.5 + number, back=7.0) for number in (0, 1)]


def test_machine_is_a_line() -> None:
    assert str(MACHINE) == (
        "2026-11-29, abc1234; 2 x AMD EPYC, user-mode Linux 7.2.7; heartbeat 1:3.0.6, apache2 2.4.71"
    )


def test_each_sample_is_in_the_file_before_the_next_is_measured(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.json")
    seen = []

    def measured() -> Iterator[Sample]:
        for sample in SAMPLES:
            yield sample
            seen.append(len(results.read()["masses"]["samples"]))

    results.record("masses", MACHINE, measured())
    assert seen == [1, 2]
    recorded = read(Recorded, results.read()["masses"], "it")
    assert recorded == Recorded(MACHINE, [asdict(sample) for sample in SAMPLES])


def test_part_that_is_measured_again_replaces_its_own_samples_only(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.json")
    results.record("masses", MACHINE, SAMPLES)
    results.record("sites", MACHINE, SAMPLES)
    results.record("masses", MACHINE, SAMPLES[1:])
    assert {name: len(part["samples"]) for name, part in results.read().items()} == {"masses": 1, "sites": 2}


def test_no_file_has_no_parts(tmp_path: Path) -> None:
    assert Results(tmp_path / "results.json").read() == {}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"parts": {'])
def test_another_file_is_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "results.json"
    file.write_text(text)
    with pytest.raises(ResultsError, match="is not a file of results"):
        Results(file).read()


@dataclass(frozen=True)
class Long:
    name: str
    seconds: float
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Short:
    name: str
    back: float | None


@pytest.mark.parametrize(
    ("kind", "found", "expected"),
    [
        (Long, {"name": "a", "seconds": 3, "numbers": [1, 2]}, Long("a", 3.0, (1, 2))),
        (Long, {"name": "a", "seconds": 3.5, "numbers": [], "of another version": 1}, Long("a", 3.5, ())),
        (Short, {"name": "a", "back": None}, Short("a", None)),
        (Long | Short, {"name": "a", "back": 1.5}, Short("a", 1.5)),
    ],
)
def test_value(kind: Any, found: Any, expected: object) -> None:
    assert read(kind, json.loads(json.dumps(found)), "it") == expected


@pytest.mark.parametrize(
    ("kind", "found", "sentence"),
    [
        (Short, {"name": "a"}, "sample 3 does not have the form of this version (`back`: Field required)"),
        (
            Long,
            {"name": "a", "seconds": "3", "numbers": []},
            "sample 3 does not have the form of this version (`seconds`: Input should be a valid number)",
        ),
        # The fields of the type that it nearly has.
        (
            Long | Short,
            {"back": 3.0},
            "sample 3 does not have the form of this version (`name`: Field required)",
        ),
        (Short, 5, "sample 3 does not have the form of this version (Input should be an object)"),
    ],
)
def test_another_form_is_a_sentence(kind: Any, found: Any, sentence: str) -> None:
    with pytest.raises(ResultsError) as raised:
        read(kind, found, "sample 3")
    assert str(raised.value) == sentence
