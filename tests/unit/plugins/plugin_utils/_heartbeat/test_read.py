# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problem
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat import problems as kinds
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.read import problems_of
from netaddr import IPAddress, IPNetwork

KEY = {"id": 1, "secret": "hunter2hunter2"}
GOOD: dict[str, Any] = {
    "directives": {},
    "nodes": {"loadb1": "loadb1", "loadb2": "loadb2"},
    "addresses": ["192.168.0.105/24"],
    "device": "eth0",
    "resources": ["VirtualAddress"],
    "keys": [KEY],
    "auth": 1,
}
NODES, DIRECTIVES, KEYS = "heartbeat's nodes", "heartbeat's directives", "heartbeat's keys"
ADDRESSES, RESOURCES, FIRST_KEY = "The virtual addresses", "heartbeat's resources", "heartbeat's key number 1"
OWN_PING = "192.168.0.105"
LINKS = ("serial", "bcast", "mcast", "ucast", "mcast6", "ucast6", "ping", "ping_group")

# Changes to valid values, and the resulting problem: where, kind, data.
TABLE: list[tuple[dict[str, Any], str, Kind, dict[str, Any]]] = [
    ({"nodes": {}}, NODES, kinds.NO_NODE, {}),
    ({"nodes": {"a": "lb"}}, NODES, kinds.ONE_NODE, {"name": "a"}),
    ({"nodes": {"a": "a", "b": "b", "c": "c"}}, NODES, kinds.TOO_MANY_NODES, {"count": 3}),
    ({"directives": "fast"}, DIRECTIVES, kinds.NOT_A_DICTIONARY, {"found": "text"}),
    (
        {"directives": {"node": "a"}},
        DIRECTIVES,
        kinds.REFUSED_DIRECTIVE,
        {"name": "node", "cure": "the names come from the nodes; put the host there"},
    ),
    (
        {"directives": {"deadping": "500ms"}},
        DIRECTIVES,
        kinds.DEAD_TOO_SOON,
        {"name": "deadping", "found": 500, "keepalive": 250, "least": 500},
    ),
    (
        {"directives": {"initdead": 1}},
        DIRECTIVES,
        kinds.SHORT_INITDEAD,
        {"found": 1000, "deadtime": 2000, "better": "4"},
    ),
    (
        {"directives": {"warntime": 3}},
        DIRECTIVES,
        kinds.LATE_WARNTIME,
        {"found": 3000, "deadtime": 2000, "better": "1"},
    ),
    (
        {"directives": {"failfast": "root /usr/lib/heartbeat/ccm"}},
        DIRECTIVES,
        kinds.OLD_PROGRAM_FOLDER,
        {
            "name": "failfast",
            "user": "root",
            "found": "/usr/lib/heartbeat/ccm",
            "better": "/usr/libexec/heartbeat/ccm",
        },
    ),
    ({"directives": {"respawn": "root /opt/ipfail"}}, DIRECTIVES, kinds.IPFAIL_WITHOUT_PING, {}),
    (
        {"directives": {"ping": "10.0.0.1", "auto_failback": "legacy"}},
        DIRECTIVES,
        kinds.IPFAIL_AND_LEGACY,
        {},
    ),
    ({"directives": {"use_logd": False, "logfacility": None}}, DIRECTIVES, kinds.NO_LOG, {}),
    (
        {"directives": {"bcast": [f"eth{unit}" for unit in range(65)]}},
        DIRECTIVES,
        kinds.TOO_MANY_LINKS,
        {"count": 65, "names": LINKS, "most": 64},
    ),
    ({"directives": {"ping": OWN_PING}}, DIRECTIVES, kinds.PING_OF_CLUSTER, {"target": OWN_PING}),
    (
        {"addresses": "x"},
        ADDRESSES,
        kinds.NOT_A_LIST,
        {"found": "'x'", "example": "[192.168.0.105/24]"},
    ),
    ({"resources": ["a", "IPaddr2", "a"]}, RESOURCES, kinds.REPEATED, {"value": "a"}),
    (
        {"addresses": ["10.0.0.0/24"]},
        ADDRESSES,
        kinds.NETWORK_ADDRESS,
        {"address": IPAddress("10.0.0.0"), "network": IPNetwork("10.0.0.0/24")},
    ),
    (
        {"addresses": ["10.0.0.255/24"]},
        ADDRESSES,
        kinds.BROADCAST_ADDRESS,
        {"address": IPAddress("10.0.0.255"), "network": IPNetwork("10.0.0.0/24")},
    ),
    ({"addresses": []}, "heartbeat", kinds.NOTHING_TO_CARRY, {}),
    ({"resources": []}, RESOURCES, kinds.NO_AGENT, {"agents": "VirtualAddress or IPaddr2"}),
    (
        {"resources": ["IPaddr2", "VirtualAddress"]},
        RESOURCES,
        kinds.SEVERAL_AGENTS,
        {"agents": "IPaddr2 and VirtualAddress"},
    ),
    ({"keys": "x"}, KEYS, kinds.KEYS_NOT_A_LIST, {}),
    ({"keys": []}, KEYS, kinds.NO_KEY, {}),
    ({"keys": ["x", KEY]}, FIRST_KEY, kinds.KEY_NOT_A_DICTIONARY, {}),
    (
        {"keys": [KEY | {"methd": "sha1"}]},
        FIRST_KEY,
        kinds.UNKNOWN_KEY_WORD,
        {"guess": "; did you mean method?"},
    ),
    ({"keys": [KEY, KEY]}, "heartbeat's key number 2", kinds.REPEATED_ID, {"id": 1}),
    ({"keys": [KEY | {"method": "crc"}]}, FIRST_KEY, kinds.CRC, {}),
    ({"keys": [{"id": 1}]}, FIRST_KEY, kinds.NO_SECRET, {}),
    ({"auth": 2}, KEYS, kinds.UNKNOWN_AUTH, {"auth": 2, "ids": [1]}),
]


@pytest.mark.parametrize(("change", "where", "kind", "data"), TABLE)
def test_kinds_of_problems(change: dict[str, Any], where: str, kind: Kind, data: dict[str, Any]) -> None:
    (problem,) = problems_of(**GOOD | change)
    assert problem == Problem(where, kind, data)


def test_every_kind_is_in_the_table_under_a_code_of_its_own() -> None:
    # The filter haresources, which needs a node for its line, adds it itself.
    all_kinds = {kind for kind in vars(kinds).values() if isinstance(kind, Kind)} - {kinds.NO_PREFERRED_NODE}
    assert {kind for _change, _where, kind, _data in TABLE} == all_kinds
    assert len({kind.code for kind in all_kinds}) == len(all_kinds)
