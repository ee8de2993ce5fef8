#!/usr/bin/env python3
"""Run many clients with a cookie jar each, and record which server answered which client.

    browse.py URL CLIENTS REQUESTS [PAUSE]

Each client requests the page repeatedly, PAUSE seconds apart, and returns the cookies that it received. It
ends when it has sent REQUESTS requests and standard input is closed. Every second client uses a new
connection for each request; the others keep theirs, as browsers do. Prints a JSON list of all answers, client
by client.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

TIMEOUT = 10.0


@dataclass
class Answer:
    client: int
    status: int | None  # None: no answer
    server: str | None
    cookie: str | None


@dataclass
class Client:
    number: int
    connection: HTTPConnection
    path: str
    jar: SimpleCookie = field(default_factory=SimpleCookie)

    @property
    def keeps_connection(self) -> bool:
        return self.number % 2 == 0

    def ask(self) -> Answer:
        sent = "; ".join(f"{name}={morsel.value}" for name, morsel in self.jar.items())
        was_open = self.connection.sock is not None
        try:
            response = self.get({"Cookie": sent} if sent else {})
        except (OSError, HTTPException):
            self.connection.close()
            # A server may close a kept connection at any time. Browsers then repeat the request on a new
            # one.
            return self.ask() if was_open else Answer(self.number, None, None, sent or None)
        for header in response.headers.get_all("Set-Cookie", []):
            self.jar.load(header)
        return Answer(self.number, response.status, response.headers.get("X-Served-By"), sent or None)

    def get(self, headers: dict[str, str]) -> HTTPResponse:
        self.connection.request("GET", self.path, headers=headers)
        response = self.connection.getresponse()
        response.read()
        if not self.keeps_connection:
            self.connection.close()
        return response

    def browse(self, requests: int, pause: float, ended: threading.Event) -> list[Answer]:
        answers: list[Answer] = []
        while len(answers) < requests or not ended.is_set():
            answers.append(self.ask())
            # After its last request a client only stays in touch.
            time.sleep(pause if len(answers) < requests else 5 * pause)
        return answers


def main(url: str, clients: int, requests: int, pause: float = 0.0) -> None:
    parts = urlsplit(url)
    ended = threading.Event()

    def browse(number: int) -> list[Answer]:
        # Do not start all of them at once.
        time.sleep(pause * number / clients)
        connection = HTTPConnection(parts.netloc, timeout=TIMEOUT)
        return Client(number, connection, parts.path or "/").browse(requests, pause, ended)

    with ThreadPoolExecutor(clients) as pool:
        answers = [pool.submit(browse, number) for number in range(clients)]
        sys.stdin.read()
        ended.set()
    json.dump([asdict(answer) for of_client in answers for answer in of_client.result()], sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *(float(pause) for pause in sys.argv[4:]))
