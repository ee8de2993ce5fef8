# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils import _nodes
from ansible_collections.haweb.cluster.plugins.module_utils._nodes import judge
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problem
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("nodes", "uname", "nodename", "names"),
    [
        ({"lb1": "loadb1", "lb2": "loadb2"}, "loadb1", "loadb1", ("loadb1", "loadb2")),
        ({"lb2": "loadb2", "lb1": "loadb1"}, "loadb1", "loadb1", ("loadb2", "loadb1")),
        # Heartbeat does not distinguish upper and lower case.
        ({"lb1": "LoadB1", "lb2": "loadb2"}, "loadb1", "loadb1", ("loadb1", "loadb2")),
        ({"lb1": "loadb1"}, "LOADB1", "loadb1", ("loadb1",)),
        ({"lb1": "x" * 64}, "x" * 64, "x" * 64, ("x" * 64,)),
        ({"lb1": "loadb1.example.com"}, "loadb1.example.com", "loadb1.example.com", ("loadb1.example.com",)),
        (
            {"lb1": "n", **{f"h{n}": f"n{n}" for n in range(99)}},
            "n",
            "n",
            ("n", *(f"n{n}" for n in range(99))),
        ),
    ],
)
def test_right(nodes: dict[str, str], uname: str, nodename: str, names: tuple[str, ...]) -> None:
    verdict = judge("lb1", nodes, uname)
    assert verdict.problems == ()
    assert verdict.nodename == nodename
    assert verdict.nodes == names


@pytest.mark.parametrize(
    ("nodes", "uname", "sentences"),
    [
        (
            {"lb1": "LoadB1", "lb2": "loadb2"},
            "Web1",
            [
                "lb1: ha.cf would contain `node loadb1`, but `uname -n` prints Web1 (heartbeat lower-cases "
                "both and finds them different), so that heartbeat would not start; either write `lb1: Web1` "
                "into the nodes of the inventory, or run `hostnamectl set-hostname loadb1` on lb1."
            ],
        ),
        (
            {"lb1": "loadb1"},
            "loadb1.example.com",
            ["lb1: ha.cf would contain `node loadb1`, but `uname -n` prints loadb1.example.com"],
        ),
        (
            {"lb1": "loadb1", "lb2": "loadb2"},
            "loadb2",
            [
                "lb1: ha.cf would contain `node loadb1`, but `uname -n` prints loadb2",
                "lb1: `uname -n` prints loadb2, which is the name of lb2 in the inventory; either",
            ],
        ),
        (
            {"lb2": "loadb2"},
            "loadb1",
            [
                "lb1: it is not among the nodes (lb2), so that heartbeat would not start on it; "
                "add `lb1: loadb1` to them."
            ],
        ),
        ({}, "loadb1", ["lb1: it is not among the nodes (empty)"]),
        (
            "loadb1",
            "loadb1",
            [
                "The nodes: found 'loadb1', but they must be a dictionary",
                "lb1: it is not among the nodes (empty)",
            ],
        ),
        (
            {"lb1": "loadb1", "lb2": "LoadB1"},
            "loadb1",
            [
                "The nodes: lb1 and lb2 are both called loadb1 (heartbeat does not distinguish",
                "lb1: `uname -n` prints loadb1, which is the name of lb2 in the inventory;",
            ],
        ),
        ({"lb1": ""}, "loadb1", ["The nodes: the name of lb1 is '', but must not be blank."]),
        ({"lb1": None}, "loadb1", ["The nodes: the name of lb1 is missing."]),
        (
            {"lb1": "load_b1-"},
            "load_b1-",
            ["The nodes: the name of lb1 is 'load_b1-', but must be a name as `uname -n`"],
        ),
        ({"lb1": "loadb1\n"}, "loadb1", ["The nodes: the name of lb1 is 'loadb1\\n', but must be a name as"]),
        ({"lb1": ["loadb1"]}, "loadb1", ["The nodes: the name of lb1 is a list, but must be text."]),
        ({"lb1": "x" * 65}, "x", ["The nodes: the name of lb1 is 'xxx"]),
        (
            {"lb1": "n", **{f"h{n}": f"n{n}" for n in range(100)}},
            "n",
            ["The nodes: there are 101, but heartbeat knows at most 100; make two clusters of them."],
        ),
        # All problems at once.
        (
            {"lb1": "a", "lb2": "b", "lb3": "b", "lb4": "-"},
            "c",
            [
                "The nodes: lb2 and lb3 are both called b",
                "The nodes: the name of lb4 is '-'",
                "lb1: ha.cf would contain `node a`, but `uname -n` prints c",
            ],
        ),
    ],
)
def test_wrong(nodes: object, uname: str, sentences: list[str]) -> None:
    problems = judge("lb1", nodes, uname).problems
    assert len(problems) == len(sentences)
    assert all(found.sentence.startswith(begin) for found, begin in zip(problems, sentences, strict=True))


SWAPPED = {"lb1": "a", "lb2": "b"}


@pytest.mark.parametrize(
    ("nodes", "uname", "where", "kind", "data"),
    [
        ("lb1", "a", "The nodes", _nodes.NOT_A_DICTIONARY, {"found": "'lb1'"}),
        (
            {"lb1": "b", "lb2": "a", "lb3": "A"},
            "b",
            "The nodes",
            _nodes.SAME_NAME,
            {"other": "lb2", "host": "lb3", "name": "a"},
        ),
        (
            {f"lb{n}": f"n{n}" for n in range(101)},
            "n1",
            "The nodes",
            _nodes.BEYOND_HEARTBEAT,
            {"count": 101, "most": 100},
        ),
        ({"lb2": "b"}, "A", "lb1", _nodes.NOT_A_NODE, {"nodes": ("lb2",), "host": "lb1", "uname": "A"}),
        (SWAPPED, "C", "lb1", _nodes.OTHER_NAME, {"declared": "a", "host": "lb1", "uname": "C"}),
        (SWAPPED, "b", "lb1", _nodes.NAME_OF_OTHER, {"uname": "b", "other": "lb2"}),
    ],
)
def test_kinds_of_problems(
    nodes: object, uname: str, where: str, kind: Kind, data: dict[str, object]
) -> None:
    assert Problem(where, kind, data) in judge("lb1", nodes, uname).problems


@given(
    st.text(min_size=1),
    st.dictionaries(st.text(), st.text() | st.none() | st.integers()),
    st.text(min_size=1),
)
def test_a_host_is_right_only_under_its_own_name(host: str, nodes: dict[str, object], uname: str) -> None:
    if not judge(host, nodes, uname).problems:
        assert str(nodes[host]).strip().lower() == uname.lower()
