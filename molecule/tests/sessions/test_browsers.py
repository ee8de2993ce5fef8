"""Row A6 with a real application and two real browsers, while machines die."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from site_with_sessions import Site, wait_for

SURF = Path(__file__).with_name("surf.py")
USERS = 2
BROWSER = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@dataclass(frozen=True)
class Seen:
    user: str
    page: int
    known: bool
    server: str | None


class Surfers:
    """The two users with their browsers; what they have seen so far is in the file."""

    def __init__(self, report: Path) -> None:
        self.report = report

    @property
    def seen(self) -> dict[str, list[Seen]]:
        found: dict[str, list[Seen]] = defaultdict(list)
        for line in self.report.read_text().splitlines():
            page = Seen(**json.loads(line))
            found[page.user].append(page)
        return found

    def have_read(self, pages: int) -> bool:
        seen = self.seen
        return len(seen) == USERS and all(len(pages_of) >= pages for pages_of in seen.values())

    def __str__(self) -> str:
        return "; ".join(
            f"{user}: {sum(page.known for page in pages)} of {len(pages)} pages logged in, on "
            f"{', '.join(sorted({str(page.server) for page in pages}))}"
            for user, pages in self.seen.items()
        )


@contextmanager
def surfing(site: Site, directory: Path, pages: int, seconds: float = 1.0) -> Iterator[Surfers]:
    report = directory / "seen.json"
    command = [
        site.lab.directory / "lab",
        "client",
        "--",
        sys.executable,
        SURF,
        site.url,
        str(pages),
        str(seconds),
        BROWSER,
    ]
    with report.open("w") as out, subprocess.Popen(command, stdout=out) as browsers:
        try:
            surfers = Surfers(report)
            yield surfers
            browsers.wait()
        finally:
            browsers.terminate()
    assert browsers.returncode == 0, "the browsers have failed"


@pytest.fixture(autouse=True)
def whole(site: Site) -> None:
    site.make_whole()


def test_two_users_stay_logged_in_each_on_a_server_of_its_own(
    site: Site, tmp_path: Path, say: Callable[[str], None]
) -> None:
    with surfing(site, tmp_path, pages=10) as surfers:
        pass
    say(str(surfers))
    servers = {user: {page.server for page in pages} for user, pages in surfers.seen.items()}
    assert all(page.known for pages in surfers.seen.values() for page in pages)
    assert all(len(served) == 1 for served in servers.values())
    assert servers["falko"] != servers["till"]


def test_both_stay_logged_in_when_who_carries_the_address_loses_power(
    site: Site, tmp_path: Path, say: Callable[[str], None]
) -> None:
    if not site.carriers:
        pytest.skip("nobody carries an address here")
    old = site.active()
    with surfing(site, tmp_path, pages=20) as surfers:
        wait_for("both have logged in", lambda: surfers.have_read(3), seconds=120)
        site.lab("power-cut", old)
    assert site.lab.states()[old] == "off"
    assert site.active() != old
    say(str(surfers))
    for pages in surfers.seen.values():
        answered = [page for page in pages if page.server]
        assert answered[-1].page == pages[-1].page
        assert all(page.known for page in answered)
        assert len({page.server for page in answered}) == 1


def test_only_the_users_of_a_dead_web_server_log_in_again(
    site: Site, tmp_path: Path, say: Callable[[str], None]
) -> None:
    with surfing(site, tmp_path, pages=20) as surfers:
        wait_for("both have logged in", lambda: surfers.have_read(3), seconds=120)
        victim = surfers.seen["falko"][-1].server
        assert victim is not None
        site.lab("power-cut", victim)
        time.sleep(1)
    say(str(surfers))
    falko, till = surfers.seen["falko"], surfers.seen["till"]
    assert not falko[-1].known
    assert falko[-1].server not in (victim, None)
    assert all(page.known for page in till)
    assert len({page.server for page in till}) == 1
