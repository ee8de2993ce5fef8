"""The containers of the nodes with the addresses are killed, and the other nodes take over."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

import pytest
from testbed.container import Node, Pairs

ADDRESSES = {"default": ["198.51.100.105"], "alternative": ["198.51.100.106", "198.51.100.107"]}
PREFERRED = {"default": "node1", "alternative": "node4"}
# Seconds. deadtime is 2 and 1.5, and this machine may be busy.
LONGEST = 10
BOOT = 60
TAKEOVER = 3
REUNION = 8
PUT_BACK = 2


def held(node: Node) -> list[str]:
    shown = node.host.run("ip -4 -oneline address show dev eth0").stdout
    return [line.split()[3].partition("/")[0] for line in shown.splitlines()]


def holders(nodes: list[Node], address: str) -> list[str]:
    return [node.name for node in nodes if address in held(node)]


def says(node: Node, *words: str) -> str:
    return str(node.host.run(f"cl_status {' '.join(words)}").stdout).strip()


def sorted_by_preference(nodes: list[Node], kind: str) -> tuple[Node, Node]:
    first, second = sorted(nodes, key=lambda node: node.name != PREFERRED[kind])
    return first, second


def wait_until(what: str, condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.1)


def docker(*words: str) -> None:
    subprocess.run(["docker", *words], check=True, capture_output=True)


@pytest.mark.parametrize("kind", ADDRESSES)
def test_preferred_node_holds_all_addresses(pairs: Pairs, kind: str) -> None:
    for address in ADDRESSES[kind]:
        assert holders(pairs[kind], address) == [PREFERRED[kind]]


@pytest.mark.parametrize("kind", ADDRESSES)
def test_removed_address_is_added_again(pairs: Pairs, kind: str) -> None:
    holder, other = sorted_by_preference(pairs[kind], kind)
    for address in ADDRESSES[kind]:
        holder.host.check_output(f"ip address delete {address}/24 dev eth0")
    wait_until("all are back", lambda: set(ADDRESSES[kind]) <= set(held(holder)), PUT_BACK)
    assert not set(ADDRESSES[kind]) & set(held(other))


@pytest.mark.parametrize("kind", ADDRESSES)
def test_standby_does_not_add_the_address_again(pairs: Pairs, kind: str) -> None:
    _holder, other = sorted_by_preference(pairs[kind], kind)
    address = ADDRESSES[kind][0]
    other.host.check_output(f"ip address add {address}/24 dev eth0")
    other.host.check_output(f"ip address delete {address}/24 dev eth0")
    time.sleep(PUT_BACK)
    assert address not in held(other)


@pytest.mark.parametrize("kind", ADDRESSES)
def test_survivor_takes_over(pairs: Pairs, kind: str) -> None:
    dying, survivor = sorted_by_preference(pairs[kind], kind)
    docker("kill", dying.container)
    died = time.monotonic()
    try:
        wait_until(
            f"{survivor.name} holds {ADDRESSES[kind]}",
            lambda: set(ADDRESSES[kind]) <= set(held(survivor)),
            LONGEST,
        )
        print(f"{survivor.name} took over after {time.monotonic() - died:.1f} s")
        assert says(survivor, "nodestatus", dying.name) == "dead"
    finally:
        docker("start", dying.container)


@pytest.mark.parametrize(("kind", "comes_back"), [("default", False), ("alternative", True)])
def test_address_fails_back_only_with_auto_failback(pairs: Pairs, kind: str, comes_back: bool) -> None:
    """auto_failback is off by default."""
    preferred, other = sorted_by_preference(pairs[kind], kind)
    # heartbeat's answer when it is no longer in transition: the node has its own resources, or none.
    settled = "local" if comes_back else "none"
    wait_until(
        f"{preferred.name} receives {other.name} again and reports {settled}",
        lambda: (
            says(preferred, "nodestatus", other.name) == "active" and says(preferred, "rscstatus") == settled
        ),
        BOOT,
    )
    for address in ADDRESSES[kind]:
        assert holders(pairs[kind], address) == [preferred.name if comes_back else other.name]


def hangs(node: Node, other: Node) -> None:
    """Stop the node until the other one has declared it dead and has taken over."""
    docker("pause", node.container)
    try:
        wait_until(
            f"{other.name} reports {node.name} as dead",
            lambda: says(other, "nodestatus", node.name) == "dead",
            LONGEST,
        )
        time.sleep(TAKEOVER)
    finally:
        docker("unpause", node.container)


def one_holds(nodes: list[Node], address: str) -> str:
    """Return the node that has the address in the end. Some node has it all the time."""
    # heartbeat itself would release it on each node that has missed the other one, after two seconds.
    end = time.monotonic() + REUNION
    while time.monotonic() < end:
        assert holders(nodes, address), f"nobody has {address}"
    wait_until("one has it", lambda: len(holders(nodes, address)) == 1, LONGEST)
    return holders(nodes, address)[0]


def settle(nodes: list[Node]) -> None:
    """Wait until heartbeat has finished, which takes time after a wrong declaration of death."""
    wait_until(
        "heartbeat has finished",
        lambda: all(node.host.run("pgrep -x harc").failed for node in nodes),
        BOOT,
    )


@pytest.mark.parametrize("kind", ADDRESSES)
def test_address_is_never_away_when_a_node_was_dead_by_mistake(pairs: Pairs, kind: str) -> None:
    nodes, (address, *_) = pairs[kind], ADDRESSES[kind]
    settle(nodes)
    (holder,) = [node for node in nodes if address in held(node)]
    (other,) = [node for node in nodes if node is not holder]
    hangs(other, holder)
    assert one_holds(nodes, address) == holder.name


@pytest.mark.parametrize("name", ["node2", "node1"])
def test_node_that_hung_does_not_come_back_with_the_address(pairs: Pairs, name: str) -> None:
    """In this order: the tests before leave the address on node2, and this test moves it to node1."""
    nodes, (address,) = pairs["default"], ADDRESSES["default"]
    settle(nodes)
    hung, other = sorted(nodes, key=lambda node: node.name != name)
    assert holders(nodes, address) == [hung.name]
    hangs(hung, other)
    assert one_holds(nodes, address) == other.name
