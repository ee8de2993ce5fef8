"""Rows A6 and A7 with a real application and two real browsers, while machines lose their power."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from testbed import PROGRAMS
from testbed.site_with_sessions import Site
from testbed.waiting import wait_for

SURF = PROGRAMS / "surf.py"
BROWSER = Path("/usr/bin/chromium")
USERS = 2
PAGES = 10
PATIENCE = 120  # seconds, for ten pages on a busy machine


@dataclass(frozen=True)
class Seen:
    """A result of a user's request: a page, or an error."""

    user: str
    known: bool
    server: str
    trouble: str | None


class Surfers:
    """The two users with their browsers. Their results so far are in the file."""

    def __init__(self, site: Site, report: Path, browsers: subprocess.Popen[bytes]) -> None:
        self.site, self.report, self.browsers = site, report, browsers

    def all_seen(self) -> list[Seen]:
        return [Seen(**json.loads(line)) for line in self.report.read_text().splitlines()]

    def seen(self) -> dict[str, list[Seen]]:
        """The pages of each user, without requests that got no page."""
        found: dict[str, list[Seen]] = defaultdict(list)
        for page in self.all_seen():
            if page.server:
                found[page.user].append(page)
        return found

    def read_on(self, pages: int) -> dict[str, list[Seen]]:
        """Wait until both users have got this many more pages, and return these."""
        old = self.seen()

        def new() -> dict[str, list[Seen]]:
            return {user: pages[len(old[user]) :] for user, pages in self.seen().items()}

        def enough() -> bool:
            assert self.browsers.poll() is None, "the browsers have ended; their output is below"
            return len(new()) == USERS and all(len(got) >= pages for got in new().values())

        try:
            wait_for(f"both users read {pages} more pages", enough, PATIENCE)
        except AssertionError as error:
            raise AssertionError(f"{error}; {self.situation(new())}") from error
        return new()

    def situation(self, seen: dict[str, list[Seen]]) -> str:
        """Return all reasons for a missing page, in one line."""
        nothing = [got for got in self.all_seen() if not got.server]
        troubles = [f"{got.user}: {got.trouble or 'served by nobody'}" for got in nothing[-3:]]
        return (
            f"they got {story(seen) or 'none'}; the last without a page {troubles}; "
            f"machines {self.site.lab.states()}; {self.site.address} on {self.site.holders()}"
        )


def story(seen: dict[str, list[Seen]]) -> str:
    """Describe the pages in words: the user, the web server, and whether the user was logged in."""
    return "; ".join(
        f"{user}: "
        + ", then ".join(
            f"{len(list(pages))} pages {'logged in' if known else 'unknown'} on {server}"
            for (server, known), pages in groupby(of_user, lambda page: (page.server, page.known))
        )
        for user, of_user in seen.items()
    )


def servers(pages: list[Seen]) -> set[str]:
    return {page.server for page in pages}


@contextmanager
def surfing(site: Site, directory: Path, seconds: float = 0.5) -> Iterator[Surfers]:
    assert BROWSER.exists(), f"There is no browser {BROWSER}: `make molecule` installs one."
    report = directory / "seen.json"
    command = site.on_client(sys.executable, SURF, site.url, str(seconds), BROWSER)
    with report.open("w") as out, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out) as browsers:
        try:
            yield Surfers(site, report, browsers)
            browsers.communicate()
        finally:
            browsers.terminate()
    assert browsers.returncode == 0, "the browsers have failed"


@pytest.mark.usefixtures("mended")
def test_users_stay_logged_in_while_machines_lose_power(
    site: Site, tmp_path: Path, say: Callable[[str], None]
) -> None:
    with surfing(site, tmp_path) as surfers, site.browsing(clients=10, pause=0.5) as visit:
        calm = surfers.read_on(PAGES)
        say(story(calm))

        taken_over = {user: list[Seen]() for user in calm}
        if site.carriers:  # A single balancer has no standby.
            carrier = site.active()
            site.lab("power-cut", carrier)
            taken_over = surfers.read_on(PAGES)
            say(f"{carrier} has lost its power. {story(taken_over)}")
            assert site.lab.states()[carrier] == "off"
            assert site.holders() == site.carriers.keys() - {carrier}

        victim = calm["falko"][-1].server
        site.lab("power-cut", victim)
        moved = surfers.read_on(PAGES)
        say(f"{victim} has lost its power. {story(moved)}")
        assert site.lab.states()[victim] == "off"
    say(f"meanwhile {visit}")

    # Each user has another web server, and a failed balancer changes nothing.
    (home_of_falko,), (home_of_till,) = servers(calm["falko"]), servers(calm["till"])
    assert home_of_falko != home_of_till
    for user, home in (("falko", home_of_falko), ("till", home_of_till)):
        until_then = calm[user] + taken_over[user]
        assert all(page.known for page in until_then)
        assert servers(until_then) == {home}

    # Users of a failed web server log in again, once; the others notice nothing.
    assert [page.known for page in moved["falko"] if page.server != victim].count(False) == 1
    assert moved["falko"][-1].known
    assert moved["falko"][-1].server != victim
    assert all(page.known for page in moved["till"])
    assert servers(moved["till"]) == {home_of_till}

    # The same applies to clients that have only the cookie.
    assert all(stays == [stays[0]] or stays[:-1] == [victim] for stays in visit.stays.values())
    assert {stays[0] for stays in visit.stays.values()} == set(site.webservers)
    # New requests are served. The last answer of an earlier client may be one that a failed web server lost.
    assert site.browse(clients=10).failed == 0
