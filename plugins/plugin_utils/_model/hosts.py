# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a cluster needs to know of its hosts, from the variables that each of them has.

The variables are Ansible's hostvars, which have what the inventory sets and no defaults of roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problem, Problems

Hosts = Mapping[str, Mapping[str, Any]]

DEFAULT_PORT = 80
CERTIFICATE = "haweb_tls_certificate"
OWN_CERTIFICATE = "haweb_webserver_tls_certificate"

UNUSED_CERTIFICATE = Kind(
    "unused_certificate",
    "{name} is set, but nobody uses it: {why}. {cure}, or remove it",
)


def node_names(hosts: Iterable[str], variables: Hosts) -> dict[str, str]:
    """Return the output of `uname -n` for the name of each host."""
    return {host: variables[host].get("haweb_node_name", host) for host in hosts}


def members(hosts: Iterable[str], variables: Hosts) -> list[object]:
    """Return each web server as a member of the balancers, with what it does not say itself."""
    return [_member(host, variables[host]) for host in hosts]


def _member(host: str, given: Mapping[str, Any]) -> object:
    own = given.get("haweb_member", {})
    # What is no dictionary is a problem of the balancer, which finds it.
    return {**_default_member(host, given), **own} if isinstance(own, Mapping) else own


def _default_member(host: str, given: Mapping[str, Any]) -> dict[str, object]:
    # The route is what follows the first dot in the cookie.
    found: dict[str, object] = {"route": given.get("haweb_route") or host.replace(".", "-")}
    address = given.get("haweb_address")
    port = given.get("haweb_webserver_port", DEFAULT_PORT)
    return {"url": f"http://{address}:{port}", **found} if address else found


def certificate_problems(variables: Hosts, groups: Mapping[str, Sequence[str]]) -> list[Problem]:
    """Return a problem for each host with a certificate that no host of its cluster uses."""
    clusters: dict[str, dict[str, Mapping[str, Any]]] = {}
    for host, given in variables.items():
        clusters.setdefault(given.get("haweb_cluster", "all"), {})[host] = given
    return [problem for hosts in clusters.values() for problem in _unused(hosts, groups)]


def _unused(hosts: Hosts, groups: Mapping[str, Sequence[str]]) -> list[Problem]:
    """Return the problems of one cluster."""
    webservers, balancers = (
        [host for host in groups.get(name, ()) if host in hosts] for name in ("webservers", "balancers")
    )
    edge = balancers or webservers
    used = {_used(host, hosts[host], host in balancers, edge) for host in {*webservers, *balancers}}
    problems: dict[str, Problem] = {}
    for host, given in hosts.items():
        for name in (CERTIFICATE, OWN_CERTIFICATE):
            certificate = given.get(name)
            if certificate and certificate not in used and certificate not in problems:
                problems[certificate] = _problem(host, name, edge, bool(balancers))
    return list(problems.values())


def _used(host: str, given: Mapping[str, Any], is_balancer: bool, edge: Sequence[str]) -> object:
    """Return the certificate with which Apache on this host answers, or nothing."""
    of_all = given.get(CERTIFICATE, "")
    if is_balancer:
        return given.get("balancer_tls_certificate", of_all)
    # Whoever sets haweb_edge may mean any host; its value may need variables that hostvars do not have.
    default = of_all if host in edge or "haweb_edge" in given else ""
    return given.get("webserver_tls_certificate", given.get(OWN_CERTIFICATE, default))


def _problem(host: str, name: str, edge: Sequence[str], behind_balancers: bool) -> Problem:
    problems = Problems(host)
    ends = "the balancers" if behind_balancers else "the web servers"
    right = CERTIFICATE if name == CERTIFICATE or behind_balancers else name
    problems.add(
        UNUSED_CERTIFICATE,
        name=name,
        why=f"TLS ends on {ends} {', '.join(edge)}, which have another one or none",
        cure=f"Set {right} where these hosts read it, in group_vars/all.yml for example",
    )
    return problems.found[0]
