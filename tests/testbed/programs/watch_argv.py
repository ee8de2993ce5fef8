#!/usr/bin/env python3
"""Print the command line of every process of this machine, once each, until standard input is closed."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

ended = threading.Event()


def wait_for_the_end() -> None:
    sys.stdin.read()
    ended.set()


threading.Thread(target=wait_for_the_end, daemon=True).start()
seen: set[bytes] = set()
while not ended.is_set():
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ")
        except (FileNotFoundError, ProcessLookupError):
            continue  # The process has ended meanwhile.
        if line not in seen:
            seen.add(line)
            print(line.decode(errors="replace"), flush=True)
    time.sleep(0.02)
