"""The evaluation of a client's answers."""

from __future__ import annotations

import pytest
from haweb_lab.answers import Answer, Summary, longest_outage


def answers(*good: bool) -> list[Answer]:
    """Return one answer a second. Each takes half a second."""
    return [Answer(float(start), 0.5, 200 if ok else 503, "web1") for start, ok in enumerate(good)]


@pytest.mark.parametrize(
    ("good", "outage"),
    [
        ((True, True, True), 0.0),
        ((True, False, True), 2.0),
        ((True, False, False, True, True), 3.0),
        ((True, False, True, False, False, False, True), 4.0),
        ((True, False, False, False, True, False, True), 4.0),
        ((True, False, False), 2.5),
        ((False, True), 1.0),
        ((False, False), 1.5),
        ((False,), 0.5),
    ],
)
def test_longest_outage(good: tuple[bool, ...], outage: float) -> None:
    assert longest_outage(answers(*good)) == pytest.approx(outage)


def test_a_slow_answer_is_no_outage() -> None:
    assert longest_outage([*answers(True, False, True), Answer(3.0, 9.0, 200, "web1")]) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("status", "good"), [(200, True), (None, False), (204, False), (301, False), (404, False), (503, False)]
)
def test_only_a_page_is_good(status: int | None, good: bool) -> None:
    assert Answer(0.0, 0.1, status, "web1").good is good


def test_summary_counts_servers_and_reasons() -> None:
    timeout = Answer(3.0, 1.0, None, "", "timeout")
    assert Summary.of([*answers(True, True, False), timeout]) == Summary(
        asked=4,
        failed=2,
        longest_outage=3.0,
        slowest=1.0,
        servers={"web1": 2},
        errors={"status 503": 1, "timeout": 1},
    )


def test_lines_of_a_summary_are_sorted() -> None:
    summary = Summary(400, 158, 3.184, 1.0, {"web2": 100, "": 2, "web1": 140}, {"timeout": 158})
    assert list(summary.lines()) == [
        "400 asked, 158 failed, longest outage 3.18 s, slowest answer 1.00 s",
        "       2 server: (empty page)",
        "     140 server: web1",
        "     100 server: web2",
        "     158 error: timeout",
    ]
