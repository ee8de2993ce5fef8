# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.filter.ha_cf import FilterModule
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.options import DIRECTIVES, MEDIA
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.values import duration
from hypothesis import event, given, settings
from hypothesis import strategies as st

ha_cf: Callable[..., Any] = FilterModule().filters()["ha_cf"]

NODES = {"loadb1": "loadb1", "loadb2.example.com": "LoadB2.example.com"}


def lines(directives: object, nodes: object = NODES, interface: object = "eth0") -> list[str]:
    return [f"{line['name']} {line['value']}" for line in ha_cf(directives, nodes, interface)]


def test_our_defaults() -> None:
    assert lines({}) == [
        "logfacility local0",
        "keepalive 250ms",
        "deadtime 2",
        "warntime 1",
        "initdead 15",
        "bcast eth0",
        "mcast eth0 225.0.0.1 694 1 0",
        "auto_failback off",
        "node loadb1",
        "node loadb2.example.com",
    ]


def test_the_tutorials_file() -> None:
    directives = {
        "logfacility": "local0",
        "bcast": "eth0",
        "mcast": "eth0 225.0.0.1 694 1 0",
        "auto_failback": False,
        "ping": "192.168.0.1",
    }
    assert lines(directives)[5:-2] == [
        "bcast eth0",
        "mcast eth0 225.0.0.1 694 1 0",
        "ping 192.168.0.1",
        "auto_failback off",
        "respawn hacluster /usr/libexec/heartbeat/ipfail",
        "apiauth ipfail gid=haclient uid=hacluster",
    ]


@pytest.mark.parametrize(
    ("directives", "present", "absent"),
    [
        ({"bcast": "eth0 eth1"}, ["bcast eth0", "bcast eth1"], ["mcast"]),
        ({"bcast": [], "serial": None}, ["bcast eth0", "mcast eth0 225.0.0.1 694 1 0"], ["serial"]),
        ({"serial": [None]}, ["bcast eth0", "mcast eth0 225.0.0.1 694 1 0"], ["serial"]),
        ({"bcast": ["eth0", "eth1"]}, ["bcast eth0", "bcast eth1"], ["mcast"]),
        (
            {"ucast": ["eth0 10.0.0.1", "eth0  10.0.0.2"]},
            ["ucast eth0 10.0.0.1", "ucast eth0 10.0.0.2"],
            ["bcast"],
        ),
        ({"serial": "/dev/ttyS0", "baud": 9600}, ["baud 9600", "serial /dev/ttyS0"], ["bcast", "mcast"]),
        ({"udpport": 700}, ["udpport 700", "mcast eth0 225.0.0.1 700 1 0"], []),
        ({"deadtime": 30}, ["deadtime 30", "warntime 15", "initdead 60"], []),
        ({"deadtime": "700ms"}, ["deadtime 700ms", "warntime 350ms", "initdead 15"], []),
        ({"deadtime": 1.7}, ["deadtime 1.7", "warntime 850ms"], []),
        ({"deadtime": None}, ["keepalive 250ms"], ["deadtime", "warntime", "initdead"]),
        ({"use_logd": True}, ["use_logd on"], ["logfacility"]),
        ({"auto_failback": "legacy"}, ["auto_failback legacy"], []),
        ({"auto_failback": "YES"}, ["auto_failback on"], []),
        ({"ping_group": "gateways 10.0.0.1  10.0.0.2"}, ["ping_group gateways 10.0.0.1 10.0.0.2"], ["ping"]),
        ({"ping": "10.0.0.1", "respawn": "root /opt/watch me"}, ["respawn root /opt/watch me"], ["apiauth"]),
        ({"ping": "10.0.0.1", "apiauth": ["ipfail uid=hacluster"]}, ["apiauth ipfail uid=hacluster"], []),
        ({"keepalive": "1ms"}, ["keepalive 1ms"], []),
        ({"ping_group": "gateway 10.0.0.1"}, ["ping_group gateway 10.0.0.1"], ["ping"]),
        ({"bcast": "x" * 15}, [f"bcast {'x' * 15}"], ["mcast"]),
        ({"env": ["a=b", "c="]}, ["env a=b", "env c="], []),
        ({"stonith_host": "* baytech 10.0.0.3 me secret"}, ["stonith_host * baytech 10.0.0.3 me secret"], []),
        ({"debug": 0, "compression": "bz2", "autojoin": "none"}, ["debug 0", "compression bz2"], []),
    ],
)
def test_directives(directives: dict[str, Any], present: list[str], absent: list[str]) -> None:
    found = lines(directives)
    assert set(present) <= set(found)
    assert not {line.split()[0] for line in found} & set(absent)


def test_directives_for_the_media_stand_above_them() -> None:
    names = [directive.name for directive in DIRECTIVES]
    for first in ("use_logd", "logfacility", "logfile", "debugfile", "udpport", "baud"):
        assert all(names.index(first) < names.index(medium) for medium in MEDIA)


def test_invalid_directives_are_never_rendered() -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"deadtime is 400 ms, but must be more than twice keepalive"
    ):
        ha_cf({"deadtime": "400ms"}, NODES, "eth0")


# Valid values of some directive, and values that would break a line of ha.cf.
WORDS = st.sampled_from(
    [
        *("eth0", "192.168.0.1", "2", "700ms", "1.5", "on", "legacy", "local0", "none", "zlib", "file"),
        *("/var/log/ha", "eth0 225.0.0.1 694 1 0", "eth0 10.0.0.1", "routers 10.0.0.1 10.0.0.2", "a=b"),
        *("root /opt/watch", "ipfail uid=hacluster", "* baytech 10.0.0.3 me secret", "nodename", ""),
    ]
)
BROKEN = st.builds("{}{}{}".format, WORDS, st.sampled_from(["\n", "\r", "#", "\0", "\t", " ", ","]), WORDS)
VALUES = WORDS | BROKEN | st.text(max_size=5) | st.integers(-1, 700) | st.booleans() | st.none()


@settings(max_examples=300)
@given(
    directives=st.dictionaries(
        st.sampled_from([directive.name for directive in DIRECTIVES]),
        VALUES | st.lists(VALUES, max_size=3),
        max_size=4,
    )
)
def test_accepted_directives_make_a_file_that_heartbeat_reads(directives: dict[str, Any]) -> None:
    try:
        found = ha_cf(directives, NODES, "eth0")
    except AnsibleFilterError:
        event("refused")
        return
    for line in found:
        assert line["value"].isprintable()
        assert line["value"].strip() == line["value"] != ""
        assert "#" not in line["value"]
    values = {line["name"]: line["value"] for line in found}
    assert set(values) & set(MEDIA)
    if {"deadtime", "keepalive"} <= set(values):
        assert duration(values["deadtime"]).ms > 2 * duration(values["keepalive"]).ms
