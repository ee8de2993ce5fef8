# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lookup reads the variables of a host. tests/unit/test_inventory.py runs it in Ansible."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.lookup import word_problems

OLD, NEW = "haweb_heartbeat_address", "haweb_apache_heartbeat_address"


class Templar:
    """Puts text in place of the one template of these tests, and refuses all other values."""

    def is_template(self, value: str) -> bool:
        return "{{" in value

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
        ({"haweb_sync_id": "not to be read"}, [], 0),
        ({"haweb_services": [], "haweb_ha_cf": None, "haweb_nodes": {"a": "a"}}, [], 0),
        ({"haweb_services": "{{ not_to_be_read }}"}, [], 0),
        ({"haweb_members": ["{{ not_to_be_read }}"]}, [], 0),
        ({"haweb_resources": "hunter2"}, ["haweb_resources is text, but must be a list."], 0),
        ({"haweb_resources": None}, ["haweb_resources is empty, but must be a list."], 0),
        (
            {"haweb_heartbeat_keys": {"secret": "hunter2"}},
            ["is a dictionary, but must be a list of dictionaries."],
            0,
        ),
        (
            {"haweb_services": [{"name": "www"}, "hunter2"]},
            ["haweb_services has text as its number 2, but must be a list of dictionaries."],
            0,
        ),
        (
            {"haweb_heartbeat_keys": [{"secret=hunter2": None}]},
            ["haweb_heartbeat_keys has an option without a name in its number 1; write name: value."],
            0,
        ),
        ({"haweb_balancer_manager": "no"}, [], 0),
        ({"haweb_balancer_manager": "hunter2"}, ["is text, but must be true or false."], 0),
        ({"haweb_nodes": ["hunter2"]}, ["haweb_nodes is a list, but must be a dictionary."], 0),
        ({"haweb_nodes": None, "haweb_member": False}, ["is empty, but", "is false, but must be"], 0),
        ({"haweb_ha_cf": 1.5}, ["haweb_ha_cf is a number, but must be a dictionary."], 0),
        ({"haweb_members": date(2026, 1, 31)}, ["is something else, such as a date, but must be"], 0),
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
        assert "hunter2" not in sentence
    assert len(warnings) == deprecations
