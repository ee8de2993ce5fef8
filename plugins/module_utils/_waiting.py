# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait on the host itself: one module run, instead of a task that is repeated."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE = 0.5


def wait_until(look: Callable[[], T], good: Callable[[T], bool], timeout: float) -> tuple[T, bool]:
    """Look until the result is good, at most timeout seconds; return the last result, and if it is good."""
    end = time.monotonic() + timeout
    while True:
        seen = look()
        if good(seen):
            return seen, True
        if time.monotonic() >= end:
            return seen, False
        time.sleep(PAUSE)
