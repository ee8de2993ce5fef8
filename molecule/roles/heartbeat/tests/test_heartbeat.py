"""The files of heartbeat. With them each pair is one cluster."""

from __future__ import annotations

import pytest
from testbed.container import Node, Pairs

SECRET = "/etc/ha.d/authkeys"
KINDS = ["default", "alternative"]
# Sends messages as heartbeat's scripts do, while signals interrupt the process that reads them.
MESSAGES = r"""
. /etc/ha.d/shellfuncs
set -e
reader=$(pgrep -f '^heartbeat: FIFO reader')
HA_FIFO=/var/lib/heartbeat/fifo
python3 -c "
import os, signal, time
while True:
    os.kill($reader, signal.SIGALRM)
    time.sleep(0.0005)" &
since=$(date '+%F %T')
for number in $(seq 200); do printf 't=test\nnumber=%s\n' "$number" | ha_clustermsg; done
# An error if the signals have not come until now.
kill $!
sleep 1
journalctl --since "$since" | grep -cE 'Invalid message|zero fields' || true
"""
# Calls harc for events, each with the state of a node and the number of its start. The scripts that harc
# calls only print that they were called. Every address is also on another host, and waiting takes no time.
HARC = r"""
set -e
HA_DIR=$(mktemp -d -p /var/tmp)
HA_RUN=$HA_DIR
: "${HA_CURHOST:=here}"
HA_HEARTBEAT=true
PATH=$HA_DIR/bin:$PATH
export HA_DIR HA_RUN HA_CURHOST HA_HEARTBEAT PATH
mkdir "$HA_DIR/resource.d" "$HA_DIR/rc.d" "$HA_DIR/bin"
ln -s /bin/true "$HA_DIR/bin/sleep"
for script in resource.d/VirtualAddress rc.d/status rc.d/ip-request bin/systemctl; do
    printf '#!/bin/sh\necho "${0##*/} $*"\n[ "${2-}" != alone ]\n' >"$HA_DIR/$script"
    chmod +x "$HA_DIR/$script"
done
echo 'node1 VirtualAddress::A VirtualAddress::B MailTo::root VirtualAddress::C' >"$HA_DIR/haresources"
for event in $EVENTS; do
    HA_st=${event%:*} HA_hg=${event#*:} HA_ts=$(printf %x $(($(date +%s) - ${AGE-0}))) /etc/ha.d/harc "$TYPE"
done
rm -r "$HA_DIR"
"""
HA_CF = {
    "default": ["bcast eth0", "auto_failback off", "deadtime 2"],
    "alternative": [
        *("ucast eth0 198.51.100.13", "ucast eth0 198.51.100.14", "udpport 700"),
        *("keepalive 200ms", "deadtime 1500ms", "auto_failback on"),
    ],
}
NODES = {"default": ["node node1", "node node2"], "alternative": ["node node4", "node node3"]}
RESOURCES = {
    "default": ["node1 VirtualAddress::198.51.100.105/24/eth0/198.51.100.255"],
    "alternative": [
        "node4 VirtualAddress::198.51.100.106/24/eth0/198.51.100.255"
        " VirtualAddress::198.51.100.107/24/eth0/198.51.100.255"
    ],
}


def test_heartbeat_runs_now_and_at_boot(node: Node) -> None:
    service = node.host.service("heartbeat")
    assert (service.is_running, service.is_enabled) == (True, True)


@pytest.mark.parametrize("package", ["pacemaker", "corosync"])
def test_second_cluster_manager_is_not_installed(node: Node, package: str) -> None:
    assert not node.host.package(package).is_installed


def test_only_root_can_read_the_secret(node: Node) -> None:
    assert node.rights(SECRET) == ("root", "root", 0o600)


def test_only_root_can_read_the_directives(node: Node) -> None:
    assert node.rights("/etc/ha.d/ha.cf") == ("root", "root", 0o600)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["ha.cf", "haresources", "authkeys"])
def test_file_is_the_same_on_both(pairs: Pairs, kind: str, name: str) -> None:
    assert len({node.host.file(f"/etc/ha.d/{name}").sha256sum for node in pairs[kind]}) == 1


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind in KINDS for line in HA_CF[kind]])
def test_directive(pairs: Pairs, kind: str, line: str) -> None:
    assert line in pairs[kind][0].lines("/etc/ha.d/ha.cf")


@pytest.mark.parametrize("kind", KINDS)
def test_every_node_is_named_once_and_the_preferred_first(pairs: Pairs, kind: str) -> None:
    lines = pairs[kind][0].lines("/etc/ha.d/ha.cf")
    assert [line for line in lines if line.startswith("node ")] == NODES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_resources(pairs: Pairs, kind: str) -> None:
    assert pairs[kind][0].lines("/etc/ha.d/haresources") == RESOURCES[kind]


def test_second_key_signs(alternative: Node) -> None:
    auth, first, second = alternative.lines(SECRET)
    assert (auth, first.split()[:2], second.split()[:2]) == ("auth 2", ["1", "sha1"], ["2", "md5"])


@pytest.mark.parametrize("kind", KINDS)
def test_both_nodes_receive_heartbeats(pairs: Pairs, kind: str) -> None:
    for node in pairs[kind]:
        heard = [node.host.check_output("cl_status nodestatus %s", other.name) for other in pairs[kind]]
        assert heard == ["active", "active"]


def harc(node: Node, events: str, message: str = "HA_src=there", kind: str = "status") -> list[str]:
    """Return the scripts that harc calls."""
    said: str = node.host.check_output(f"{message} TYPE={kind} EVENTS='{events}' sh -c %s", HARC)
    return said.splitlines()


@pytest.mark.parametrize(
    ("kind", "state", "message", "calls"),
    [
        ("status", "dead", "HA_src=there", ["VirtualAddress A start", "VirtualAddress B start"]),
        ("status", "dead", "HA_src=router HA_info=ping", []),
        ("status", "dead", "HA_src=here", []),
        ("status", "active", "HA_src=there", []),
        ("ip-request", "", "HA_src=there", []),
    ],
)
def test_addresses_that_stand_first_are_taken_first(
    node: Node, kind: str, state: str, message: str, calls: list[str]
) -> None:
    assert harc(node, f"{state}:7", message, kind) == [*calls, f"{kind} {kind}"]


@pytest.mark.parametrize(("events", "missed"), [("active:7 active:8", False), ("active:7 active:7", True)])
def test_only_a_node_without_a_restart_was_missed(node: Node, events: str, missed: bool) -> None:
    assert ("VirtualAddress A status" in harc(node, events)) == missed


@pytest.mark.parametrize(
    ("name", "age", "looks", "announcements"),
    [
        ("node1", 9, 1, 0),
        ("node2", 9, 3, 0),
        ("node1", 0, 30, 30),
        ("node2", 0, 4, 2),
    ],
)
def test_node_that_was_away_releases_first(
    node: Node, name: str, age: int, looks: int, announcements: int
) -> None:
    """The first message that it receives is from the time when it went away."""
    calls = harc(node, "active:7 active:7", f"HA_src=there HA_CURHOST={name} AGE={age}")
    assert calls.count("VirtualAddress A alone") == looks
    assert calls.count("VirtualAddress A start") == announcements
    # heartbeat may restart in the same process, and systemd then starts no other unit.
    assert calls[-5:] == [
        "systemctl stop haweb-addresses",
        "VirtualAddress A stop",
        "VirtualAddress B stop",
        "systemctl start haweb-addresses",
        "status status",
    ]


VIRTUAL_ADDRESS = "/etc/ha.d/resource.d/VirtualAddress"
SPARE = "203.0.113.9"


def test_stop_removes_the_address_with_every_prefix(node: Node) -> None:
    """An address that stays causes a reboot: heartbeat checks `status` after ten failed stops."""
    argument = f"{SPARE}/24/eth0"
    node.host.check_output(f"{VIRTUAL_ADDRESS} {argument} start")
    node.host.check_output(f"ip address add {SPARE}/32 dev eth0")
    stop = node.host.run(f"{VIRTUAL_ADDRESS} {argument} stop")
    try:
        assert (stop.rc, node.host.run(f"{VIRTUAL_ADDRESS} {argument} status").stdout) == (0, "stopped\n")
    finally:
        node.host.run(f"ip address flush dev eth0 to {SPARE}/32")
    assert node.host.check_output("ip -4 -oneline address show dev eth0 to 198.51.100.0/24")


def test_no_message_is_lost_when_its_reader_is_interrupted(node: Node) -> None:
    assert node.host.check_output("sh -c %s", MESSAGES).strip() == "0"
