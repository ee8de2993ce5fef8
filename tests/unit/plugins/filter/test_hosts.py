# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filters that take Ansible's hostvars; test_hosts.py of the model has the cases."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.filter import certificate_problems, members, node_names


@pytest.mark.parametrize(
    ("module", "name", "given", "arguments", "found"),
    [
        (node_names, "node_names", ["lb1"], ({"lb1": {}},), {"lb1": "lb1"}),
        (members, "members", ["web1"], ({"web1": {}},), [{"route": "web1"}]),
        (
            certificate_problems,
            "certificate_problems",
            {"lb1": {"haweb_tls_certificate": "PEM"}},
            ({"balancers": ["lb1"]},),
            [],
        ),
    ],
)
def test_filter(module: Any, name: str, given: object, arguments: tuple[object, ...], found: object) -> None:
    assert module.FilterModule().filters()[name](given, *arguments) == found


def test_sentence_does_not_contain_the_certificate() -> None:
    (sentence,) = certificate_problems.certificate_problems(
        {"web1": {"haweb_tls_certificate": "PEM"}, "lb1": {}}, {"webservers": ["web1"], "balancers": ["lb1"]}
    )
    assert sentence.startswith(
        "web1: haweb_tls_certificate is set, but nobody uses it: TLS ends on the balancers lb1,"
    )
    assert "PEM" not in sentence
