"""A site with sessions, as its inventory describes it and as clients with cookies see it."""

from __future__ import annotations

import json
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

import testinfra
from lab import Lab
from testinfra.host import Host

BROWSE = Path(__file__).with_name("browse.py")


def wait_for(what: str, condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.2)


@dataclass(frozen=True)
class Answer:
    client: int
    status: int | None
    server: str | None
    cookie: str | None


@dataclass
class Visit:
    """What clients with a cookie jar each have seen; filled in when they have ended."""

    answers: list[Answer] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return sum(answer.status != HTTPStatus.OK for answer in self.answers)

    @property
    def servers(self) -> dict[int, list[str | None]]:
        """Who served each client, in turn."""
        found: dict[int, list[str | None]] = defaultdict(list)
        for answer in self.answers:
            found[answer.client].append(answer.server)
        return found

    @property
    def wrong(self) -> int:
        """The answers by another server than the one that the client's cookie names."""
        return sum(
            answer.cookie is not None and answer.server != answer.cookie.partition(".")[2]
            for answer in self.answers
            if answer.status == HTTPStatus.OK
        )

    def __str__(self) -> str:
        served = sorted({answer.server for answer in self.answers if answer.server})
        return (
            f"{len(self.answers)} requests of {len(self.servers)} clients: {self.failed} failed, "
            f"{self.wrong} on a wrong server; served by {', '.join(served)}"
        )


class Site:
    def __init__(self, directory: Path) -> None:
        self.lab = Lab(directory / "lab")
        self.source = self.lab.directory / "inventory"

    @cached_property
    def inventory(self) -> dict[str, Any]:
        command = ["ansible-inventory", "--list", f"--inventory={self.source}"]
        inventory: dict[str, Any] = json.loads(
            subprocess.run(command, capture_output=True, check=True).stdout
        )
        return inventory

    def hosts(self, group: str) -> dict[str, Host]:
        names = self.inventory.get(group, {}).get("hosts", [])
        return {
            name: testinfra.get_host(f"ansible://{name}", ansible_inventory=str(self.source))
            for name in names
        }

    @cached_property
    def webservers(self) -> dict[str, Host]:
        return self.hosts("webservers")

    @cached_property
    def balancers(self) -> dict[str, Host]:
        return self.hosts("balancers")

    @cached_property
    def directors(self) -> dict[str, Host]:
        return self.hosts("directors")

    def variables(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.inventory["_meta"]["hostvars"][name]
        return found

    def secret(self, name: str) -> str:
        return str(self.variables(next(iter(self.webservers)))[name])

    @property
    def carriers(self) -> dict[str, Host]:
        """The hosts of which one has the virtual address; none where a single balancer has its own."""
        return self.directors or (self.balancers if len(self.balancers) > 1 else {})

    @property
    def address(self) -> str:
        """What clients ask."""
        if not self.carriers:
            return str(self.variables(next(iter(self.balancers)))["haweb_address"])
        return "192.168.0.105"

    @property
    def url(self) -> str:
        return f"http://{self.address}/"

    def active(self) -> str:
        states = self.lab.states()
        ask = f"ip -oneline address show dev eth0 to {self.address}"
        holders = [
            name for name, host in self.carriers.items() if states[name] == "running" and host.run(ask).stdout
        ]
        assert len(holders) == 1, f"{self.address} is held by {holders or 'nobody'}"
        return holders[0]

    # --- clients ---

    def client(self, *command: str) -> str:
        said: str = self.lab("client", "--", *command)
        return said

    def curl(self, *words: str) -> str:
        return self.client("curl", "--silent", "--show-error", "--max-time", "20", *words)

    def status(self, url: str, *words: str) -> int:
        return int(self.curl("--output", "/dev/null", "--write-out", "%{http_code}", *words, url))

    @contextmanager
    def browsing(self, clients: int, requests: int, pause: float = 0.0) -> Iterator[Visit]:
        """Let clients browse while the body does its worst; wait until they have ended."""
        words = ("python3", str(BROWSE), self.url, str(clients), str(requests), str(pause))
        command = [str(self.lab.directory / "lab"), "client", "--", *words]
        visit = Visit()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as browsers:
            try:
                yield visit
                said, _ = browsers.communicate()
            finally:
                browsers.terminate()
        assert browsers.returncode == 0, "the clients have failed"
        visit.answers = [Answer(**answer) for answer in json.loads(said)]

    def browse(self, clients: int, requests: int, pause: float = 0.0) -> Visit:
        with self.browsing(clients, requests, pause) as visit:
            pass
        return visit

    # --- as a whole ---

    def serves(self, names: Sequence[str]) -> bool:
        """Whether new clients come to all these web servers and to no others."""
        visit = self.browse(clients=4 * len(self.webservers), requests=1)
        return visit.failed == 0 and {answer.server for answer in visit.answers} == set(names)

    def make_whole(self) -> None:
        """Mend what a test has broken, and wait until nothing shows it any more."""
        self.lab("power-on", *self.lab.states())
        for webserver in self.webservers.values():
            webserver.check_output("systemctl start apache2")
        wait_for("every web server serves", lambda: self.serves(list(self.webservers)), seconds=90)
