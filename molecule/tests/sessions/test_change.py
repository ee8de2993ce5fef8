"""Members come and go by running the site's playbook again, and nobody notices."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from site_with_sessions import Site

PLAYBOOK = Path(__file__).parents[3] / "site.yml"
CLIENTS, REQUESTS = 200, 50


@pytest.fixture(autouse=True)
def whole(site: Site) -> None:
    site.make_whole()


def converge(site: Site, members: list[dict[str, str]]) -> None:
    given = json.dumps({"haweb_members": members})
    command = ["ansible-playbook", str(PLAYBOOK), f"--inventory={site.source}", f"--extra-vars={given}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_ten_thousand_requests_while_a_member_goes_and_comes_back(
    site: Site, say: Callable[[str], None]
) -> None:
    members = [
        {"url": f"http://{site.variables(name)['haweb_address']}:80", "route": name}
        for name in site.webservers
    ]
    staying, *_, going = site.webservers
    with site.browsing(CLIENTS, REQUESTS, pause=4.0) as visit:
        converge(site, members[:-1])
        converge(site, members)
    say(str(visit))
    assert len(visit.answers) == CLIENTS * REQUESTS
    assert visit.failed == 0
    assert {answer.server for answer in visit.answers} >= {staying, going}
    # Whose member has gone has to move; all others stay.
    strayed = [
        answer
        for answer in visit.answers
        if answer.cookie == f"BALANCEID=balancer.{staying}" and answer.server != staying
    ]
    assert strayed == []
    assert any(
        answer.cookie == f"BALANCEID=balancer.{going}" and answer.server == staying
        for answer in visit.answers
    ), "the member was never gone"
