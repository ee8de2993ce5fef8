# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from testbed import PROJECT

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def ask_role() -> Iterator[Ask]:
    """Evaluate a role in the program testbed.role, and return its files or the sentences that refuse it."""
    with subprocess.Popen(
        [sys.executable, "-m", "testbed.role"],
        cwd=PROJECT / "tests",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:

        def ask(**question: Any) -> dict[str, Any]:
            assert process.stdin is not None
            assert process.stdout is not None
            print(json.dumps(question), file=process.stdin, flush=True)
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            assert "error" not in answer, answer["error"]
            return answer

        yield ask
        process.kill()
