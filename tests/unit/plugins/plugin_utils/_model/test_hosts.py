"""What a cluster needs to know of its hosts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.plugin_utils._model import hosts

GROUPS = {"webservers": ["w1", "w2"], "balancers": ["b1"], "directors": ["d1"]}
WITHOUT_BALANCERS = {**GROUPS, "balancers": []}
ALL, OWN = {"haweb_tls_certificate": "all"}, {"haweb_webserver_tls_certificate": "own"}
NONE: dict[str, Any] = {}


def test_node_names() -> None:
    variables = {"d1": {"haweb_node_name": "lb1.example.com"}, "d2": {}}
    assert hosts.node_names(["d2", "d1"], variables) == {"d2": "d2", "d1": "lb1.example.com"}


@pytest.mark.parametrize(
    ("given", "member"),
    [
        ({"haweb_address": "192.0.2.1"}, {"url": "http://192.0.2.1:80", "route": "web-1"}),
        (
            {"haweb_address": "192.0.2.1", "haweb_webserver_port": "8080"},
            {"url": "http://192.0.2.1:8080", "route": "web-1"},
        ),
        ({"haweb_address": "192.0.2.1", "haweb_route": "a"}, {"url": "http://192.0.2.1:80", "route": "a"}),
        # The empty one of the example of older versions.
        (
            {"haweb_address": "192.0.2.1", "haweb_route": ""},
            {"url": "http://192.0.2.1:80", "route": "web-1"},
        ),
        # balancer_problems finds what is missing.
        ({}, {"route": "web-1"}),
        (
            {"haweb_member": {"url": "http://w", "route": "a", "lbset": 1}},
            {"url": "http://w", "route": "a", "lbset": 1},
        ),
        ({"haweb_member": "http://w"}, "http://w"),
    ],
)
def test_member(given: dict[str, Any], member: object) -> None:
    assert hosts.members(["web.1"], {"web.1": given}) == [member]


@pytest.mark.parametrize(
    ("groups", "w1", "w2", "b1", "d1", "found"),
    [
        (GROUPS, NONE, NONE, NONE, NONE, []),
        (GROUPS, ALL, ALL, ALL, ALL, []),
        (GROUPS, NONE, NONE, ALL, NONE, []),
        (GROUPS, ALL, NONE, NONE, NONE, [("w1", "haweb_tls_certificate")]),
        (GROUPS, NONE, NONE, NONE, ALL, [("d1", "haweb_tls_certificate")]),
        # One certificate, one problem.
        (GROUPS, ALL, ALL, NONE, ALL, [("w1", "haweb_tls_certificate")]),
        (GROUPS, ALL, ALL, {"balancer_tls_certificate": "all"}, NONE, []),
        (GROUPS, ALL, ALL, {**ALL, "balancer_tls_certificate": ""}, NONE, [("w1", "haweb_tls_certificate")]),
        (GROUPS, NONE, NONE, OWN, NONE, [("b1", "haweb_webserver_tls_certificate")]),
        (WITHOUT_BALANCERS, ALL, ALL, NONE, ALL, []),
        (WITHOUT_BALANCERS, NONE, NONE, NONE, ALL, [("d1", "haweb_tls_certificate")]),
        (WITHOUT_BALANCERS, OWN, OWN, NONE, NONE, []),
        (WITHOUT_BALANCERS, NONE, NONE, NONE, OWN, [("d1", "haweb_webserver_tls_certificate")]),
        (WITHOUT_BALANCERS, {**ALL, **OWN}, {**ALL, **OWN}, NONE, ALL, [("w1", "haweb_tls_certificate")]),
        (
            WITHOUT_BALANCERS,
            {**ALL, "haweb_webserver_tls_certificate": ""},
            {**ALL, "webserver_tls_certificate": ""},
            NONE,
            NONE,
            [("w1", "haweb_tls_certificate")],
        ),
        # Who sets the edge may mean any host.
        (GROUPS, {**ALL, "haweb_edge": "{{ haweb_webservers }}"}, NONE, NONE, NONE, []),
    ],
)
def test_certificates(
    groups: dict[str, list[str]],
    w1: dict[str, Any],
    w2: dict[str, Any],
    b1: dict[str, Any],
    d1: dict[str, Any],
    found: list[tuple[str, str]],
) -> None:
    problems = hosts.certificate_problems({"w1": w1, "w2": w2, "b1": b1, "d1": d1}, groups)
    assert [(problem.where, problem.data["name"]) for problem in problems] == found
    assert {problem.code for problem in problems} <= {"unused_certificate"}


def test_certificate_of_another_cluster_is_not_used_here() -> None:
    groups = {"webservers": ["w1", "w2"]}
    variables = {"w1": {"haweb_cluster": "shop"}, "w2": {"haweb_cluster": "news", **ALL}}
    variables["d1"] = {"haweb_cluster": "shop", **ALL}
    (problem,) = hosts.certificate_problems(variables, groups)
    assert problem.sentence == (
        "d1: haweb_tls_certificate is set, but nobody uses it: TLS ends on the web servers w1, which have "
        "another one or none. Set haweb_tls_certificate where these hosts read it, in group_vars/all.yml for "
        "example, or remove it."
    )
