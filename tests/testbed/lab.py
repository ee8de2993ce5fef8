"""The lab's command, for tests."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testbed import PROGRAMS

ARP = PROGRAMS / "arp.py"
HOLD = PROGRAMS / "hold.py"


class LabError(RuntimeError):
    """A command of the lab has failed; the message has the command and its error."""


@dataclass
class Answers:
    """The results of a client that sends requests for a while. They are complete when it has ended."""

    asked: int = 0
    failed: int = 0
    longest_outage: float = 0.0
    servers: frozenset[str] = frozenset()
    saw_it_all: bool = False  # it sent requests until the end of the body
    begun: float = 0.0  # seconds since 1970; each answer's start counts from then
    each: list[dict[str, Any]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.longest_outage:.2f} s of outage, {self.failed} of {self.asked} requests failed"

    def read(self, path: Path) -> None:
        seen = json.loads(path.read_text())
        self.asked, self.failed, self.longest_outage = seen["asked"], seen["failed"], seen["longest_outage"]
        self.servers, self.each = frozenset(seen["servers"]), seen["answers"]
        self.begun = seen["begun"]


@dataclass
class Claims:
    """The owners that answered each ARP request for an address. Complete when the watch has ended."""

    answers: list[frozenset[str]] = field(default_factory=list)

    @property
    def macs(self) -> frozenset[str]:
        """All owners that answered at any time."""
        return frozenset().union(*self.answers)

    @property
    def at_once(self) -> int:
        """The largest number of owners that answered the same request."""
        return max(map(len, self.answers), default=0)


@dataclass
class Held:
    """The results of held connections, as hold.py prints them. Complete when it has ended."""

    each: list[dict[str, Any]] = field(default_factory=list)

    @property
    def broken(self) -> list[dict[str, Any]]:
        return [one for one in self.each if one["error"]]

    @property
    def astray(self) -> list[dict[str, Any]]:
        """The connections that are not broken, but were answered by more than one web server."""
        return [one for one in self.each if not one["error"] and len(one["servers"]) > 1]

    @property
    def lost(self) -> list[dict[str, Any]]:
        """Those that did not keep their web server: the broken ones, then those astray."""
        return self.broken + self.astray

    def __str__(self) -> str:
        requests = sum(one["requests"] for one in self.each)
        held = f"{requests} requests on {len(self.each)} held connections"
        return f"{held}, {len(self.broken)} broken {self.broken[:3] or ''}"


@dataclass(frozen=True)
class Lab:
    directory: Path

    def __call__(self, *words: str) -> str:
        """Run the lab's command and wait for its end."""
        done = subprocess.run([self.directory / "lab", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise LabError(f"lab {' '.join(words)}: {done.stderr}")
        return done.stdout

    @contextmanager
    def done_at(self, place: str, do: str, undo: str) -> Iterator[None]:
        """Run a shell command on a node or on the client host, and another one that reverts it afterwards."""
        where = ["client"] if place == "client" else ["run", place]
        self(*where, "--", "sh", "-c", do)
        try:
            yield
        finally:
            self(*where, "--", "sh", "-c", undo)

    def status(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self("status", "--json"))
        return rows

    def states(self) -> dict[str, str]:
        """Name of a node -> running, frozen or off."""
        return {row["node"]: row["state"] for row in self.status()}

    @contextmanager
    def asking(
        self, url: str, seconds: float, patience: float = 1.0, every: float = 0.02, *, at_most: bool = False
    ) -> Iterator[Answers]:
        """Let a client send a request every 20 ms while the body causes a fault; wait until its time is over.

        A request without an answer within `patience` seconds has failed. With at_most the client stops a
        second after the body.
        """
        answers = Answers()
        with tempfile.TemporaryDirectory() as directory:
            report = Path(directory) / "answers.json"
            command: list[str | Path] = [self.directory / "lab", "ask", url, "--for", f"{seconds}s"]
            command += ["--timeout", f"{patience}s", "--every", f"{every}s", "--json", report]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as client:
                try:
                    yield answers
                    answers.saw_it_all = client.poll() is None
                    if at_most:
                        time.sleep(1)
                        client.send_signal(signal.SIGINT)
                    client.wait()
                finally:
                    client.terminate()
            answers.read(report)

    def ask(self, url: str, seconds: float) -> Answers:
        with self.asking(url, seconds) as answers:
            pass
        return answers

    @contextmanager
    def holding(self, url: str, connections: int, over: float = 0.0, every: float = 1.0) -> Iterator[Held]:
        """Let a client hold connections while the body causes a fault, and send a request a second on each.

        The client opens them one after the other within `over` seconds; the body begins when all are open.
        """
        held = Held()
        command: list[str | Path] = [self.directory / "lab", "client", "--"]
        command += ["python3", HOLD, url, str(connections), "--over", str(over), "--every", str(every)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as client:
            assert client.stdout
            try:
                assert client.stdout.readline() == "open\n", "not all connections could be opened"
                yield held
                held.each = [json.loads(line) for line in client.communicate()[0].splitlines()]
                assert len(held.each) == connections, "the client that holds connections has failed"
            finally:
                client.terminate()

    def get(self, url: str) -> str:
        """Return one page, as the client host receives it."""
        program = (
            "import sys, urllib.request as http; print(http.urlopen(sys.argv[1], timeout=5).read().decode())"
        )
        return self("client", "--", "python3", "-c", program, url)

    @contextmanager
    def watching_arp(self, address: str, seconds: float, *, at_most: bool = False) -> Iterator[Claims]:
        """Send ARP requests for the address all the time; with at_most until the end of the body."""
        claims = Claims()
        command: list[str | Path] = [self.directory / "lab", "client", "--"]
        command += ["python3", ARP, "eth0", address, str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watcher:
            try:
                yield claims
                if at_most:
                    watcher.terminate()
                claims.answers = [
                    frozenset(json.loads(line)) for line in watcher.communicate()[0].splitlines()
                ]
            finally:
                watcher.terminate()
        ended = {0, -signal.SIGTERM} if at_most else {0}
        assert watcher.returncode in ended, "the watcher of ARP has failed"

    def who_has(self, address: str, seconds: float = 1.0) -> frozenset[str]:
        """Return the hardware addresses of all machines that claim this address."""
        with self.watching_arp(address, seconds) as claims:
            pass
        return claims.macs
