# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read heartbeat's values from the inventory: directives, nodes, addresses, resources and keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ansible_collections.haweb.cluster.plugins.module_utils._haresources import ADDRESS_AGENTS
from ansible_collections.haweb.cluster.plugins.module_utils._nodes import read_nodes
from ansible_collections.haweb.cluster.plugins.module_utils._problems import (
    Problem,
    Problems,
    UnfitError,
    guess,
    is_list,
    kind_of,
    shown,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.options import (
    DIRECTIVES,
    GROUP,
    KNOWN,
    MEDIA,
    UDPPORT,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.problems import (
    CRC,
    KEY_NOT_A_DICTIONARY,
    KEYS_NOT_A_LIST,
    NO_KEY,
    NO_SECRET,
    NOT_A_DICTIONARY,
    NOT_A_LIST,
    NOTHING_TO_CARRY,
    REFUSED,
    REFUSED_DIRECTIVE,
    REPEATED,
    REPEATED_ID,
    UNKNOWN_AUTH,
    UNKNOWN_KEY_WORD,
    check_agents,
    check_directives,
    check_edges,
    check_nodes,
    check_pings,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat.values import interface, resource
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import settle
from ansible_collections.haweb.cluster.plugins.plugin_utils._values import (
    number,
    one_of,
    port,
    virtual_address,
    word,
)

if TYPE_CHECKING:
    from netaddr import IPNetwork

HEARTBEAT = "heartbeat"
ABOUT_NODES, ABOUT_DIRECTIVES = "heartbeat's nodes", "heartbeat's directives"
ABOUT_ADDRESSES, ABOUT_RESOURCES = "The virtual addresses", "heartbeat's resources"
ABOUT_KEYS = "heartbeat's keys"
KEY_WORDS = ("id", "method", "secret")
METHODS = ("sha1", "md5")

key_id = number(1, 15)
key_method = one_of(*METHODS)


def problems_of(
    directives: object,
    nodes: object,
    addresses: object,
    device: object,
    resources: object,
    keys: object,
    auth: object,
) -> list[Problem]:
    """Return all problems of heartbeat's values."""
    problems = Problems(HEARTBEAT)
    names = read_nodes(nodes, problems.about(ABOUT_NODES))
    if isinstance(nodes, Mapping):
        check_nodes(len(nodes), tuple(names), problems.about(ABOUT_NODES))
    settled = read_directives(directives, device, problems)
    read_interface(device, problems)
    carried = read_addresses(addresses, problems)
    words = read_resources(resources, problems)
    if is_list(resources) and len(words) == len(resources):
        check_agents(carried, words, problems.about(ABOUT_RESOURCES))
    if is_list(addresses) and not addresses and set(words) <= set(ADDRESS_AGENTS):
        problems.add(NOTHING_TO_CARRY)
    check_pings(settled.get("ping", ()), names, carried, problems.about(ABOUT_DIRECTIVES))
    check_keys(keys, auth, problems)
    return problems.found


def read_directives(directives: object, device: object, problems: Problems) -> dict[str, Any]:
    about = problems.about(ABOUT_DIRECTIVES)
    given = {} if directives is None else directives
    if not isinstance(given, Mapping):
        about.add(NOT_A_DICTIONARY, found=kind_of(directives))
        return {}
    for name in given:
        if name in REFUSED:
            about.add(REFUSED_DIRECTIVE, name=name, cure=REFUSED[name])
        elif name not in KNOWN:
            about.add_unknown(name, KNOWN)
    if not any(_has_value(given.get(name)) for name in MEDIA):
        given = {**given, **_default_media(given, device, problems)}
    already = len(problems.found)
    settled = settle(DIRECTIVES, given, {}, about)
    if len(problems.found) == already:
        check_directives(settled, about)
    return settled


def _has_value(value: object) -> bool:
    """Whether a directive has a value, right or wrong; null and a list of nulls have none."""
    return any(one is not None for one in value) if is_list(value) else value is not None


def _default_media(given: Mapping[Any, object], device: object, problems: Problems) -> dict[str, str]:
    """Return the tutorial's media, broadcast and multicast: a node is dead only if both receive nothing."""
    found = read_interface(device, problems)
    if found is None:
        return {}
    # udpport does not apply to mcast, which has its own port. A wrong one is reported once, as udpport.
    udp = UDPPORT
    with suppress(UnfitError):
        udp = port(given.get("udpport"))
    return {"bcast": found, "mcast": f"{found} {GROUP} {udp} 1 0"}


def read_interface(device: object, problems: Problems) -> str | None:
    return problems.read(interface, "interface", device)


def read_addresses(addresses: object, problems: Problems) -> list[IPNetwork]:
    about = problems.about(ABOUT_ADDRESSES)
    found: list[IPNetwork] = []
    for position, given in enumerate(_listed(addresses, "[192.168.0.105/24]", about), start=1):
        address = about.read(virtual_address, f"number {position}", given)
        if address is None:
            continue
        if address.ip in (other.ip for other in found):
            about.add(REPEATED, value=address.ip)
        check_edges(address, about)
        found.append(address)
    return found


def read_resources(resources: object, problems: Problems) -> list[str]:
    about = problems.about(ABOUT_RESOURCES)
    words: list[str] = []
    for position, given in enumerate(_listed(resources, "[ldirectord::ldirectord.cf]", about), start=1):
        found = about.read(resource, f"number {position}", given)
        if found is None:
            continue
        if found in words:
            about.add(REPEATED, value=found)
        words.append(found)
    return words


def _listed(values: object, example: str, problems: Problems) -> Sequence[object]:
    if is_list(values):
        return values
    problems.add(NOT_A_LIST, found=shown(values), example=example)
    return ()


def check_keys(keys: object, auth: object, problems: Problems) -> None:
    """Check the keys. Their values are not returned, because the template writes them unchanged."""
    about = problems.about(ABOUT_KEYS)
    if keys is not None and not is_list(keys):
        about.add(KEYS_NOT_A_LIST)
        return
    if not keys:
        about.add(NO_KEY)
        return
    ids: list[int] = []
    for position, key in enumerate(keys, start=1):
        found = _read_key(key, ids, problems.about(f"heartbeat's key number {position}"))
        ids += [] if found is None else [found]
    chosen = about.read(key_id, "auth", auth, secret=True)
    if chosen is not None and chosen not in ids:
        about.add(UNKNOWN_AUTH, auth=chosen, ids=ids or "unusable")


def _read_key(key: object, ids: Collection[int], problems: Problems) -> int | None:
    """Return the id of a key, if it has one. ids: those of the keys before it."""
    if not isinstance(key, Mapping):
        problems.add(KEY_NOT_A_DICTIONARY)
        return None
    for name in key:
        if name not in KEY_WORDS:
            known = guess(name, KEY_WORDS) or "; a key has id, method and secret"
            problems.add(UNKNOWN_KEY_WORD, guess=known)
    found = problems.read(key_id, "id", key.get("id"), secret=True)
    if key.get("method") == "crc":
        problems.add(CRC)
    else:
        # Null is the default, as if it were absent; the template reads it so, too.
        given = key.get("method")
        problems.read(key_method, "method", METHODS[0] if given is None else given, secret=True)
    _check_secret(key.get("secret"), problems)
    if found in ids:
        problems.add(REPEATED_ID, id=found)
    return found


def _check_secret(secret: object, problems: Problems) -> None:
    if secret is None or secret == "":
        problems.add(NO_SECRET)
    else:
        problems.read(word, "secret", secret, secret=True)
