"""site.yml removes and adds members; clients, sessions and Apache's process stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from testbed.site_with_sessions import Site

CLIENTS, REQUESTS, PAUSE = 200, 50, 1.2
BROKEN = "/etc/apache2/conf-enabled/broken.conf"


def apache(site: Site) -> str:
    """Return Apache's process on the balancer, and its start time."""
    (balancer,) = site.balancers.values()
    ask = "systemctl show apache2 --property=MainPID,ExecMainStartTimestampMonotonic,NRestarts"
    return str(balancer.check_output(ask))


def forget_who_has_served_how_much(site: Site) -> None:
    """Past sessions count, too: a member with fewer sessions gets all new clients until it has as many."""
    for balancer in site.balancers.values():
        balancer.check_output(
            "systemctl stop apache2 && rm -f /run/apache2/*.persist && systemctl start apache2"
        )


@pytest.fixture
def even(site: Site) -> Iterator[None]:
    """The clients of this test and of the next reach every web server."""
    forget_who_has_served_how_much(site)
    yield
    forget_who_has_served_how_much(site)


def refuse(site: Site, members: list[dict[str, str]]) -> str:
    """Run site.yml while Apache refuses its configuration, and return the output of the run."""
    (balancer,) = site.balancers.values()
    balancer.check_output(f"echo NoSuchDirective > {BROKEN}")
    try:
        run = site.run_site("--limit=balancers", haweb_members=members)
    finally:
        balancer.check_output(f"rm {BROKEN}")
    assert run.returncode != 0, run.output
    return run.errors()


@pytest.mark.usefixtures("even")
def test_ten_thousand_requests_while_a_member_goes_and_comes_back(
    site: Site, say: Callable[[str], None]
) -> None:
    (balancer,) = site.balancers
    staying, going = site.webservers
    fewer = [site.member(staying)]
    before = apache(site)
    with site.browsing(CLIENTS, REQUESTS, PAUSE) as visit:
        refusal = refuse(site, fewer)
        assert all(word in refusal for word in (balancer, BROKEN, "NoSuchDirective")), refusal
        assert site.server_of_session(going) == going

        # The cause is removed, and the same run succeeds.
        site.converge("--limit=balancers", haweb_members=fewer)
        assert site.server_of_session(going) == staying

        site.converge("--limit=balancers")
        assert site.server_of_session(going) == going
    say(str(visit))
    assert len(visit.answers) >= CLIENTS * REQUESTS
    assert visit.failed == 0
    # Only clients of the removed member move, and they move once.
    assert {tuple(stays) for stays in visit.stays.values()} == {(staying,), (going, staying)}
    assert visit.wrong == sum(stays == [going, staying] for stays in visit.stays.values())
    # Apache has read its configuration again, and has not restarted.
    assert apache(site) == before
