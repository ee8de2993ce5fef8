# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lookup reads the variables of a host. tests/unit/test_inventory.py runs it in Ansible."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.lookup import word_problems

OLD, NEW = "haweb_heartbeat_address", "haweb_apache_heartbeat_address"


class Templar:
    """Puts text in place of the one template of these tests, and refuses all other values."""

    def template(self, value: object) -> object:
        assert value != "not to be read"
        return "a" if value == "{{ 'a' }}" else value


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(
        word_problems.display, "deprecated", lambda msg, version, collection_name: found.append(msg)
    )
    return found


@pytest.mark.parametrize(
    ("variables", "problems", "deprecations"),
    [
        ({"haweb_services": "not to be read"}, [], 0),
        ({"haweb_servces": "not to be read"}, ["the variable haweb_servces"], 0),
        ({OLD: "not to be read"}, [], 1),
        ({NEW: "not to be read"}, [], 0),
        ({OLD: "a", NEW: "{{ 'a' }}"}, [], 1),
        ({OLD: "a", NEW: "b"}, [f"{OLD} and {NEW} are set to different values"], 1),
        (None, [], 0),
    ],
)
def test_lookup(
    warnings: list[str], variables: dict[str, Any] | None, problems: list[str], deprecations: int
) -> None:
    found = word_problems.LookupModule(templar=Templar()).run(["web1"], variables)
    assert len(found) == len(problems)
    for sentence, part in zip(found, problems, strict=True):
        assert sentence.startswith("web1: ")
        assert part in sentence
    assert len(warnings) == deprecations
