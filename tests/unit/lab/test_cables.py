"""The lab's cables: the rules that cut them, and the meaning of the current rules."""

from __future__ import annotations

import json

import pytest
from haweb_lab import cables
from haweb_lab.errors import LabError
from haweb_lab.network import tap_name
from testbed.lab_sample import ETH0, ETH1, LAB, node

TWO_CARDS = node("web1", ETH0, ETH1)
TAPS = [tap_name("web1", 0), tap_name("web1", 1)]


@pytest.mark.parametrize(
    ("direction", "hooks"), [("in", {"egress"}), ("out", {"ingress"}), ("both", {"egress", "ingress"})]
)
def test_cut_rules_replace_the_table_and_drop_in_the_direction(direction: str, hooks: set[str]) -> None:
    rules = cables.cut_rules("tap", direction).splitlines()
    assert rules[:2] == ["add table netdev tap", "delete table netdev tap"]
    assert {rule.split()[4] for rule in rules if rule.startswith("add chain")} == hooks
    assert all("policy drop" in rule for rule in rules if rule.startswith("add chain"))


def test_taps_of_one_interface_all_of_them_and_of_none() -> None:
    assert cables.taps(TWO_CARDS, None) == TAPS
    assert cables.taps(TWO_CARDS, "eth1") == [TAPS[1]]
    with pytest.raises(LabError, match=r"web1 has no interface eth2\. It has: eth0, eth1"):
        cables.taps(TWO_CARDS, "eth2")


@pytest.mark.parametrize(
    ("hooks", "direction"),
    [
        (["egress"], "in"),
        (["ingress"], "out"),
        (["ingress", "egress"], "both"),
        (["egress", "ingress"], "both"),
    ],
)
def test_directions_of_the_tables_in_force(hooks: list[str], direction: str) -> None:
    chains = [{"chain": {"family": "netdev", "table": "tap", "name": hook, "hook": hook}} for hook in hooks]
    assert cables.directions([{"metainfo": {"version": "1.0.6"}}, *chains]) == {"tap": direction}


def test_no_table_is_no_cut() -> None:
    assert cables.directions([{"metainfo": {"version": "1.0.6"}}]) == {}


def test_cut_and_heal_send_the_rules_of_all_nodes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str | None]] = []

    def record(*command: str, stdin: str | None = None) -> str:
        sent.append((" ".join(command), stdin))
        return ""

    monkeypatch.setattr(cables, "run", record)
    nft = "ip netns exec haweb-test nft --file -"
    cables.cut(LAB, [TWO_CARDS, node("web2")], "eth0", "in")
    cables.heal(LAB, [TWO_CARDS], None)
    assert sent == [
        (nft, cables.cut_rules(TAPS[0], "in") + cables.cut_rules(tap_name("web2", 0), "in")),
        (nft, cables.heal_rules(TAPS[0]) + cables.heal_rules(TAPS[1])),
    ]


@pytest.mark.parametrize(("namespaces", "found"), [({"haweb-test"}, {"tap": "out"}), (set(), {})])
def test_cuts_are_read_if_there_is_a_network(
    monkeypatch: pytest.MonkeyPatch, namespaces: set[str], found: dict[str, str]
) -> None:
    listed = json.dumps({"nftables": [{"chain": {"table": "tap", "hook": "ingress"}}]})
    monkeypatch.setattr(cables, "namespaces", lambda: namespaces)
    monkeypatch.setattr(cables, "run", lambda *_command, stdin=None: listed)
    assert cables.cuts(LAB) == found
