# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.filter.cluster_problems import cluster_problems

NODES = {"loadb1": "loadb1", "lb2.example.com": "LoadB2"}
VIP = "192.168.0.105"
TUTORIAL = ["ldirectord::ldirectord.cf", "LVSSyncDaemonSwap::master", "IPaddr2"]
STRANGER = "02:00:00:00:00:09"
PEER = "192.168.0.104 (02:00:00:00:00:04)"


def heartbeat(name: str, *addresses: str, **change: Any) -> dict[str, Any]:
    return {
        "running": True,
        "nodename": name,
        "nodes": {"loadb1": "active", "loadb2": "active"},
        "addresses": list(addresses),
        "unheld": [],
        "contested": {},
        **change,
    }


def table(
    *weights: int, daemons: tuple[str, ...] = ("master", "backup"), address: str = "10.0.0.1"
) -> dict[str, Any]:
    real = {"address": address, "port": 80, "forwarding": "gate", "active": 0, "inactive": 0}
    service = {
        "protocol": "tcp",
        "address": VIP,
        "port": 80,
        "scheduler": "rr",
        "flags": [],
        "persistent": None,
        "netmask": None,
        "real_servers": [{**real, "weight": weight} for weight in weights],
    }
    return {
        "services": [service] if weights else [],
        "daemons": [{"state": state, "interface": "eth0", "syncid": 0} for state in daemons],
    }


ACTIVE, STANDBY = heartbeat("loadb1", VIP), heartbeat("loadb2")


def problems(
    *heartbeats: dict[str, Any],
    tables: tuple[dict[str, Any], ...] = (table(1), table(1)),
    resources: tuple[str, ...] | list[str] = (),
) -> list[str]:
    return cluster_problems(NODES, heartbeats, tables, [f"{VIP}/24"], [f"{VIP}:80"], resources)


def test_cluster_that_is_whole() -> None:
    assert problems(ACTIVE, STANDBY) == []


def test_tutorials_form_that_is_whole() -> None:
    tables = (table(1, daemons=("master",)), table(daemons=("backup",)))
    assert problems(ACTIVE, STANDBY, tables=tables, resources=TUTORIAL) == []


def test_balancers_have_no_tables() -> None:
    assert cluster_problems(NODES, [ACTIVE, STANDBY], [{}, {}], [VIP]) == []


@pytest.mark.parametrize(
    ("heartbeats", "begin"),
    [
        # No node has it.
        (
            [heartbeat("loadb1", unheld=[VIP]), STANDBY],
            [f"{VIP} is on no node, but must be on exactly one. Run"],
        ),
        # Two nodes have it.
        (
            [ACTIVE, heartbeat("loadb2", VIP)],
            [f"{VIP} is on loadb1 and on lb2.example.com, but must be on exactly one node. The nodes do not"],
        ),
        # A machine that is not a node has it, too.
        (
            [heartbeat("loadb1", VIP, contested={VIP: ["loadb1", STRANGER]}), STANDBY],
            [f"{VIP} is on loadb1 and, as ARP shows, on {STRANGER}, but must be on exactly one node; remove"],
        ),
        # The other node is dead, and cannot report.
        (
            [heartbeat("loadb1", VIP, nodes={"loadb1": "active", "loadb2": "dead"}), {"unreachable": True}],
            [
                "loadb1: heartbeat reports that loadb2 is dead, but it must be active. Look whether",
                "lb2.example.com: it has not reported. It is unreachable, has failed above, or --limit",
            ],
        ),
        # A node that has not reported has it, which may be right.
        (
            [{}, STANDBY],
            ["loadb1: it has not reported."],
        ),
        # No machine has it, as ARP shows, although a node has not reported.
        (
            [{}, heartbeat("loadb2", unheld=[VIP])],
            ["loadb1: it has not reported.", f"{VIP} is on no node, but must be on exactly one."],
        ),
        # The node that has not reported has it as well.
        (
            [heartbeat("loadb1", VIP, contested={VIP: ["loadb1", PEER]}), {}],
            [
                "lb2.example.com: it has not reported.",
                f"{VIP} is on loadb1 and, as ARP shows, on {PEER}, but",
            ],
        ),
        # heartbeat hangs, or was stopped.
        ([ACTIVE, {"failed": True, "running": True}], ["lb2.example.com: it has not reported."]),
        (
            [ACTIVE, heartbeat("loadb2", running=False, nodes={})],
            ["lb2.example.com: heartbeat does not run; start it with `systemctl start heartbeat`."],
        ),
    ],
)
def test_nodes_and_addresses(heartbeats: list[dict[str, Any]], begin: list[str]) -> None:
    found = problems(*heartbeats)
    assert len(found) == len(begin), found
    assert all(sentence.startswith(words) for sentence, words in zip(found, begin, strict=True)), found


EMPTY = f"its IPVS table has no working real server for {VIP}:80. Look into"


@pytest.mark.parametrize(
    ("tables", "resources", "begin"),
    [
        ((table(), table(1)), [], [f"loadb1: {EMPTY}"]),
        ((table(1), table(0, 0)), [], [f"lb2.example.com: {EMPTY}"]),
        # The fallback does not count.
        ((table(1), table(1, address="127.0.0.1")), [], [f"lb2.example.com: {EMPTY}"]),
        (
            (table(1, daemons=("backup",)), table(1)),
            [],
            ["loadb1: its master sync daemon does not run, so that"],
        ),
        (
            (table(1), table(1, daemons=())),
            [],
            ["lb2.example.com: its backup sync daemon", "lb2.example.com: its master sync daemon"],
        ),
        ((table(daemons=("master",)), table(daemons=("backup",))), TUTORIAL, [f"loadb1: {EMPTY}"]),
        (
            (table(1, daemons=("backup",)), table(daemons=("backup",))),
            TUTORIAL,
            ["loadb1: its master sync daemon does not run"],
        ),
        (
            (table(1, daemons=("master",)), table(daemons=())),
            TUTORIAL,
            ["lb2.example.com: its backup sync daemon"],
        ),
    ],
)
def test_tables_and_sync_daemons(tables: tuple[Any, ...], resources: list[str], begin: list[str]) -> None:
    found = problems(ACTIVE, STANDBY, tables=tables, resources=resources)
    assert len(found) == len(begin), found
    assert all(sentence.startswith(words) for sentence, words in zip(found, begin, strict=True)), found


TAKES = {"runs": True, "takes": "services", "why": "after loadb1; the tables are equal"}


@pytest.mark.parametrize(
    ("both", "begin"),
    [
        (TAKES, []),
        ({**TAKES, "takes": "all"}, []),
        # It has not reported, which heartbeat's part already says.
        ({"unreachable": True}, []),
        (
            {**TAKES, "takes": "nothing", "why": "after loadb1; the tables are different"},
            ["lb2.example.com: this director takes no packets, after loadb1; the tables are different."],
        ),
        (
            {"runs": False, "takes": "nothing", "why": "haweb-both does not run"},
            ["lb2.example.com: haweb-both does not run, so that this director takes no packets; start it"],
        ),
    ],
)
def test_both_directors_take_packets(both: dict[str, Any], begin: list[str]) -> None:
    tables = (table(1), table(1))
    found = cluster_problems(
        NODES, [ACTIVE, STANDBY], tables, [VIP], [f"{VIP}:80"], boths=[{**TAKES, "takes": "all"}, both]
    )
    assert len(found) == len(begin), found
    assert all(sentence.startswith(words) for sentence, words in zip(found, begin, strict=True)), found
