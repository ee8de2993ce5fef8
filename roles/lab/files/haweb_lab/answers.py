# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compute how many requests of a client failed, and the longest outage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GOOD = 200


@dataclass(frozen=True)
class Answer:
    start: float
    duration: float
    status: int | None
    server: str
    error: str = ""

    @property
    def good(self) -> bool:
        return self.status == GOOD


@dataclass(frozen=True)
class Summary:
    asked: int
    failed: int
    longest_outage: float
    slowest: float
    servers: dict[str, int]
    errors: dict[str, int]

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> Summary:
        good = [answer for answer in answers if answer.good]
        failed = [answer for answer in answers if not answer.good]
        return cls(
            asked=len(answers),
            failed=len(failed),
            longest_outage=round(longest_outage(answers), 3),
            slowest=round(max(answer.duration for answer in answers), 3),
            servers=dict(Counter(answer.server for answer in good)),
            errors=dict(Counter(answer.error or f"status {answer.status}" for answer in failed)),
        )

    def lines(self) -> Iterator[str]:
        yield (
            f"{self.asked} asked, {self.failed} failed, longest outage {self.longest_outage:.2f} s, "
            f"slowest answer {self.slowest:.2f} s"
        )
        for kind, counted in (("server", self.servers), ("error", self.errors)):
            for what, count in sorted(counted.items()):
                yield f"  {count:>6} {kind}: {what or '(empty page)'}"


def longest_outage(answers: Sequence[Answer]) -> float:
    """Seconds from the start of the last good answer before failures to the start of the first one after."""
    if all(answer.good for answer in answers):
        return 0.0
    longest, since, failing = 0.0, answers[0].start, False
    for answer in answers:
        if answer.good:
            if failing:
                longest = max(longest, answer.start - since)
            since, failing = answer.start, False
        else:
            failing = True
    # An outage that has not ended counts until the last answer.
    last = answers[-1]
    return max(longest, last.start + last.duration - since) if failing else longest
