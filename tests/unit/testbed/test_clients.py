"""The evaluation of clients' results."""

from __future__ import annotations

from testbed.lab import Claims, Held
from testbed.programs.browse import Answer
from testbed.site_with_sessions import Visit


def test_client_that_moves() -> None:
    answers = [
        Answer(0, 200, "webserver1", None),
        Answer(0, 200, "webserver1", "balancer.webserver1"),
        Answer(0, 200, "webserver2", "balancer.webserver1"),
        Answer(1, 200, "webserver2", None),
        Answer(1, None, None, "balancer.webserver2"),
    ]
    visit = Visit(answers)
    assert visit.stays == {0: ["webserver1", "webserver2"], 1: ["webserver2"]}
    assert (visit.wrong, visit.failed) == (1, 1)


def test_claims_of_the_same_moment() -> None:
    claims = Claims([frozenset("a"), frozenset("ab"), frozenset(), frozenset("c")])
    assert claims.at_once == len("ab")
    assert claims.macs == frozenset("abc")


def test_held_connections() -> None:
    whole, broken, moved = (
        {"error": error, "servers": servers, "requests": 1}
        for error, servers in ((None, ["a"]), ("TimeoutError", ["a", "b"]), (None, ["a", "b"]))
    )
    held = Held([whole, broken, moved])
    assert (held.broken, held.astray) == ([broken], [moved])
