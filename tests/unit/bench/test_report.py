"""The page of results, also of those of another version, and what its parts share."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import page
import pytest
import report
from masses import Sample
from outages import Sample as Outage
from results import Machine, Results, ResultsError
from switches import Sample as Switch

MACHINE = Machine("2026-11-29", "2 x AMD EPYC", "6.1.0", "Linux 7.2.7", {"apache2": "2.4"}, "abc1234")
SAMPLE = asdict(Sample(way="a", round=0, out=30.5, back=7.0))
PART: dict[str, Any] = {"machine": asdict(MACHINE), "samples": [SAMPLE]}
SECTION = [
    "## A tenth of 250 web servers fail at once",
    "",
    "| how | rounds | the last is out after, median s | worst s | all are back after, median s |",
    "| --- | --- | --- | --- | --- |",
    "| a | 1 | 30.5 | 30.5 | 7.0 |",
    "",
    "2026-11-29, abc1234; 2 x AMD EPYC, Linux 7.2.7; apache2 2.4",
    "",
]


@pytest.mark.parametrize(
    ("name", "part", "why"),
    [
        ("masses", PART | {"samples": []}, "the file of results has no sample of it."),
        ("masses", {"samples": [SAMPLE]}, "its entry in the file of results does not have the form"),
        ("masses", [SAMPLE], "its entry in the file of results does not have the form"),
        (
            "masses",
            PART | {"samples": [SAMPLE, {"way": "a", "round": 0, "out": 1.0}]},
            "sample 2 does not have the form of this version (`back`: Field required).",
        ),
        ("masses", PART | {"samples": ["fast"]}, "sample 1 does not have the form of this version"),
        ("pools", PART, "sample 1 does not have the form of this version (`outage`: Field required;"),
    ],
)
def test_part_of_another_version_is_a_sentence_among_the_others(
    tmp_path: Path, name: str, part: Any, why: str
) -> None:
    switch = asdict(Switch(round=0, switches=6, asked=9, failed=0, slowest=1.0, held=500, broken=0))
    lines = report.page({name: part, "switches": PART | {"samples": [switch]}}, tmp_path)
    assert lines[2].startswith(f"This part is not shown: {why}")
    assert lines[2].endswith(f"Measure it again with `make bench PART={name}`.")
    assert "| 6 | 0 of 9 | 1.00 s | 0 of 500 |" in lines[3:]


def test_unknown_part_is_a_sentence(tmp_path: Path) -> None:
    first, *rest = report.page({"speed": PART, "masses": PART}, tmp_path)
    assert first.startswith("The part `speed` is not shown: this version has only the parts outages, pools,")
    assert rest == ["", *SECTION]


def test_section_has_its_title_its_table_and_its_machine(tmp_path: Path) -> None:
    assert list(report.section("masses", PART, tmp_path)) == SECTION


def test_outages_have_a_plot(tmp_path: Path) -> None:
    outage = Outage(
        system="warm",
        round=0,
        outage=2.0,
        detection=1.5,
        scripts=0.25,
        network=0.25,
        failed=1,
        asked=2,
        held=100,
        broken=0,
        errors={},
        answers=((0.0, 0.01, True), (0.5, 1.0, False)),
    )
    report.page({"outages": PART | {"samples": [asdict(outage)]}}, tmp_path)
    assert (tmp_path / "outages.png").read_bytes().startswith(b"\x89PNG")


def test_report_is_written_and_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.json"
    Results(results).write({"masses": PART})
    monkeypatch.setattr(sys, "argv", ["report.py", str(results), str(tmp_path)])
    report.main()
    assert (tmp_path / "report.md").read_text() == capsys.readouterr().out == "\n".join(SECTION)


def test_file_that_has_no_results_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = tmp_path / "results.json"
    results.write_text("[]")
    monkeypatch.setattr(sys, "argv", ["report.py", str(results), str(tmp_path)])
    with pytest.raises(SystemExit, match=r"results\.json is not a file of results"):
        report.main()


@pytest.mark.parametrize(
    ("above", "below", "digits", "expected"),
    [
        ([2.0], [4.0], 1, "0.5"),
        ([1.0, 3.0], [3.0, 3.0, 3.0], 2, "0.67"),
        ([4.0, 4.0, 4.0], [2.0, 2.0, 2.0], 1, "2.0 (2.0 to 2.0)"),
        ([3.0, 4.0, 5.0], [2.0, 2.0, 2.0], 1, "2.0 (1.5 to 2.5)"),
        ([], [1.0], 1, ""),
        ([1.0], [], 1, ""),
    ],
)
def test_ratio(above: list[float], below: list[float], digits: int, expected: str) -> None:
    assert page.ratio(above, below, digits) == expected


def test_each_system_has_a_title() -> None:
    assert page.title("warm") == "ours, default timers"
    assert page.title("direct") == "directly to the web servers"
    with pytest.raises(ResultsError, match="`pacemaker`, which bench/inventory does not have; it has both,"):
        page.title("pacemaker")
