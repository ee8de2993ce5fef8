"""Members go and come back by running site.yml again; clients, sessions and Apache's process stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from testbed.site_with_sessions import Site

CLIENTS, REQUESTS, PAUSE = 200, 50, 1.2
BROKEN = "/etc/apache2/conf-enabled/broken.conf"


def apache(site: Site) -> str:
    """Which process Apache is on the balancer, and since when."""
    (balancer,) = site.balancers.values()
    ask = "systemctl show apache2 --property=MainPID,ExecMainStartTimestampMonotonic,NRestarts"
    return str(balancer.check_output(ask))


def forget_who_has_served_how_much(site: Site) -> None:
    """Sessions count too: whoever has had fewer of them gets all new clients until it has caught up."""
    for balancer in site.balancers.values():
        balancer.check_output(
            "systemctl stop apache2 && rm -f /run/apache2/*.persist && systemctl start apache2"
        )


@pytest.fixture
def even(site: Site) -> Iterator[None]:
    """The clients of this test come to every web server, and so do those of the next."""
    forget_who_has_served_how_much(site)
    yield
    forget_who_has_served_how_much(site)


def refuse(site: Site, members: list[dict[str, str]]) -> str:
    """Run site.yml while Apache would refuse its configuration, and return what the run says."""
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

        # The cause is mended, and the same run goes through.
        site.converge("--limit=balancers", haweb_members=fewer)
        assert site.server_of_session(going) == staying

        site.converge("--limit=balancers")
        assert site.server_of_session(going) == going
    say(str(visit))
    assert len(visit.answers) >= CLIENTS * REQUESTS
    assert visit.failed == 0
    # Nobody moves but those whose member has gone, and they move once.
    assert {tuple(stays) for stays in visit.stays.values()} == {(staying,), (going, staying)}
    assert visit.wrong == sum(stays == [going, staying] for stays in visit.stays.values())
    # Apache has read its configuration again; it has never started again.
    assert apache(site) == before
