# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.filter import controller_problems as face

problems: Callable[..., Any] = face.FilterModule().filters()["controller_problems"]


@pytest.mark.parametrize("core", ["2.19.0", "2.22.0b1", "2.100.1", "3.0.0"])
def test_nothing_is_lacking(core: str) -> None:
    assert problems(core) == []


@pytest.mark.parametrize("core", ["2.9.27", "2.18.14"])
def test_old_core(core: str) -> None:
    (sentence,) = problems(core)
    assert sentence.startswith(f"The controller: ansible-core is {core}, but must be 2.19 or newer")


def test_without_netaddr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face, "HAS_NETADDR", False)
    assert problems("2.19.0") == [
        "The controller: the Python library netaddr is missing; install it with `pip install netaddr` for "
        f"{sys.executable}."
    ]
