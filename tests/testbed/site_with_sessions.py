"""A cluster that keeps sessions, seen by clients with cookies."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import groupby
from pathlib import Path
from typing import Any

from testbed import PROGRAMS
from testbed.cluster import Cluster
from testbed.playbook import Run
from testbed.programs.browse import Answer
from testbed.waiting import wait_for

BROWSE = PROGRAMS / "browse.py"


@dataclass
class Visit:
    """The results of clients with a cookie jar each. They are complete when the clients have ended."""

    answers: list[Answer] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return sum(answer.status != HTTPStatus.OK for answer in self.answers)

    @property
    def servers(self) -> dict[int, list[str]]:
        """The web servers of each client, in order."""
        found: dict[int, list[str]] = defaultdict(list)
        for answer in self.answers:
            if answer.server:
                found[answer.client].append(answer.server)
        return found

    @property
    def stays(self) -> dict[int, list[str]]:
        """The same without repetitions: a client that never moved has one entry."""
        return {client: [name for name, _ in groupby(names)] for client, names in self.servers.items()}

    @property
    def wrong(self) -> int:
        """The number of answers from another server than the one in the client's cookie."""
        return sum(
            answer.cookie is not None and answer.server != answer.cookie.partition(".")[2]
            for answer in self.answers
            if answer.status == HTTPStatus.OK
        )

    def __str__(self) -> str:
        served = sorted({answer.server for answer in self.answers if answer.server})
        return (
            f"{len(self.answers)} requests of {len(self.servers)} clients: {self.failed} failed, "
            f"{self.wrong} on another server than the cookie's; served by {', '.join(served)}"
        )


class Site(Cluster):
    @property
    def address(self) -> str:
        """The address that clients use: for a single balancer its own one."""
        if self.carriers:
            return super().address
        return self.address_of(next(iter(self.balancers)))

    def address_of(self, name: str) -> str:
        return str(self.variables(name)["haweb_address"])

    def secret(self, name: str) -> str:
        return str(self.variables(next(iter(self.hosts)))[name])

    def member(self, name: str, **parameters: Any) -> dict[str, Any]:
        """Return a web server as a member of the balancers."""
        return {"url": f"http://{self.address_of(name)}:80", "route": name} | parameters

    # --- clients ---

    def on_client(self, *command: str | Path) -> list[str]:
        """Return the command that runs a command on the client host."""
        return [str(word) for word in (self.lab.directory / "lab", "client", "--", *command)]

    def client(self, *command: str) -> str:
        return self.lab("client", "--", *command)

    def curl(self, *words: str) -> str:
        return self.client("curl", "--silent", "--show-error", "--max-time", "20", *words)

    def status(self, url: str, *words: str) -> int:
        return int(self.curl("--output", "/dev/null", "--write-out", "%{http_code}", *words, url))

    def server_of_session(self, name: str, url: str = "") -> str:
        """Return the server that answers a client whose cookie has this web server."""
        headers = self.curl("--head", "--cookie", f"BALANCEID=balancer.{name}", url or self.url)
        return next((server for server in self.webservers if f"X-Served-By: {server}\n" in headers), "nobody")

    @contextmanager
    def browsing(self, clients: int, requests: int = 1, pause: float = 0.0) -> Iterator[Visit]:
        """Let clients browse while the body causes a fault, and until each has sent this many requests."""
        words = (self.url, str(clients), str(requests), str(pause))
        command = self.on_client("python3", BROWSE, *words)
        visit = Visit()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as browsers:
            try:
                yield visit
                said, _ = browsers.communicate()
            finally:
                browsers.terminate()
        assert browsers.returncode == 0, "the clients have failed"
        visit.answers = [Answer(**answer) for answer in json.loads(said)]

    def browse(self, clients: int, requests: int = 1, pause: float = 0.0) -> Visit:
        with self.browsing(clients, requests, pause) as visit:
            pass
        return visit

    # --- as a whole ---

    def serves(self, names: Sequence[str]) -> bool:
        """Whether new clients get all these web servers and no others."""
        visit = self.browse(clients=4 * len(self.webservers))
        return visit.failed == 0 and {answer.server for answer in visit.answers} == set(names)

    def is_whole(self) -> bool:
        if self.carriers and len(self.holders()) != 1:
            return False
        at_home = all(self.server_of_session(name) == name for name in self.webservers)
        # New clients get only the web server that was away, until it has as many sessions as the others.
        return at_home and self.serves(list(self.webservers))

    def make_whole(self) -> None:
        """Repair the damage of a test, and wait until the site is whole."""
        self.lab("power-on", *self.hosts)
        for webserver in self.webservers.values():
            webserver.check_output("systemctl start apache2")
        wait_for("the site is whole", self.is_whole, seconds=90)

    def converge(self, *options: str, **variables: Any) -> Run:
        """Run site.yml with these variables."""
        run = self.run_site(*options, **variables)
        assert run.returncode == 0, run.output
        return run
