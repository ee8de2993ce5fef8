"""Both directors take every packet. A client sends a request every 10 ms, and 300 connections are held."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from testbed import PROGRAMS, both_directors
from testbed.both_directors import (
    EVERY,
    LONGEST_BOOT,
    TRACES,
    Traffic,
    both_take,
    patient_web_servers,
    shared_mac,
)
from testbed.cluster import Cluster
from testbed.waiting import wait_for

Say = Callable[[str], None]

# Seconds.
FROZEN = 8
DEAD = 4
CUT = 5
# Of a thousand requests.
MOST_RESETS = 1
# The reason for which a director stops before its table differs from the other one's.
ABOUT_TO_CHANGE = "takes nothing, .* about to change"
PATH_MTU = PROGRAMS / "path_mtu.py"
NARROW = 1200  # bytes


@pytest.fixture(autouse=True, scope="module")
def patient(cluster: Cluster) -> Iterator[None]:
    with patient_web_servers(cluster):
        yield


@pytest.fixture(autouse=True)
def whole(cluster: Cluster) -> None:
    cluster.make_whole()
    both_take(cluster)


def packets(cluster: Cluster, name: str) -> int:
    """How many packets this director has forwarded to web servers."""
    line = cluster.directors[name].check_output("ipvsadm --list --numeric --stats --exact | grep ^TCP")
    return int(line.split()[3])


@contextmanager
def traffic(cluster: Cluster, seconds: float, say: Say) -> Iterator[Traffic]:
    """Send requests and hold connections while the body causes a fault; print the result."""
    with both_directors.traffic(cluster, seconds) as seen:
        yield seen
    say(f"{seen}")


def said(cluster: Cluster, director: str, why: str) -> int:
    """How many times haweb-both has given this reason."""
    lines = "journalctl --quiet --output cat --unit haweb-both --grep %s | wc -l"
    return int(cluster.directors[director].check_output(lines, why))


def test_every_packet_reaches_both(cluster: Cluster) -> None:
    before = {name: packets(cluster, name) for name in cluster.directors}
    answers = cluster.lab.ask(cluster.url, seconds=3)
    assert answers.failed == 0
    assert len(answers.servers) == len(cluster.webservers)
    # The kernel updates its counters every two seconds.
    for name in cluster.directors:
        wait_for(
            f"{name} has counted three packets of each request",
            lambda name=name: packets(cluster, name) - before[name] > 3 * answers.asked,  # type: ignore[misc]
            seconds=5,
        )


def test_traces_are_found(cluster: Cluster) -> None:
    """The commands for traces find them; the scenario `storm` checks that they find none."""
    for director in cluster.directors.values():
        assert [what for what, command in TRACES.items() if director.run(command).rc != 0] == []


def test_client_knows_one_mac(cluster: Cluster) -> None:
    """Both directors answer with the MAC that no card has."""
    with cluster.lab.watching_arp(cluster.address, seconds=2) as claims:
        pass
    assert claims.macs == {shared_mac(cluster)}


def test_icmp_error_reaches_the_right_web_server(cluster: Cluster) -> None:
    """An ICMP error follows its connection."""
    ask = ["client", "--", "python3", str(PATH_MTU), cluster.address, "80", str(NARROW)]
    client, server = cluster.lab(*ask).split()
    routes = {
        name: host.check_output("ip route get %s && ip route flush cache", client)
        for name, host in cluster.webservers.items()
    }
    assert [name for name, route in routes.items() if f"mtu {NARROW}" in route] == [server]


def test_director_that_does_not_take_part_is_reported(cluster: Cluster) -> None:
    victim = cluster.standby()
    cluster.directors[victim].check_output("systemctl stop haweb-both")
    told = cluster.run_playbook("playbooks/operate/status.yml")
    cluster.directors[victim].check_output("systemctl start haweb-both")
    assert told.returncode != 0
    assert f"{victim}: haweb-both does not run, so that this director takes no packets" in told.output


def test_network_that_drops_the_packets_is_refused(cluster: Cluster) -> None:
    """One director gets no frames for an unknown MAC, the other one no ARP replies."""
    first, second = cluster.directors
    mac = shared_mac(cluster)
    drop = "tc filter add dev eth0 ingress pref 1 protocol {} flower dst_mac {} action drop"
    undo = "tc filter delete dev eth0 ingress pref 1"
    with (
        cluster.lab.done_at(first, drop.format("all", mac), undo),
        cluster.lab.done_at(second, drop.format("arp", mac), undo),
    ):
        refused = cluster.run_playbook("playbooks/check.yml", "--limit=directors")
    assert refused.returncode != 0
    own = {name: cluster.variables(name)["haweb_address"] for name in cluster.directors}
    assert f"{first}: a frame from {own[second]} to {mac}, the MAC of {cluster.address}" in refused.output
    assert f"{second}: an ARP reply from {own[first]} with {mac}" in refused.output


def test_power_cuts_and_returns(cluster: Cluster, say: Say) -> None:
    """The one with the address is first. The same connections survive the failure of each director."""
    victims = [cluster.active(), cluster.standby()]
    with traffic(cluster, 95, say) as seen:
        for victim in victims:
            cluster.lab("power-cut", victim)
            assert cluster.lab.states()[victim] == "off"
            time.sleep(DEAD)
            cluster.lab("power-on", victim)
            wait_for("it takes packets again", partial(cluster.takes, victim), LONGEST_BOOT)
            time.sleep(1)
    assert seen.lost == []


def test_owner_joins_where_it_was_alone(cluster: Cluster, say: Say) -> None:
    """As after a change of the form: clients send to its own MAC, whatever it takes."""
    owner = cluster.directors[cluster.active()]
    alone = "systemctl stop haweb-both && haweb-both /etc/ha.d/haweb-both.json clean"
    with traffic(cluster, 60, say) as seen:
        owner.check_output(alone)
        assert cluster.lab.who_has(cluster.address) >= {cluster.mac(cluster.active())}
        owner.check_output("systemctl start haweb-both")
        both_take(cluster)
        time.sleep(1)
    assert seen.lost == []


def test_director_hangs_and_continues(cluster: Cluster, say: Say) -> None:
    victim = cluster.active()
    with traffic(cluster, 40, say) as seen:
        cluster.lab("freeze", victim)
        time.sleep(FROZEN)
        cluster.lab("thaw", victim)
        time.sleep(3)
    assert seen.lost == []


def test_director_receives_nothing_and_comes_back(cluster: Cluster, say: Say) -> None:
    """It still sends, and no longer has a web server. It takes packets again after the other one's answer."""
    victim = cluster.active()
    reasons = ["nothing is received", "the other director's messages are missing"]
    before = [said(cluster, victim, why) for why in reasons]
    with traffic(cluster, 40, say) as seen:
        cluster.lab("cut", victim, "--direction", "in")
        time.sleep(CUT)
        cluster.lab("heal", victim)
        wait_for("it takes packets again", lambda: cluster.takes(victim))
        time.sleep(1)
    assert [said(cluster, victim, why) for why in reasons] == [before[0] + 1, before[1]]
    assert seen.lost == []


def test_owner_that_releases_the_address_drops_nothing(cluster: Cluster, say: Say) -> None:
    """The other director may fail at that moment, and then no other one forwards the packets."""
    owner, other = cluster.directors[cluster.active()], cluster.standby()
    script = f"/etc/ha.d/resource.d/VirtualAddress {cluster.address}/24/eth0"
    with traffic(cluster, 12, say) as seen:
        cluster.lab("cut", other, "--direction", "out")
        time.sleep(1)
        owner.check_output(f"{script} stop; {script} start")
        time.sleep(1)
        cluster.lab("heal", other)
        time.sleep(5)
    assert seen.lost == []


def test_web_server_comes_back(cluster: Cluster, say: Say) -> None:
    """While the tables differ, packets could go to different web servers: so one director stops before."""
    name, webserver = next(iter(cluster.webservers.items()))
    follower = cluster.standby()
    webserver.check_output("systemctl stop apache2")
    wait_for(
        "it is removed", lambda: all(name not in cluster.table(director) for director in cluster.directors)
    )
    both_take(cluster)
    before = said(cluster, follower, ABOUT_TO_CHANGE)
    with cluster.lab.asking(cluster.url, 10, every=EVERY) as answers:
        time.sleep(1)
        webserver.check_output("systemctl start apache2")
    assert all(name in cluster.table(director) for director in cluster.directors)
    assert said(cluster, follower, ABOUT_TO_CHANGE) > before
    say(f"{answers}")
    assert answers.failed <= MOST_RESETS
