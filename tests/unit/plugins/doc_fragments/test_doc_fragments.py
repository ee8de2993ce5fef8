# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fragment has what several modules document, and nothing else documents it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.haweb.cluster.plugins.doc_fragments import changes_nothing, new_ldirectord_cf

MODULES = sorted((Path(__file__).parents[4] / "plugins" / "modules").glob("*.py"))
FRAGMENTS = {"changes_nothing": changes_nothing, "new_ldirectord_cf": new_ldirectord_cf}
FEWEST = 2


def documented(module: Path) -> dict[str, Any]:
    text = module.read_text().partition('DOCUMENTATION = r"""')[-1].partition('"""')[0]
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def users(fragment: str) -> list[dict[str, Any]]:
    documents = map(documented, MODULES)
    return [
        one
        for one in documents
        if f"haweb.cluster.{fragment}" in one.get("extends_documentation_fragment", [])
    ]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_fragment_has_several_users(fragment: str) -> None:
    assert len(users(fragment)) >= FEWEST


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_no_module_repeats_a_sentence_of_a_fragment(fragment: str) -> None:
    given = yaml.safe_load(FRAGMENTS[fragment].ModuleDocFragment.DOCUMENTATION)
    sentences = {
        one["description"] for section in ("options", "attributes") for one in given.get(section, {}).values()
    }
    for module in MODULES:
        own = documented(module)
        parts = [*own.get("options", {}).values(), *own.get("attributes", {}).values()]
        assert [one for one in parts if str(one.get("description")) in sentences] == [], module.name
