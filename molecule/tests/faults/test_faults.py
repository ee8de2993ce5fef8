"""What the cluster survives. A client asks every 20 ms all the while; each test proves first that the fault took place."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from cluster import Cluster, wait_for

# Seconds. The timers make it about three; more than this is a fault of ours, not of a busy machine.
LONGEST_OUTAGE = 5.0


@pytest.fixture(autouse=True)
def whole(cluster: Cluster) -> None:
    """Begin with a whole cluster, whatever the test before has left."""
    cluster.make_whole()


def test_client_sees_an_outage(cluster: Cluster, say: Callable[[str], None]) -> None:
    """The yardstick itself: cut everybody's network for a second, and the client must notice."""
    with cluster.asking() as answers:
        time.sleep(1)
        cluster.lab.cut(*cluster.directors)
        time.sleep(1)
        cluster.lab.heal(*cluster.directors)
        time.sleep(2)
    say(answers.summary())
    assert answers.failures > 0
    assert answers.outage > 0.9


def test_power_cut_of_the_active_director(cluster: Cluster, say: Callable[[str], None]) -> None:
    old, new = cluster.active(), cluster.standby()
    with cluster.asking() as answers:
        cluster.lab.power_cut(old)
        wait_for("the standby holds the address", lambda: cluster.holders() == {new})
        time.sleep(2)
    assert cluster.lab.is_off(old)
    say(answers.summary())
    assert 0 < answers.outage < LONGEST_OUTAGE
    assert answers.failures > 0

    cluster.lab.power_on(old)
    cluster.wait_until_whole()
    assert cluster.active() == new  # no fail-back


def test_power_cut_of_the_standby(cluster: Cluster, say: Callable[[str], None]) -> None:
    active, standby = cluster.active(), cluster.standby()
    with cluster.asking() as answers:
        cluster.lab.power_cut(standby)
        wait_for("heartbeat declares the standby dead", lambda: cluster.node_status(active, standby) == "dead")
        time.sleep(2)
    assert cluster.lab.is_off(standby)
    say(answers.summary())
    assert answers.failures == 0
    assert cluster.active() == active


def test_apache_stops(cluster: Cluster, say: Callable[[str], None]) -> None:
    victim = next(iter(cluster.webservers))
    with cluster.asking() as answers:
        cluster.webservers[victim].check_output("systemctl stop apache2")
        cluster.wait_until_removed(victim)
        detected = answers.mark()
        time.sleep(3)
    assert not cluster.webservers[victim].service("apache2").is_running
    say(f"{answers.summary()}; until it was detected: {answers.failures_before(detected)}")
    assert answers.failures_after(detected) == 0


def test_power_cut_of_a_webserver(cluster: Cluster, say: Callable[[str], None]) -> None:
    victim = next(iter(cluster.webservers))
    with cluster.asking() as answers:
        cluster.lab.power_cut(victim)
        cluster.wait_until_removed(victim)
        detected = answers.mark()
        time.sleep(3)
    assert cluster.lab.is_off(victim)
    say(f"{answers.summary()}; until it was detected: {answers.failures_before(detected)}")
    assert answers.failures_before(detected) > 0
    assert answers.failures_after(detected) == 0


def test_every_apache_stops(cluster: Cluster, say: Callable[[str], None]) -> None:
    """Nobody is left: the fallback takes the place of the real servers, and gives it back."""


def test_ldirectord_is_killed(cluster: Cluster, say: Callable[[str], None]) -> None:
    director = cluster.directors[cluster.active()]
    old = director.check_output("pgrep --exact ldirectord")
    with cluster.asking() as answers:
        director.check_output("kill -KILL %s", old)
        killed = time.monotonic()
        wait_for("systemd starts ldirectord anew", lambda: cluster.ldirectord_pid(director) not in ("", old))
        seconds = time.monotonic() - killed
        time.sleep(3)
    say(f"back after {seconds:.1f} s; {answers.summary()}")
    assert seconds < 5
    assert answers.failures == 0


def test_both_directors_are_cut_and_boot_cold(cluster: Cluster, say: Callable[[str], None]) -> None:
    with cluster.asking() as answers:
        cluster.lab.power_cut(*cluster.directors)
        time.sleep(1)
        assert all(cluster.lab.is_off(name) for name in cluster.directors)
        cluster.lab.power_on(*cluster.directors)
        cluster.wait_until_whole()
        time.sleep(2)
    say(answers.summary())
    assert answers.failures > 0
    assert answers.last_ok


def test_reboot_of_a_webserver(cluster: Cluster, say: Callable[[str], None]) -> None:
    victim = next(iter(cluster.webservers))
    boot = cluster.boot_id(victim)
    with cluster.lab.watching_arp(cluster.address) as macs:
        cluster.webservers[victim].run("systemctl reboot")
