#!/usr/bin/env python3
"""Hold connections open, and ask for a page on each of them once a second until standard input is closed.

    hold.py URL CONNECTIONS

Prints "open" when all are, and at the end a line of JSON: the number of requests that were answered, and why
each connection broke that did. None is opened anew. A web server ends each after its MaxKeepAliveRequests.
"""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

PATIENCE = 10.0  # seconds
EVERY = 1.0


def main(url: str, count: int) -> None:
    parts = urlsplit(url)
    all_open = threading.Barrier(count + 1)
    ended = threading.Event()

    def hold() -> tuple[int, str | None]:
        connection = HTTPConnection(parts.netloc, timeout=PATIENCE)
        connection.connect()
        connection.auto_open = 0
        requests = 0
        try:
            while True:
                connection.request("GET", parts.path or "/")
                connection.getresponse().read()
                requests += 1
                if requests == 1:
                    all_open.wait()
                if ended.wait(EVERY):
                    return requests, None
        except (OSError, HTTPException) as error:
            return requests, f"{type(error).__name__} after {requests} requests"

    with ThreadPoolExecutor(count) as pool:
        held = [pool.submit(hold) for _ in range(count)]
        all_open.wait(PATIENCE)
        print("open", flush=True)
        sys.stdin.read()
        ended.set()
    results = [one.result() for one in held]
    broken = [why for _, why in results if why]
    json.dump({"requests": sum(requests for requests, _ in results), "broken": broken}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
