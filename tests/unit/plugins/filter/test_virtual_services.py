# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.haweb.cluster.plugins.filter.virtual_services import FilterModule

virtual_services: Callable[..., Any] = FilterModule().filters()["virtual_services"]

WWW: dict[str, Any] = {
    "name": "www",
    "address": "192.168.0.105/24",
    "port": 80,
    "real_servers": ["192.168.0.101"],
}
HOME = WWW | {"fallback": "127.0.0.1:80 gate"}
OTHER = WWW | {"port": 8080}
MARKED = {name: value for name, value in WWW.items() if name != "port"} | {"fwmark": 7, "ports": [443, 80]}


def test_a_service_of_one_port() -> None:
    assert virtual_services([WWW]) == {
        "names": ["192.168.0.105:80"],
        "served": ["192.168.0.105:80"],
        "packages": [],
        "addresses": ["192.168.0.105"],
        "places": [{"protocol": "tcp", "address": "192.168.0.105", "port": 80}],
        "marks": [],
        "fallback_ports": [],
    }


def test_a_service_of_several_ports() -> None:
    place = {"protocol": "tcp", "address": "192.168.0.105"}
    assert virtual_services([MARKED]) == {
        "names": ["7"],
        "served": ["7"],
        "packages": [],
        "addresses": ["192.168.0.105"],
        "places": [{**place, "port": 443}, {**place, "port": 80}],
        "marks": [{"mark": 7, **place, "port": 443}, {"mark": 7, **place, "port": 80}],
        "fallback_ports": [],
    }


IDLE = {"address": "192.168.0.102", "weight": 0}


@pytest.mark.parametrize(
    ("change", "served"),
    [
        ({}, True),
        ({"checktype": "off"}, False),
        ({"checktype": False}, False),
        ({"check": {"type": False}}, False),
        ({"checktype": True}, True),
        ({"real_servers": [IDLE]}, False),
        ({"real_servers": [IDLE, "192.168.0.101"]}, True),
        ({"fallback": "127.0.0.1", "real_servers": [IDLE]}, False),
    ],
)
def test_nobody_waits_for_a_service_that_can_have_no_real_server(
    change: dict[str, Any], served: bool
) -> None:
    found = virtual_services([WWW | change])
    assert found["names"] == ["192.168.0.105:80"]
    assert found["served"] == (found["names"] if served else [])


@pytest.mark.parametrize(
    "place",
    [
        "roles/director/tasks/run.yml",
        "playbooks/operate/status.yml",
        "playbooks/operate/switch.yml",
    ],
)
def test_who_waits_waits_for_those_that_are_served(place: str) -> None:
    text = (Path(__file__).parents[4] / place).read_text()
    assert "virtual.served" in text
    assert "virtual.names" not in text


def test_port_53_is_udp() -> None:
    dns = WWW | {"port": 53, "request": "www.example.com", "receive": "192.0.2.1"}
    place = {"address": "192.168.0.105", "port": 53}
    assert virtual_services([dns])["places"] == [{"protocol": "udp", **place}]
    assert virtual_services([dns | {"protocol": None}])["places"] == [{"protocol": "udp", **place}]
    assert virtual_services([dns | {"protocol": "tcp"}])["places"] == [{"protocol": "tcp", **place}]


def test_a_driver_of_a_database_is_a_package_of_its_own() -> None:
    sql = WWW | {"login": "monitor", "request": "SELECT 1"}
    services = [sql | {"port": 3306}, sql | {"port": 5432}, WWW]
    assert virtual_services(services)["packages"] == ["libdbd-mysql-perl", "libdbd-pg-perl"]
    assert virtual_services([sql | {"port": 3306, "checktype": "connect"}])["packages"] == []


def test_an_address_of_two_services_comes_once() -> None:
    assert virtual_services([WWW, OTHER])["addresses"] == ["192.168.0.105"]


@pytest.mark.parametrize(
    ("services", "options", "ports"),
    [
        ([HOME], {}, [80]),
        ([OTHER], {}, []),
        ([OTHER | {"fallback": "192.168.0.99"}], {"fallback": "127.0.0.1"}, []),
        ([OTHER, HOME], {"fallback": "127.0.0.1"}, [80, 8080]),
        ([OTHER | {"protocol": "udp", "fallback": "127.0.0.1"}], {}, []),
        ([MARKED | {"fallback": "127.0.0.2"}], {}, [80, 443]),
    ],
)
def test_ports_that_the_director_serves_itself(services: object, options: object, ports: list[int]) -> None:
    assert virtual_services(services, options)["fallback_ports"] == ports


def test_services_that_cannot_work() -> None:
    with pytest.raises(AnsibleFilterError, match=r"cannot work. Service www: port is missing"):
        virtual_services([WWW | {"port": None}])
