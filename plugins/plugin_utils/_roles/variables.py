# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the variables of the roles that no engine reads.

Ansible's argument specification checks types, and passes what it can convert, but a role gets the value as it
was. A new variable is one new line in VARIABLES.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.haweb.cluster.plugins.module_utils._problems import (
    Problems,
    UnfitError,
    is_list,
    shown,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache.values import (
    bare,
    boolean,
    host_name,
    token,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.values import interface
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import (
    Reader,
    host_address,
    line,
    number,
    one_of,
    path,
    port,
    virtual_address,
    word,
)

ABOUT = "The variables"
MOST_SECONDS = 86400  # a day
MOST_AGE = 2147483647  # of Strict-Transport-Security, in seconds
MOST_SYNC_ID = 255
MOST_SYNC_LENGTH = 65535
SETTING = re.compile(r"[A-Za-z0-9_./-]+")
MODULE = re.compile(r"[A-Za-z0-9_-]+")


def html(value: object) -> str:
    """Read the text of a page."""
    if not isinstance(value, str):
        raise UnfitError("must be text; put it in quotes")
    return value


def page_text(value: object) -> str:
    """Read the text of the health page; it may be empty."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UnfitError("must be text; put it in quotes")
    return str(value)


def pem(value: object) -> str:
    """Read a certificate or a key; an empty text means that there is none."""
    if not isinstance(value, str):
        raise UnfitError("must be text in PEM format, or empty")
    return value


def in_quotes(value: object) -> str:
    """Read text that stands between double quotes in a header of Apache."""
    found = line(value)
    if any(sign in found for sign in '"\\%$'):
        raise UnfitError('must not contain one of " \\ % $, which Apache would not write as they are')
    return found


def file_path(value: object) -> str:
    return path(bare(value))


def endpoint(value: object) -> str:
    address, colon, udp = value.partition(":") if isinstance(value, str) else ("", "", "")
    try:
        if not colon:
            raise UnfitError
        return f"{host_address(address)}:{port(udp)}"
    except UnfitError:
        raise UnfitError("must be an IPv4 address and a port such as 239.0.0.1:27999") from None


def kernel_module(value: object) -> str:
    found = word(value)
    if not MODULE.fullmatch(found):
        raise UnfitError("must be the name of a kernel module such as ip_vs")
    return found


def settings(value: object) -> dict[str, str]:
    """Read kernel settings by their sysctl names."""
    if not isinstance(value, Mapping):
        raise UnfitError("must be a dictionary of kernel setting: value such as {net.ipv4.ip_forward: 1}")
    found = {}
    for name, one in value.items():
        if not isinstance(name, str) or not SETTING.fullmatch(name):
            raise UnfitError("each kernel setting must be a name such as net.ipv4.ip_forward")
        try:
            found[name] = line(one)
        except UnfitError as why:
            raise UnfitError(f"the value of {name} {why}, for example 1") from None
    return found


def dictionary(example: str) -> Reader[Mapping[Any, Any]]:
    """Read options that an engine reads later. Null means that there are none."""

    def read(value: object) -> Mapping[Any, Any]:
        if not isinstance(value, Mapping):
            raise UnfitError(f"must be a dictionary such as {example}")
        return value

    return read


def listed(one: Reader[Any], example: str) -> Reader[tuple[Any, ...]]:
    def read(value: object) -> tuple[Any, ...]:
        if not is_list(value):
            raise UnfitError(f"must be a list such as [{example}]")
        found = []
        for position, entry in enumerate(value, start=1):
            try:
                found.append(one(entry))
            except UnfitError as why:
                raise UnfitError(f"its number {position} is {shown(entry)}, which {why}") from None
        return tuple(found)

    return read


def optional(read: Reader[Any]) -> Reader[Any]:
    """Accept an empty text, too, which means that there is none."""
    return lambda value: "" if value == "" else read(value)


seconds = number(0, MOST_SECONDS)
some_seconds = number(1, MOST_SECONDS)
host_names = listed(host_name, "www.example.com")
addresses = listed(host_address, "192.168.0.104")
virtual_addresses = listed(virtual_address, "192.168.0.105/24")
cookie = dictionary("{name: BALANCEID, path: /}")

# Variable of a role -> its reader.
VARIABLES: dict[str, Reader[Any]] = {
    "webserver_name": in_quotes,
    "webserver_server_name": host_name,
    "webserver_server_aliases": host_names,
    "webserver_server_admin": bare,
    "webserver_port": port,
    "webserver_document_root": file_path,
    "webserver_health_text": page_text,
    "webserver_served_by": optional(token),
    "webserver_heartbeat_address": optional(endpoint),
    "webserver_tls_certificate": pem,
    "webserver_tls_key": pem,
    "webserver_tls_port": port,
    "webserver_tls_hsts": number(0, MOST_AGE),
    "balancer_server_name": host_name,
    "balancer_server_aliases": host_names,
    "balancer_server_admin": bare,
    "balancer_port": port,
    "balancer_name": token,
    "balancer_options": dictionary("{lbmethod: byrequests}"),
    "balancer_sticky_cookie": cookie,
    "balancer_heartbeat_listen": endpoint,
    "balancer_health_text": page_text,
    "balancer_health_timeout": some_seconds,
    "balancer_sorry_html": html,
    "balancer_retry_after": seconds,
    "balancer_manager": boolean,
    "balancer_tls_certificate": pem,
    "balancer_tls_key": pem,
    "balancer_tls_port": port,
    "balancer_tls_hsts": number(0, MOST_AGE),
    "balancer_sysctl": settings,
    "sorry_page_html": html,
    "sorry_page_retry_after": seconds,
    "sorry_page_ports": listed(port, "80"),
    "sorry_page_tls_certificate": pem,
    "sorry_page_tls_key": pem,
    "sorry_page_tls_port": port,
    "real_server_addresses": virtual_addresses,
    "real_server_interface": interface,
    "director_supervised": boolean,
    "director_active": one_of("one", "both"),
    "director_interface": optional(interface),
    "director_address": optional(host_address),
    "director_peer_addresses": addresses,
    "director_both_port": port,
    "director_shared_mac": one_of("unicast", "multicast"),
    "director_try_network": boolean,
    "director_sync_interface": interface,
    "director_sync_id": number(0, MOST_SYNC_ID),
    "director_sync_maxlen": number(1, MOST_SYNC_LENGTH),
    "director_ipvs_modules": listed(kernel_module, "ip_vs"),
    "director_sysctl": settings,
    "director_wait": seconds,
    "heartbeat_node_addresses": addresses,
    "heartbeat_wait": seconds,
}
# The ends of those whose values no sentence shows: a certificate may have the key in it, options that are
# text instead of a dictionary a password, and somebody may write a password for the manager into its switch.
SECRETS = ("_tls_certificate", "_tls_key", "_options", "_cookie", "_manager")
# Those for which null stands for nothing.
NULLABLE = ("balancer_options", "balancer_sticky_cookie")


def variable_problems(given: Mapping[str, object]) -> list[str]:
    """Return a sentence for each variable that a role cannot use."""
    problems = Problems(ABOUT)
    for name, value in given.items():
        if value is None and name in NULLABLE:
            continue
        problems.read(VARIABLES[name], name, value, secret=name.endswith(SECRETS))
    return problems.sentences
