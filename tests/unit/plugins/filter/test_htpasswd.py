# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bcrypt
import pytest
from ansible_collections.haweb.cluster.plugins.filter.htpasswd import FilterModule

htpasswd: Callable[..., Any] = FilterModule().filters()["htpasswd"]

LINE = htpasswd("correct horse", "admin", "balancer1")


def test_apache_knows_the_scheme() -> None:
    assert LINE.startswith("admin:$2y$12$")


@pytest.mark.parametrize(("password", "fits"), [("correct horse", True), ("wrong horse", False)])
def test_only_the_password_fits(password: str, fits: bool) -> None:
    assert bcrypt.checkpw(password.encode(), LINE.partition(":")[2].encode()) is fits


def test_same_input_returns_the_same_line() -> None:
    assert htpasswd("correct horse", "admin", "balancer1") == LINE


@pytest.mark.parametrize(("user", "place"), [("admin", "balancer2"), ("operator", "balancer1")])
def test_salt_differs_between_places_and_users(user: str, place: str) -> None:
    salt = slice(7, 29)
    other = htpasswd("correct horse", user, place).partition(":")[2]
    assert other[salt] != LINE.partition(":")[2][salt]


def test_salt_does_not_depend_on_the_password() -> None:
    salt = slice(7, 29)
    other = htpasswd("wrong horse", "admin", "balancer1").partition(":")[2]
    assert other[salt] == LINE.partition(":")[2][salt]
