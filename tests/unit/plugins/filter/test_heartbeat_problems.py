# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.filter.heartbeat_problems import FilterModule
from hypothesis import given
from hypothesis import strategies as st

problems: Callable[..., Any] = FilterModule().filters()["heartbeat_problems"]

SECRET = "hunter2hunter2"
KEY = {"id": 1, "method": "sha1", "secret": SECRET}
GOOD: dict[str, Any] = {
    "directives": {},
    "nodes": {"loadb1": "loadb1", "loadb2": "loadb2"},
    "addresses": ["192.168.0.105/24"],
    "interface": "eth0",
    "resources": ["VirtualAddress"],
    "keys": [KEY],
    "auth": 1,
}
NO_SECRET = "there is no default secret; make one with `openssl rand -hex 32`"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"directives": None},
        {"directives": {"keepalive": 1, "deadtime": 10, "initdead": 60, "auto_failback": True}},
        {"directives": {"ping": "192.168.0.1", "respawn": "hacluster /usr/libexec/heartbeat/ipfail"}},
        {"directives": {"bcast": [f"eth{unit}" for unit in range(64)]}},
        {"resources": ["ldirectord::ldirectord.cf"], "addresses": []},
        {"keys": [KEY, KEY | {"id": 15, "method": "md5"}], "auth": "15"},
        {"keys": [{"id": 1, "secret": SECRET}]},
        {"keys": [KEY | {"method": None}]},
        {"addresses": ["192.168.0.105/24", "192.168.0.106/24", "10.0.0.0/31"]},
    ],
)
def test_nothing_to_say(change: dict[str, Any]) -> None:
    assert problems(**GOOD | change) == []


@pytest.mark.parametrize(
    ("directives", "sentence"),
    [
        ("fast", "found text, but they must be a dictionary of directive: value."),
        ({"deadtim": 3}, "'deadtim' is unknown; did you mean deadtime?"),
        ({"zzz": 3}, "'zzz' is unknown."),
        ({"node": "a"}, "node cannot stand here: the names come from the nodes; put the host there."),
        ({"nice_failback": True}, "nice_failback cannot stand here: it is obsolete; use auto_failback."),
        ({"pacemaker": "respawn"}, "pacemaker cannot stand here: heartbeat itself moves the addresses here"),
        (
            {"keepalive": "2s"},
            "keepalive is '2s', but must be a time: seconds such as 2 or 1.7, or milliseconds",
        ),
        ({"keepalive": 0}, "keepalive is 0, but must be a time"),
        ({"keepalive": True}, "keepalive is true, but must be a time"),
        ({"deadtime": "500ms"}, "deadtime is 500 ms, but must be more than twice keepalive (250 ms)"),
        ({"keepalive": 1}, "deadtime is 2000 ms, but must be more than twice keepalive (1000 ms)"),
        (
            {"keepalive": None, "deadtime": 2},
            "deadtime is 2000 ms, but must be more than twice keepalive (1000 ms)",
        ),
        ({"deadping": "400ms"}, "deadping is 400 ms, but must be more than twice keepalive (250 ms)"),
        ({"initdead": 1}, "initdead is 1000 ms, but must not be below deadtime (2000 ms)"),
        ({"warntime": 3}, "warntime is 3000 ms, but must not be above deadtime (2000 ms)"),
        ({"auto_failback": "nope"}, "auto_failback is 'nope', but must be on, off or legacy."),
        ({"realtime": 2}, "realtime is 2, but must be on or off."),
        (
            {"autojoin": "any"},
            "must be none: heartbeat moves addresses only between the nodes in ha.cf.",
        ),
        ({"respawn": "ipfail"}, "respawn is 'ipfail', but must be a user and a command with its full path"),
        (
            {"respawn": "hacluster /usr/libexec/heartbeat/ipfail"},
            "respawn starts ipfail, but nothing is pinged",
        ),
        (
            {"respawn": "hacluster /usr/lib/heartbeat/ipfail", "ping": "10.0.0.1"},
            "elsewhere; write hacluster /usr/libexec/heartbeat/ipfail.",
        ),
        (
            {"failfast": "root /usr/lib/heartbeat/ccm"},
            "failfast is 'root /usr/lib/heartbeat/ccm', but Debian",
        ),
        ({"keepalive": "9" * 400}, "keepalive is '9999"),
        ({"deadtime": f"{'9' * 400}ms"}, "milliseconds such as 500ms, and a day at most."),
        ({"deadtime": 86401}, "deadtime is 86401, but must be a time"),
        ({"udpport": "9" * 5000}, "but must be a whole number from 1 to 65535."),
        ({"bcast": False}, "bcast is false, but must be text."),
        ({"bcast": ""}, "bcast is '', but must not be blank."),
        ({"mcast": {"eth0": 1}}, "mcast is a dictionary, but must be text."),
        ({"ping": "10.0.0.1", "auto_failback": "legacy"}, "auto_failback is legacy, which ipfail refuses"),
        ({"ping": ["192.168.0.105"]}, "ping is 192.168.0.105, which belongs to the cluster itself"),
        ({"ping": "10.0.0.1 LOADB2"}, "ping is LOADB2, which belongs to the cluster itself"),
        ({"ping_group": "routers"}, "must be a name and at least one address"),
        ({"use_logd": False, "logfacility": None}, "use_logd is off and no other log is named"),
        ({"logfacility": "local9"}, "logfacility is 'local9', but must be one of auth, authpriv"),
        ({"logfile": "/var/log/a,b"}, "must not contain a comma, at which heartbeat would split it."),
        ({"logfile": "a"}, "logfile is 'a', but must be an absolute path."),
        ({"bcast": [f"eth{number}" for number in range(65)]}, "there are 65 links"),
        ({"bcast": [""]}, "bcast is '', but must not be blank."),
        ({"bcast": "x" * 16}, "must be the name of a network interface, at most 15 characters."),
        ({"bcast": ","}, "bcast is ',', but must not contain a comma"),
        (
            {"mcast": "eth0 225.0.0.1"},
            "must be device, group, port, ttl and loop, such as eth0 225.0.0.1 694 1 0.",
        ),
        (
            {"mcast": "eth0 10.0.0.1 694 1 0"},
            "the group must be from 224.0.0.0 to 239.255.255.255, not 10.0.0.1.",
        ),
        ({"mcast": "eth0 group 694 1 0"}, "must be device, group, port, ttl and loop"),
        ({"mcast": "eth0 225.0.0.1 694 5 0"}, "but must be a whole number from 1 to 4."),
        ({"mcast": "eth0 225.0.0.1 694 1 2"}, "but must be one of 0, 1."),
        ({"ucast": "eth0"}, "must be a device and the address of a node, such as eth0 192.168.0.103."),
        ({"ucast": "eth0 loadb1"}, "must be an IPv4 address such as 192.168.0.101."),
        (
            {"apiauth": "ipfail"},
            "must be a name and who may use it, such as ipfail gid=haclient uid=hacluster.",
        ),
        ({"env": "a"}, "env cannot be used: it must look like name=value."),
        ({"udpport": 0}, "udpport is 0, but must be a whole number from 1 to 65535."),
    ],
)
def test_directives(directives: object, sentence: str) -> None:
    found = problems(**GOOD | {"directives": directives})
    assert sentence in found[0]
    assert found[0].startswith("heartbeat's directives: ")
    assert len(found) == 1


@pytest.mark.parametrize(
    ("nodes", "sentence"),
    [
        ({}, "there is none, but heartbeat moves addresses between nodes; name two hosts."),
        ({"loadb1": "lb"}, "there is only loadb1, but heartbeat moves addresses between nodes;"),
        (["loadb1"], "found a list, but they must be a dictionary of host: what `uname -n` prints there"),
        (
            {"a": "LoadB1", "b": "loadb1"},
            "a and b are both called loadb1 (heartbeat does not distinguish upper and lower",
        ),
        ({"a": "lb 1", "b": "lb2"}, "the name of a is 'lb 1', but must be a name as `uname -n` prints it"),
        ({"a": None, "b": "lb2"}, "the name of a is missing."),
        ({f"h{n}": f"n{n}" for n in range(3)}, "there are 3, but without a cluster resource manager"),
    ],
)
def test_nodes(nodes: object, sentence: str) -> None:
    (found,) = problems(**GOOD | {"nodes": nodes})
    assert found.startswith("heartbeat's nodes: ")
    assert sentence in found


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"addresses": None}, "The virtual addresses: found empty, but they must be a list"),
        ({"addresses": []}, "heartbeat: there is neither an address nor a resource to carry;"),
        ({"addresses": ["192.168.0.105"]}, "is missing; write for example 192.168.0.105/24."),
        ({"addresses": ["192.168.0/24"]}, "must be an IPv4 address with a prefix such as 192.168.0.105/24."),
        ({"addresses": ["fe80::1/64"]}, "IPv6 is not supported yet"),
        (
            {"addresses": ["10.0.0.5/24", "10.0.0.5/25"]},
            "10.0.0.5 is in the list more than once; remove the others.",
        ),
        ({"addresses": ["10.0.0.0/24"]}, "10.0.0.0 is the address of the network 10.0.0.0/24 itself;"),
        (
            {"addresses": ["10.0.0.255/24"]},
            "10.0.0.255 is the broadcast address of the network 10.0.0.0/24 itself",
        ),
        ({"interface": None}, "heartbeat: interface is missing."),
        ({"interface": "eth0 eth1"}, "interface is 'eth0 eth1', but must be a single word without blanks."),
        (
            {"resources": "apache2"},
            "found 'apache2', but they must be a list such as [ldirectord::ldirectord.cf].",
        ),
        ({"resources": ["a b"]}, "arguments are joined with ::, as in ldirectord::ldirectord.cf."),
        (
            {"resources": ["IPaddr2", "a", "a"]},
            "a is in the list more than once; remove the others.",
        ),
        (
            {"resources": []},
            "nothing among them carries the virtual addresses; put VirtualAddress or IPaddr2",
        ),
        (
            {"resources": ["ldirectord::ldirectord.cf"]},
            "nothing among them carries the virtual addresses; put VirtualAddress or IPaddr2",
        ),
        (
            {"resources": ["IPaddr2", "VirtualAddress"]},
            "IPaddr2 and VirtualAddress would both carry the virtual addresses; keep one of them.",
        ),
    ],
)
def test_addresses_and_resources(change: dict[str, Any], sentence: str) -> None:
    (found,) = problems(**GOOD | change)
    assert sentence in found


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        ({"keys": None}, [f"heartbeat's keys: there is none, and {NO_SECRET}"]),
        ({"keys": []}, [f"heartbeat's keys: there is none, and {NO_SECRET}"]),
        ({"keys": SECRET}, ["they must be a list such as [{id: 1, method: sha1, secret: ...}]."]),
        (
            {"keys": [SECRET]},
            ["it must be a dictionary of id, method and secret.", "but the keys are unusable;"],
        ),
        ({"keys": [KEY | {"secret": ""}]}, [f"heartbeat's key number 1: it has no secret, and {NO_SECRET}"]),
        (
            {"keys": [{"id": 1, "method": "sha1"}]},
            [f"heartbeat's key number 1: it has no secret, and {NO_SECRET}"],
        ),
        (
            {"keys": [KEY | {"secret": SECRET + " x"}]},
            ["secret cannot be used: it must be a single word without"],
        ),
        ({"keys": [KEY | {"secret": SECRET + "\n"}]}, ["secret cannot be used: it must be one line"]),
        ({"keys": [KEY | {"secret": "#" + SECRET}]}, ["secret cannot be used: it must not contain #"]),
        ({"keys": [KEY | {"secret": {SECRET: SECRET}}]}, ["secret cannot be used: it must be text."]),
        (
            {"keys": [KEY | {"method": "crc"}]},
            ["method is crc, which anybody on the network can forge; use sha1"],
        ),
        ({"keys": [KEY | {"method": "sha256"}]}, ["method cannot be used: it must be one of sha1, md5"]),
        ({"keys": [KEY | {"method": SECRET}]}, ["method cannot be used: it must be one of sha1, md5."]),
        ({"keys": [KEY | {"methd": SECRET}]}, ["it has an unknown word; did you mean method?"]),
        ({"keys": [KEY | {SECRET: 1}]}, ["it has an unknown word; a key has id, method and secret."]),
        (
            {"keys": [KEY | {"id": 16}]},
            ["id cannot be used: it must be a whole number from 1 to 15.", "auth is 1"],
        ),
        ({"keys": [KEY, KEY]}, ["heartbeat's key number 2: id 1 is used more than once;"]),
        ({"auth": 2}, ["auth is 2, but the keys are 1; choose one of them."]),
        ({"auth": None}, ["heartbeat's keys: auth is missing."]),
        ({"auth": SECRET}, ["auth cannot be used: it must be a whole number from 1 to 15."]),
    ],
)
def test_keys_are_checked_and_never_shown(change: dict[str, Any], sentences: list[str]) -> None:
    found = problems(**GOOD | change)
    assert len(found) == len(sentences)
    assert all(expected in sentence for expected, sentence in zip(sentences, found, strict=True))
    assert SECRET not in " ".join(found)


def test_the_password_of_a_power_switch_is_never_shown() -> None:
    (found,) = problems(**GOOD | {"directives": {"stonith_host": f"* rps10 {SECRET}\n"}})
    assert found == (
        "heartbeat's directives: stonith_host cannot be used: it must be one line without tabs and other "
        "control characters."
    )


def test_all_findings_at_once() -> None:
    found = problems({"deadtime": 0}, {}, ["x"], "e/0", ["a b"], None, None)
    assert [sentence.partition(":")[0] for sentence in found] == [
        "heartbeat's nodes",
        "heartbeat",
        "heartbeat's directives",
        "The virtual addresses",
        "heartbeat's resources",
        "heartbeat's keys",
    ]


WITHOUT_NETADDR = """
import sys
sys.modules["netaddr"] = None
from ansible_collections.haweb.cluster.plugins.filter.heartbeat_problems import heartbeat_problems
heartbeat_problems({}, {"a": "a", "b": "b"}, ["192.168.0.105/24"], "eth0")
"""


def test_without_netaddr() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NETADDR],
        env={"PYTHONPATH": ":".join(sys.path)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert "AnsibleError: The controller: the Python library netaddr is missing" in done.stderr


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["deadtime", "mcast", "ping", "respawn", "id", "secret", "auto_failback"])
            | st.integers(),
            inner,
        )
    ),
)


@given(st.tuples(*[GARBAGE] * 7))
def test_garbage_gets_sentences(arguments: tuple[object, ...]) -> None:
    found = problems(*arguments)
    assert found
    assert all(isinstance(sentence, str) and sentence[-1] in ".?" for sentence in found)


@given(st.sampled_from(sorted(GOOD)), GARBAGE)
def test_one_piece_of_garbage_gets_sentences(name: str, value: object) -> None:
    assert all(isinstance(sentence, str) for sentence in problems(**GOOD | {name: value}))
