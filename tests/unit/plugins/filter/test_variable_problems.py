# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.haweb.cluster.plugins.filter.variable_problems import FilterModule

problems: Callable[..., list[str]] = FilterModule().filters()["variable_problems"]  # type: ignore[assignment]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"webserver_port": 80, "webserver_tls_port": "443"},
        {"webserver_name": "web 1", "webserver_server_aliases": []},
        {"webserver_document_root": "/srv/www", "webserver_health_text": 80},
        {"webserver_heartbeat_address": "", "webserver_served_by": ""},
        {"webserver_heartbeat_address": "239.0.0.1:27999", "webserver_tls_key": ""},
        {"balancer_options": None, "balancer_sticky_cookie": {}, "balancer_manager": "no"},
        {"balancer_sorry_html": "<h1>\nSorry</h1>", "balancer_sysctl": {"net.ipv4.tcp_tw_reuse": 1}},
        {"director_peer_addresses": ["192.168.0.104"], "director_interface": "", "director_address": ""},
        {"director_ipvs_modules": ["ip_vs"], "director_sysctl": {"net/ipv4/conf/eth0.100/arp_ignore": "0 0"}},
        {"real_server_addresses": ["192.168.0.105/24"], "real_server_interface": "eth0.100"},
    ],
)
def test_fit(given: dict[str, object]) -> None:
    assert problems(given) == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("webserver_port", True, "webserver_port is true, but must be a whole number from 1 to 65535."),
        ("webserver_name", 'a"b', """webserver_name is 'a"b', but must not contain one of " \\ % $, which"""),
        ("webserver_document_root", "srv", "webserver_document_root is 'srv', but must be an absolute path."),
        ("webserver_heartbeat_address", 1, "is 1, but must be an IPv4 address and a port such as 239.0.0.1"),
        ("webserver_heartbeat_address", "239.0.0.1", "must be an IPv4 address and a port such as 239.0.0.1"),
        ("webserver_heartbeat_address", "239.0.0.1:0", "must be an IPv4 address and a port such as 239.0.0"),
        ("webserver_health_text", [], "webserver_health_text is a list, but must be text; put it in quotes."),
        ("webserver_tls_certificate", ["PEM"], "cannot be used: it must be text in PEM format, or empty."),
        ("balancer_options", "a=b", "balancer_options cannot be used: it must be a dictionary such as {lbm"),
        ("balancer_sorry_html", 5, "balancer_sorry_html is 5, but must be text; put it in quotes."),
        ("balancer_manager", "admin", "balancer_manager cannot be used: it must be true or false."),
        ("director_sysctl", [], "is a list, but must be a dictionary of kernel setting: value such as {net"),
        ("director_sysctl", {1: 1}, "but each kernel setting must be a name such as net.ipv4.ip_forward."),
        ("director_sysctl", {"a": True}, "but the value of a must be text, for example 1."),
        ("director_ipvs_modules", ["ip/vs"], "number 1 is 'ip/vs', which must be the name of a kernel mod"),
        ("director_peer_addresses", "a", "director_peer_addresses is 'a', but must be a list such as [192"),
        ("real_server_interface", "eth 0", "real_server_interface is 'eth 0', but must be a single word"),
        ("real_server_interface", "zürich", "must be the name of a network interface, at most 15 characters"),
    ],
)
def test_unfit(name: str, value: object, sentence: str) -> None:
    (found,) = problems({name: value})
    assert found.startswith("The variables: ")
    assert sentence in found
