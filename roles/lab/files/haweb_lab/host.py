# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run commands on this machine, and wait for conditions."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable
from typing import NoReturn

from .errors import LabError


def run(*command: str, stdin: str | None = None) -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stderr.strip() or f"exit status {done.returncode}"
        raise LabError(f"`{shlex.join(command)}` failed: {why}")
    return done.stdout


def replace_by(*argv: str) -> NoReturn:
    os.execvp(argv[0], argv)


def until(true: Callable[[], bool], seconds: float, complaint: str) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise LabError(complaint)
        time.sleep(0.05)
