# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The problems of heartbeat's values, and the checks of values that depend on each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ansible_collections.haweb.cluster.plugins.module_utils._haresources import ADDRESS_AGENTS
from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.options import (
    LOGS,
    MEDIA,
    PINGS,
    runs_ipfail,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.values import LEGACY, Duration, as_time
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import Settled

if TYPE_CHECKING:
    from netaddr import IPNetwork

NODES = 2
MOST_MEDIA = 64
# heartbeat's own defaults.
OWN_MS = {"keepalive": 1000, "deadtime": 30000}
OLD_PROGRAMS, PROGRAMS = "/usr/lib/heartbeat/", "/usr/libexec/heartbeat/"
# Directives that the inventory cannot have, and what to do instead.
REFUSED = {
    "node": "the names come from the nodes; put the host there",
    "pacemaker": "heartbeat itself moves the addresses here; remove it",
    "crm": "heartbeat itself moves the addresses here; remove it",
    "nice_failback": "it is obsolete; use auto_failback",
}

# mach_down, which heartbeat runs on every survivor, takes over all resources of the dead node.
TOO_MANY_NODES = Kind(
    "too_many_nodes",
    "there are {count}, but without a cluster resource manager heartbeat moves addresses between two: both "
    "survivors of three would take a dead one's address; name two hosts",
)
NO_NODE = Kind("no_node", "there is none, but heartbeat moves addresses between nodes; name two hosts")
ONE_NODE = Kind(
    "one_node", "there is only {name}, but heartbeat moves addresses between nodes; name two hosts"
)
NO_PREFERRED_NODE = Kind("no_preferred_node", "there is none to prefer; name two hosts")

NOT_A_DICTIONARY = Kind(
    "not_a_dictionary", "found {found}, but they must be a dictionary of directive: value"
)
REFUSED_DIRECTIVE = Kind("refused_directive", "{name} cannot stand here: {cure}")
DEAD_TOO_SOON = Kind(
    "dead_too_soon",
    "{name} is {found} ms, but must be more than twice keepalive ({keepalive} ms), or one late heartbeat "
    "would mean a dead node; use more than {least} ms, or a shorter keepalive",
)
SHORT_INITDEAD = Kind(
    "short_initdead",
    "initdead is {found} ms, but must not be below deadtime ({deadtime} ms), since a node that has just "
    "booted waits longer for its network; use {better} or more",
)
LATE_WARNTIME = Kind(
    "late_warntime",
    "warntime is {found} ms, but must not be above deadtime ({deadtime} ms), or no warning would come before "
    "the takeover; use {better}",
)
OLD_PROGRAM_FOLDER = Kind(
    "old_program_folder",
    "{name} is '{user} {found}', but Debian keeps heartbeat's programs elsewhere; write {user} {better}",
)
IPFAIL_WITHOUT_PING = Kind(
    "ipfail_without_ping",
    "respawn starts ipfail, but nothing is pinged, so that it has no connection to compare; name a router in "
    "ping or ping_group, or remove ipfail",
)
IPFAIL_AND_LEGACY = Kind(
    "ipfail_and_legacy",
    "auto_failback is legacy, which ipfail refuses; set auto_failback to off or on",
)
NO_LOG = Kind(
    "no_log",
    "use_logd is off and no other log is named, with which heartbeat does not start; set logfacility, "
    "logfile or debugfile",
)
TOO_MANY_LINKS = Kind(
    "too_many_links", "there are {count} links ({names}), but heartbeat takes {most}; remove some"
)
PING_OF_CLUSTER = Kind(
    "ping_of_cluster",
    "ping is {target}, which belongs to the cluster itself, so that a lost answer would not show a broken "
    "network; ping a router instead",
)

NOT_A_LIST = Kind("not_a_list", "found {found}, but they must be a list such as {example}")
REPEATED = Kind("repeated", "{value} is in the list more than once; remove the others")
NETWORK_ADDRESS = Kind(
    "network_address",
    "{address} is the address of the network {network} itself; use an address inside it",
)
BROADCAST_ADDRESS = Kind(
    "broadcast_address",
    "{address} is the broadcast address of the network {network} itself; use an address inside it",
)
NOTHING_TO_CARRY = Kind(
    "nothing_to_carry",
    "there is neither an address nor a resource to carry; name at least one virtual address",
)
NO_AGENT = Kind(
    "no_agent",
    "nothing among them carries the virtual addresses; put {agents} at their end, which stands for all of "
    "them",
)
SEVERAL_AGENTS = Kind("several_agents", "{agents} would both carry the virtual addresses; keep one of them")

NO_DEFAULT = (
    "there is no default secret; make one with `openssl rand -hex 32` and keep it in the inventory, "
    "encrypted with ansible-vault"
)
# No part of a key is shown: the secret may be in the wrong place.
KEYS_NOT_A_LIST = Kind(
    "keys_not_a_list", "they must be a list such as [{{id: 1, method: sha1, secret: ...}}]"
)
NO_KEY = Kind("no_key", f"there is none, and {NO_DEFAULT}")
KEY_NOT_A_DICTIONARY = Kind("key_not_a_dictionary", "it must be a dictionary of id, method and secret")
UNKNOWN_KEY_WORD = Kind("unknown_key_word", "it has an unknown word{guess}")
REPEATED_ID = Kind("repeated_id", "id {id} is used more than once; give each key an id of its own")
CRC = Kind("crc", "method is crc, which anybody on the network can forge; use sha1 and a secret")
NO_SECRET = Kind("no_secret", f"it has no secret, and {NO_DEFAULT}")
UNKNOWN_AUTH = Kind("unknown_auth", "auth is {auth}, but the keys are {ids}; choose one of them")


def check_nodes(count: int, names: Sequence[str], problems: Problems) -> None:
    """Check the number of nodes. names: the valid names."""
    if count > NODES:
        problems.add(TOO_MANY_NODES, count=count)
    elif count < NODES and names:
        problems.add(ONE_NODE, name=names[0])
    elif count < NODES:
        problems.add(NO_NODE)


def check_directives(settled: Settled, problems: Problems) -> None:
    for check in CHECKS:
        check(settled, problems)


def _check_times(settled: Settled, problems: Problems) -> None:
    times = OWN_MS | {name: value.ms for name, value in settled.items() if isinstance(value, Duration)}
    keepalive, deadtime = times["keepalive"], times["deadtime"]
    for name in ("deadtime", "deadping"):
        if name in times and times[name] <= 2 * keepalive:
            problems.add(
                DEAD_TOO_SOON, name=name, found=times[name], keepalive=keepalive, least=2 * keepalive
            )
    if (initdead := times.get("initdead", deadtime)) < deadtime:
        problems.add(SHORT_INITDEAD, found=initdead, deadtime=deadtime, better=as_time(2 * deadtime))
    if (warntime := times.get("warntime", deadtime)) > deadtime:
        problems.add(LATE_WARNTIME, found=warntime, deadtime=deadtime, better=as_time(deadtime // 2))


def _check_program_folder(settled: Settled, problems: Problems) -> None:
    for name in ("respawn", "failfast"):
        for program in settled.get(name, ()):
            if OLD_PROGRAMS in program.command:
                found, better = program.command, program.command.replace(OLD_PROGRAMS, PROGRAMS)
                problems.add(OLD_PROGRAM_FOLDER, name=name, user=program.user, found=found, better=better)


def _check_ipfail(settled: Settled, problems: Problems) -> None:
    if not runs_ipfail(settled):
        return
    if not any(name in settled for name in PINGS):
        problems.add(IPFAIL_WITHOUT_PING)
    if settled.get("auto_failback") == LEGACY:
        problems.add(IPFAIL_AND_LEGACY)


def _check_log(settled: Settled, problems: Problems) -> None:
    if settled.get("use_logd") is False and not any(name in settled for name in LOGS):
        problems.add(NO_LOG)


def _check_links(settled: Settled, problems: Problems) -> None:
    names = (*MEDIA, *PINGS)
    count = sum(len(settled.get(name, ())) for name in names)
    if count > MOST_MEDIA:
        problems.add(TOO_MANY_LINKS, count=count, names=names, most=MOST_MEDIA)


CHECKS: tuple[Callable[[Settled, Problems], None], ...] = (
    _check_times,
    _check_program_folder,
    _check_ipfail,
    _check_log,
    _check_links,
)


def check_pings(
    targets: Iterable[str], names: Mapping[str, str], addresses: Iterable[IPNetwork], problems: Problems
) -> None:
    own = {*names, *names.values(), *(str(address.ip) for address in addresses)}
    for target in targets:
        if target.lower() in own:
            problems.add(PING_OF_CLUSTER, target=target)


def check_edges(address: IPNetwork, problems: Problems) -> None:
    if address.broadcast is None:
        return  # a network of one or two addresses has no network and no broadcast address
    if address.ip == address.network:
        problems.add(NETWORK_ADDRESS, address=address.ip, network=address.cidr)
    elif address.ip == address.broadcast:
        problems.add(BROADCAST_ADDRESS, address=address.ip, network=address.cidr)


def check_agents(addresses: Collection[IPNetwork], words: Iterable[str], problems: Problems) -> None:
    agents = [word for word in words if word in ADDRESS_AGENTS]
    if addresses and not agents:
        problems.add(NO_AGENT, agents=" or ".join(ADDRESS_AGENTS))
    if len(agents) > 1:
        problems.add(SEVERAL_AGENTS, agents=" and ".join(agents))
