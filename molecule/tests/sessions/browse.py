#!/usr/bin/env python3
"""Be many clients with a cookie jar each, and note who answered whom.

    browse.py URL CLIENTS REQUESTS [PAUSE]

Each client asks for the page REQUESTS times, PAUSE seconds apart, on a new connection each time, and
sends back the cookies that it got. Prints a JSON list of all answers in their order: client, status (null:
none), who served, cookie.
"""

from __future__ import annotations

import http.client
import http.cookies
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

TIMEOUT = 10.0


@dataclass
class Answer:
    client: int
    status: int | None
    server: str | None
    cookie: str | None


@dataclass
class Client:
    number: int
    url: str
    jar: http.cookies.SimpleCookie = field(default_factory=http.cookies.SimpleCookie)

    def ask(self) -> Answer:
        parts = urlsplit(self.url)
        sent = "; ".join(f"{name}={morsel.value}" for name, morsel in self.jar.items())
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
        try:
            connection.request("GET", parts.path or "/", headers={"Cookie": sent} if sent else {})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            return Answer(self.number, None, None, sent or None)
        finally:
            connection.close()
        for header in response.headers.get_all("Set-Cookie", []):
            self.jar.load(header)
        return Answer(self.number, response.status, response.headers.get("X-Served-By"), sent or None)

    def browse(self, requests: int, pause: float) -> list[Answer]:
        answers = []
        for _ in range(requests):
            answers.append(self.ask())
            time.sleep(pause)
        return answers


def main(url: str, clients: int, requests: int, pause: float = 0.0) -> None:
    with ThreadPoolExecutor(clients) as pool:
        per_client = pool.map(lambda number: Client(number, url).browse(requests, pause), range(clients))
    json.dump([asdict(answer) for answers in per_client for answer in answers], sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *(float(pause) for pause in sys.argv[4:]))
