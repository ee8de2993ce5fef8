# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.filter.health_page_problems import FilterModule

health_page_problems: Callable[..., Any] = FilterModule().filters()["health_page_problems"]

WWW: dict[str, Any] = {
    "name": "www",
    "address": "192.168.0.105/24",
    "port": 80,
    "real_servers": ["192.168.0.101"],
    "request": "ldirector.html",
}
TEXT = "It works! (web)"
ESCAPED = "It\\ works!\\ \\(web\\)"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"receive": "Test"}, "Test Page"),
        ({"receive": ESCAPED}, TEXT),
        ({"receive": "^It works! .web.$"}, TEXT),
        ({"receive": ""}, TEXT),
        ({"httpmethod": "HEAD"}, TEXT),
        ({"receive": TEXT, "request": "alive.html"}, TEXT),
        ({"receive": TEXT, "virtualhost": "www.example.com"}, TEXT),
        ({"receive": TEXT, "checkport": 8080}, TEXT),
        ({"receive": TEXT, "checktype": "connect"}, TEXT),
        # Perl reads it, and Python does not.
        ({"receive": "\\p{L}"}, TEXT),
    ],
)
def test_nothing_to_say(change: dict[str, Any], text: str) -> None:
    assert health_page_problems([WWW | change], "ldirector.html", text) == []


@pytest.mark.parametrize(
    "change",
    [
        {"receive": TEXT},
        {"receive": TEXT, "request": "/ldirector.html"},
        {"check": {"receive": TEXT, "request": "/ldirector.html"}, "request": None},
        {"real_servers": [{"address": "192.168.0.101", "receive": TEXT}]},
        {},
    ],
)
def test_a_text_that_does_not_match_itself(change: dict[str, Any]) -> None:
    service = {name: value for name, value in (WWW | change).items() if value is not None}
    (found,) = health_page_problems([service], "/ldirector.html", TEXT)
    assert "a regular expression that does not match the text of /ldirector.html, 'It works! (web)'" in found
    assert found.endswith(f"; write {ESCAPED}, or use the filter regex_escape.")


def test_an_empty_page() -> None:
    (found,) = health_page_problems([WWW], "ldirector.html", "")
    assert found.endswith("write an empty text, or use the filter regex_escape.")
