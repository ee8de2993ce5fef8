# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._cl_status import State
from ansible_collections.haweb.cluster.plugins.module_utils._haresources import (
    Haresources,
    Resource,
    parse,
    plan,
    with_notes,
)

A, B = "VirtualAddress::10.0.0.5/24/eth0/10.0.0.255", "VirtualAddress::10.0.0.6/24/eth0/10.0.0.255"
OCF_A, MAIL = "IPaddr2::10.0.0.5/24/eth0/10.0.0.255", "MailTo::root"
HERE_A, HERE_B = "10.0.0.5", "10.0.0.6"


def resources(*words: str) -> tuple[Resource, ...]:
    return tuple(map(Resource, words))


def state(resources: str | None = "local", *addresses: str, **change: Any) -> State:
    return State(
        running=resources is not None, nodename="lb1", resources=resources, addresses=addresses, **change
    )


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", Haresources((), ())),
        ("# nothing\n\n", Haresources((), ())),
        (f"LB1 {A} {MAIL}  # both\n", Haresources(("lb1",), resources(A, MAIL))),
        (f"lb1 {A} \\\n  {B}\n", Haresources(("lb1",), resources(A, B))),
        (f"lb1 {A}\nlb2 {B}\n", Haresources(("lb1", "lb2"), resources(A, B))),
        (f"lb1 {A}\n# leaving: {B} {MAIL}\n", Haresources(("lb1",), resources(A), resources(B, MAIL))),
    ],
)
def test_parse(text: str, read: Haresources) -> None:
    assert parse(text) == read


def test_notes_are_read_again() -> None:
    text = f"lb1 {A}\n"
    assert with_notes(text, (), ()) == text
    noted = parse(with_notes(text, resources(B, MAIL), resources("httpd")))
    assert (noted.leaving, noted.starting) == (resources(B, MAIL), resources("httpd"))
    assert noted.resources == resources(A)


@pytest.mark.parametrize(
    ("word", "script", "arguments", "address"),
    [
        (A, "VirtualAddress", ["10.0.0.5/24/eth0/10.0.0.255"], "10.0.0.5"),
        (OCF_A, "IPaddr2", ["10.0.0.5/24/eth0/10.0.0.255"], "10.0.0.5"),
        ("LVSSyncDaemonSwap::master::eth1", "LVSSyncDaemonSwap", ["master", "eth1"], None),
        ("httpd", "httpd", [], None),
        ("IPaddr2::nonsense", "IPaddr2", ["nonsense"], None),
    ],
)
def test_resource(word: str, script: str, arguments: list[str], address: str | None) -> None:
    found = Resource(word)
    assert (found.script, found.arguments) == (script, arguments)
    assert str(found.address) == str(address)


@pytest.mark.parametrize(
    ("current", "wanted", "seen", "stop", "start"),
    [
        # No file yet, and nothing runs.
        ("", f"lb1 {A}", state(None), [], []),
        # No change is needed.
        (f"lb1 {A}", f"lb1 {A}", state("local", HERE_A), [], []),
        (f"lb1 {A}", f"lb1 {A}", state("none"), [], []),
        # Another program has removed the address. Only the node that has the resources adds it again.
        (f"lb1 {A}", f"lb1 {A}", state("local"), [], [A]),
        (f"lb1 {A}", f"lb1 {A}", state("all"), [], [A]),
        (f"lb1 {A}", f"lb1 {A}", state("foreign"), [], []),
        (f"lb1 {A}", f"lb1 {A}", state("transition"), [], []),
        (f"lb2 {A}", f"lb2 {A}", state("foreign"), [], [A]),
        (f"lb2 {A}", f"lb2 {A}", state("local"), [], []),
        # A new address.
        (f"lb1 {A}", f"lb1 {A} {B}", state("all", HERE_A), [], [B]),
        (f"lb1 {A}", f"lb1 {A} {B}", state("none"), [], []),
        # A removed address, on every node, even if it is the first one.
        (f"lb1 {A} {B}", f"lb1 {A}", state("all", HERE_A), [B], []),
        (f"lb1 {A} {B}", f"lb1 {A}", state("none"), [B], []),
        (f"lb1 {A} {B}", f"lb1 {A}", state(None), [B], []),
        (f"lb1 {A} {B}", f"lb1 {B}", state("all", HERE_B), [A], []),
        # One new address and one removed address.
        (f"lb1 {A}", f"lb1 {B}", state("all"), [A], [B]),
        # Other resources change only on the node that has them, in heartbeat's order.
        (f"lb1 {MAIL} {A}", f"lb1 {A}", state("all", HERE_A), [MAIL], []),
        (f"lb1 {MAIL} {A}", f"lb1 {A}", state("none"), [], []),
        (f"lb1 {A}", f"lb1 {MAIL} {A}", state("all", HERE_A), [], [MAIL]),
        (f"lb1 {MAIL} {B} {A}", f"lb1 {A}", state("all", HERE_A), [B, MAIL], []),
        # If the same address moves to another script, the old script stops it, and the new one starts it.
        (f"lb1 {OCF_A}", f"lb1 {A}", state("all", HERE_A), [OCF_A], [A]),
        (f"lb1 {OCF_A}", f"lb1 {A}", state("none"), [OCF_A], []),
        # The run before was interrupted.
        (f"lb1 {A}\n# leaving: {B}", f"lb1 {A}", state("all", HERE_A), [B], []),
        (f"lb1 {A}\n# leaving: {B}", f"lb1 {A} {B}", state("all", HERE_A, HERE_B), [], []),
        (f"lb1 {MAIL} {A}\n# starting: {MAIL}", f"lb1 {MAIL} {A}", state("all", HERE_A), [], [MAIL]),
        (f"lb1 {MAIL} {A}\n# starting: {MAIL}", f"lb1 {MAIL} {A}", state("none"), [], []),
    ],
)
def test_plan(current: str, wanted: str, seen: State, stop: list[str], start: list[str]) -> None:
    found = plan(current, wanted, seen)
    assert (found.restart, found.stop, found.start) == (False, resources(*stop), resources(*start))
    assert found.changes is bool(stop or start)


@pytest.mark.parametrize(
    ("seen", "restart"), [(state("local", HERE_A), True), (state("none"), True), (state(None), False)]
)
def test_another_preferred_node_restarts_heartbeat_where_it_runs(seen: State, restart: bool) -> None:
    assert plan(f"lb1 {A}", f"lb2 {A}", seen).restart is restart
