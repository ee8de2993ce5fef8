"""Wait for a condition on machines."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(what: str, condition: Callable[[], bool], seconds: float = 30, every: float = 0.1) -> float:
    """Wait until the condition is true; return how many seconds that took."""
    begun = time.monotonic()
    while True:
        why = ""
        try:
            if condition():
                return time.monotonic() - begun
        # testinfra and the lab raise it when SSH ends without an answer, for example during a boot.
        except RuntimeError as error:
            why = f", {error}"
        if time.monotonic() - begun >= seconds:
            raise AssertionError(f"not within {seconds:g} s: {what}{why}")
        time.sleep(every)
