"""For a session all balancers behave like one."""

from __future__ import annotations

import pytest
from testbed.site_with_sessions import Site


def test_every_balancer_sends_a_session_to_the_same_web_server(site: Site) -> None:
    for name in site.webservers:
        for balancer in site.balancers:
            url = f"http://{site.address_of(balancer)}/"
            assert site.server_of_session(name, url) == name


def test_address_is_on_one_carrier(site: Site) -> None:
    if not site.carriers:
        pytest.skip("clients ask the balancer by its own address")
    assert len(site.holders()) == 1
    assert len(site.lab.who_has(site.address)) == 1


def test_directors_use_all_balancers_at_once(site: Site) -> None:
    if not site.directors:
        pytest.skip("heartbeat keeps the address on one balancer")
    table = site.directors[site.active()].check_output("ipvsadm --list --numeric")
    for balancer in site.balancers:
        assert f"{site.address_of(balancer)}:80" in table


def test_key_has_gone_with_tls(site: Site) -> None:
    """An earlier run had TLS, and the last one has not."""
    for balancer in site.balancers.values():
        assert not balancer.file("/etc/ssl/private/haweb-balancer.key").exists
