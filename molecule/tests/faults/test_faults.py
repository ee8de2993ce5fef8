"""The cluster survives faults. A client sends a request every 20 ms, and each test proves its fault."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from testbed import PROGRAMS
from testbed.cluster import Cluster
from testbed.fault import netem
from testbed.waiting import wait_for

Say = Callable[[str], None]
SAME_PORT = PROGRAMS / "same_port.py"
SWITCH, STATUS = "playbooks/operate/switch.yml", "playbooks/operate/status.yml"
DIRECTORS = "playbooks/directors.yml"
HEARTBEAT = "molecule/tests/faults/heartbeat.yml"
SERVICES = "molecule/tests/faults/services.yml"
VIRTUAL_ADDRESS = "/etc/ha.d/resource.d/VirtualAddress"
SECOND_ADDRESS = "192.168.0.106/24"

# Seconds. An idle machine needs about three, a busy one more; with heartbeat's own defaults it is over
# thirty.
LONGEST_OUTAGE = 8
LONGEST_WITHOUT_LDIRECTORD = 5
LONGEST_REUNION = 8
SHORT_OUTAGE = 2
DEADTIME = 2
LONGEST_COLD_BOOT = 120
LONGEST_WITHOUT_ADDRESS = 2
LONGEST_SITE = 600


@pytest.fixture(autouse=True)
def whole(cluster: Cluster) -> None:
    """Begin with a whole cluster, whatever state the test before has left."""
    cluster.make_whole()


def test_client_notices_a_cut_network(cluster: Cluster, say: Say) -> None:
    """This tests the client itself: with a client that cannot fail, all tests below would prove nothing."""
    with cluster.lab.asking(cluster.url, seconds=6) as answers:
        time.sleep(1)
        cluster.lab("cut", *cluster.webservers)
        time.sleep(2)
        cluster.lab("heal", *cluster.webservers)
    say(f"{answers}")
    assert answers.failed > 0
    assert answers.longest_outage >= 1


def test_reused_client_port_is_scheduled_again(cluster: Cluster) -> None:
    """A proxy has few ports, and would reach a removed web server again."""
    answers = cluster.lab(
        "client", "--", "python3", str(SAME_PORT), cluster.address, "40000", "4"
    ).splitlines()
    assert sorted(answers) == sorted(f"Served by {name}" for name in [*cluster.webservers] * 2)


@contextmanager
def far_away(cluster: Cluster) -> Iterator[None]:
    """Delay the web servers' answers, as for a client on another continent."""
    delay, end = netem("delay 60ms")
    with ExitStack() as healing:
        for name in cluster.webservers:
            delay(cluster, name)
            healing.callback(end, cluster, name)
        yield


def test_planned_switch_and_back(cluster: Cluster, say: Say) -> None:
    """No request fails, no open connection breaks, and no connection that is being opened."""
    old, new, before = cluster.active(), cluster.standby(), put_back(cluster)
    with (
        far_away(cluster),
        cluster.lab.holding(cluster.url, connections=50, over=2) as held,
        cluster.lab.asking(cluster.url, seconds=45, patience=5) as answers,
    ):
        for target in (new, old):
            switch = cluster.run_playbook(SWITCH, haweb_switch_to=target)
            assert switch.returncode == 0, switch.output
            assert switch.changed == 1
            assert cluster.holders() == {target}
    say(f"{answers}; {held}")
    assert answers.saw_it_all
    assert answers.failed == 0
    assert held.broken == []
    assert put_back(cluster) == before
    for director in cluster.directors.values():
        assert "clsact" not in director.check_output("tc qdisc show dev eth0")


def test_start_repairs_a_killed_stop(cluster: Cluster) -> None:
    """It dropped new connections, and would drop them forever when the address returns."""
    standby = cluster.directors[cluster.standby()]
    argument, rules = "192.168.0.109/24/eth0", "tc filter show dev eth0 ingress"
    standby.check_output(f"{VIRTUAL_ADDRESS} {argument} start")
    try:
        standby.check_output(
            f"{VIRTUAL_ADDRESS} {argument} stop & "
            f"until {rules} | grep -q 192.168.0.109; do [ -e /proc/$! ] || exit 1; done; kill -KILL $!"
        )
        assert "192.168.0.109" in standby.check_output(rules)
        standby.check_output(f"{VIRTUAL_ADDRESS} {argument} start")
        wait_for("connections can begin", lambda: not standby.check_output(rules))
    finally:
        standby.check_output(f"{VIRTUAL_ADDRESS} {argument} stop; tc qdisc delete dev eth0 clsact")


def test_switch_to_where_the_addresses_are_changes_nothing(cluster: Cluster) -> None:
    switch = cluster.run_playbook(SWITCH, haweb_switch_to=cluster.active())
    assert (switch.returncode, switch.changed) == (0, 0)


def test_switch_is_refused_while_the_other_node_is_down(cluster: Cluster) -> None:
    active, standby = cluster.active(), cluster.standby()
    cluster.directors[standby].check_output("systemctl stop heartbeat")
    try:
        wait_for("it is declared dead", lambda: cluster.node_status(active, of=standby) == "dead")
        switch = cluster.run_playbook(SWITCH)
        assert switch.returncode != 0
        assert f"cannot be moved to {standby}" in " ".join(switch.output.split())
        assert cluster.holders() == {active}
    finally:
        cluster.directors[standby].check_output("systemctl start heartbeat")


def test_switch_is_refused_without_a_web_server(cluster: Cluster) -> None:
    """The fallback, which is the sorry page, does not count."""
    active, standby = cluster.active(), cluster.standby()
    for webserver in cluster.webservers.values():
        webserver.check_output("systemctl stop apache2")
    try:
        wait_for("nobody is left", lambda: cluster.table(standby).isdisjoint(cluster.webservers))
        switch = cluster.run_playbook(SWITCH)
        assert switch.returncode != 0
        assert "still has no working real server" in " ".join(switch.output.split())
        assert cluster.holders() == {active}
    finally:
        for webserver in cluster.webservers.values():
            webserver.check_output("systemctl start apache2")


def put_back(cluster: Cluster) -> int:
    """How many times a director has restored an address that another program removed."""
    report = "journalctl --quiet --output cat --identifier keep_addresses"
    return sum(len(director.check_output(report).splitlines()) for director in cluster.directors.values())


@pytest.mark.parametrize(
    "removes",
    ["systemctl restart systemd-networkd", "ip address delete 192.168.0.105/24 dev eth0"],
    ids=["networkd restarts", "by hand"],
)
def test_removed_address_is_added_again(cluster: Cluster, say: Say, removes: str) -> None:
    active, before = cluster.active(), put_back(cluster)
    with cluster.lab.asking(cluster.url, seconds=6) as answers:
        time.sleep(1)
        cluster.directors[active].check_output(removes)
        wait_for("the address is back", lambda: cluster.holders() == {active}, LONGEST_WITHOUT_ADDRESS)
    say(f"{answers}")
    assert put_back(cluster) > before
    assert answers.longest_outage < LONGEST_WITHOUT_ADDRESS


def test_address_that_is_nowhere(cluster: Cluster) -> None:
    """If haweb-addresses does not run either, `status` reports it, and site.yml adds it again."""
    active, standby = cluster.active(), cluster.standby()
    remove = f"systemctl stop haweb-addresses && ip address delete {cluster.address}/24 dev eth0"
    cluster.directors[active].check_output(remove)
    try:
        cluster.directors[standby].check_output("ipvsadm --stop-daemon backup")
        status = cluster.run_playbook(STATUS)
        assert status.returncode != 0
        assert f"{cluster.address} is on no node, but must be on exactly one." in status.output
        assert f"{standby}: its backup sync daemon does not run" in status.output
    finally:
        again = cluster.run_playbook(DIRECTORS)
    assert again.returncode == 0, again.output
    assert cluster.holders() == {active}
    assert cluster.directors[active].service("haweb-addresses").is_running
    assert "backup sync daemon" in cluster.directors[standby].check_output("ipvsadm --list --daemon")


def test_run_fails_with_a_split_brain(cluster: Cluster) -> None:
    """The directors do not receive each other's heartbeats, and each takes the address."""
    drop = "tc filter add dev eth0 ingress protocol ip flower ip_proto udp dst_port 694 action drop"
    for director in cluster.directors.values():
        director.check_output(f"tc qdisc add dev eth0 clsact && {drop}")
    try:
        wait_for("both have the address", lambda: cluster.holders() == set(cluster.directors))
        site = cluster.run_playbook(HEARTBEAT, heartbeat_wait=5)
        status = cluster.run_playbook(STATUS)
    finally:
        for director in cluster.directors.values():
            director.check_output("tc qdisc delete dev eth0 clsact")
    assert site.returncode != 0, site.output
    errors = " ".join(site.errors().split())
    for name in cluster.directors:
        (other,) = cluster.directors.keys() - {name}
        own = cluster.variables(other)["haweb_address"]
        assert f"{name}: after 5 s more than one machine has a virtual address" in errors
        assert f"{cluster.address} is on {name} and on {own} (" in errors
    assert "open UDP port 694 between them" in errors
    assert "the same secret" in errors
    assert status.returncode != 0
    assert (
        f"{cluster.address} is on {' and on '.join(cluster.directors)}, but must be on exactly one"
        in status.output
    )


def test_second_virtual_address_comes_and_goes(cluster: Cluster, say: Say) -> None:
    """Clients of the first one notice nothing."""
    active = cluster.active()
    first = cluster.variables(active)["haweb_services"][0]
    second = {**first, "name": "second", "address": SECOND_ADDRESS}
    everybody = {**cluster.directors, **cluster.webservers}

    def have_it() -> set[str]:
        ask = f"ip -oneline address show to {SECOND_ADDRESS.partition('/')[0]}"
        return {name for name, host in everybody.items() if host.run(ask).stdout}

    for services in ([first, second], [first]):
        with cluster.lab.asking(cluster.url, LONGEST_SITE, at_most=True) as answers:
            site = cluster.run_playbook(SERVICES, haweb_services=services)
        assert site.returncode == 0, site.output
        say(f"{len(services)} of two addresses: {answers}")
        assert answers.saw_it_all
        assert answers.failed == 0
        assert have_it() == ({active, *cluster.webservers} if second in services else set())
        # The web servers and the directors' table have these addresses and no others.
        for name in cluster.directors:
            table = cluster.directors[name].check_output("ipvsadm --save --numeric")
            assert ("-A -t 192.168.0.106:80 " in table) == (second in services)


def test_power_cut_of_the_active_director(cluster: Cluster, say: Say) -> None:
    old, new = cluster.active(), cluster.standby()
    with cluster.lab.asking(cluster.url, seconds=12) as answers:
        time.sleep(1)
        cluster.lab("power-cut", old)
        wait_for("the standby has the address", lambda: cluster.holders() == {new}, seconds=10)
    assert cluster.lab.states()[old] == "off"
    say(f"{answers}")
    assert answers.failed > 0
    assert answers.longest_outage < LONGEST_OUTAGE

    cluster.make_whole()
    assert cluster.active() == new, "the address has failed back"


def test_power_cut_of_the_standby(cluster: Cluster, say: Say) -> None:
    active, standby = cluster.active(), cluster.standby()
    with cluster.lab.asking(cluster.url, seconds=10) as answers:
        cluster.lab("power-cut", standby)
        wait_for("the standby is declared dead", lambda: cluster.node_status(active, of=standby) == "dead")
    assert cluster.lab.states()[standby] == "off"
    say(f"{answers}")
    assert answers.failed == 0
    assert cluster.holders() == {active}


def test_preferred_director_hangs_and_comes_back(cluster: Cluster, say: Say) -> None:
    """It finds an address that the other one has taken, and releases it, even though it is preferred."""
    if cluster.active() != cluster.preferred:
        switch = cluster.run_playbook(SWITCH)
        assert switch.returncode == 0, switch.output
    old, new = cluster.preferred, cluster.standby()
    cluster.lab("freeze", old)
    try:
        wait_for("the other one has the address", lambda: cluster.holders() == {new}, seconds=10)
        time.sleep(DEADTIME)
        with (
            cluster.lab.watching_arp(cluster.address, LONGEST_REUNION) as claims,
            cluster.lab.asking(cluster.url, LONGEST_REUNION) as answers,
        ):
            cluster.lab("thaw", old)
    finally:
        # Thaw it even if the test fails before: a frozen machine would block the next tests.
        cluster.lab("thaw", old)
    both = sum(len(claimed) > 1 for claimed in claims.answers)
    say(f"both claimed the address in {both} of {len(claims.answers)} answers; {answers}")
    assert both
    assert claims.answers[-1] == {cluster.mac(new)}
    assert cluster.active() == new
    assert answers.longest_outage < SHORT_OUTAGE


def test_apache_stops(cluster: Cluster, say: Say) -> None:
    victim = next(iter(cluster.webservers))
    with cluster.lab.asking(cluster.url, seconds=8) as answers:
        cluster.webservers[victim].check_output("systemctl stop apache2")
        wait_for("it is removed", lambda: victim not in cluster.table(cluster.active()), seconds=8)
    afterwards = cluster.lab.ask(cluster.url, seconds=3)
    say(f"until it was detected {answers}; afterwards {afterwards}")
    assert victim not in str(afterwards.servers)
    assert afterwards.failed == 0


def test_power_cut_of_a_webserver(cluster: Cluster, say: Say) -> None:
    victim = next(iter(cluster.webservers))
    with cluster.lab.asking(cluster.url, seconds=15) as answers:
        cluster.lab("power-cut", victim)
        wait_for("it is removed", lambda: victim not in cluster.table(cluster.active()), seconds=15)
    afterwards = cluster.lab.ask(cluster.url, seconds=3)
    say(f"until it was detected {answers}; afterwards {afterwards}")
    assert cluster.lab.states()[victim] == "off"
    assert answers.failed > 0
    assert afterwards.failed == 0


def test_ldirectord_is_killed(cluster: Cluster, say: Say) -> None:
    director = cluster.directors[cluster.active()]
    killed = director.check_output("pgrep --exact ldirectord")

    def is_back() -> bool:
        return director.run("pgrep --exact ldirectord").stdout.strip() not in ("", killed)

    with cluster.lab.asking(cluster.url, seconds=10) as answers:
        time.sleep(1)
        director.check_output("kill -KILL %s", killed)
        start = time.monotonic()
        wait_for("ldirectord is back", is_back, LONGEST_WITHOUT_LDIRECTORD)
        seconds = time.monotonic() - start
    say(f"back after {seconds:.1f} s; {answers}")
    assert answers.failed == 0


def test_both_directors_are_cut_and_boot_cold(cluster: Cluster, say: Say) -> None:
    def is_served() -> bool:
        return cluster.lab.ask(cluster.url, seconds=0.5).failed == 0

    assert is_served()
    start = time.monotonic()
    cluster.lab("power-cut", *cluster.directors)
    assert not is_served()
    cluster.lab("power-on", *cluster.directors)
    wait_for("the address is served again", is_served, LONGEST_COLD_BOOT)
    say(f"{time.monotonic() - start:.0f} s from the power cut to the first good answers")
    assert len(cluster.holders()) == 1


def test_webserver_boots_silently(cluster: Cluster) -> None:
    """It must not answer ARP for the virtual address, even during its boot: it would attract clients."""
    victim = next(iter(cluster.webservers))
    uptime = cluster.uptime(victim)
    with cluster.lab.watching_arp(cluster.address, seconds=25) as claims:
        cluster.lab("stop", victim)
        cluster.lab("start", victim)
    host = cluster.webservers[victim]
    assert cluster.uptime(victim) < uptime
    assert claims.macs == {cluster.mac(cluster.active())}
    assert host.sysctl("net.ipv4.conf.all.arp_ignore") == 1
    assert host.sysctl("net.ipv4.conf.all.arp_announce") == 2  # noqa: PLR2004
    assert f"inet {cluster.address}/32 " in host.check_output("ip -oneline address show dev lo")
