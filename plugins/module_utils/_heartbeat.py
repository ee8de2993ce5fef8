# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge all that heartbeat is told: its directives, nodes, addresses, resources and keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Interface

from ansible_collections.haweb.cluster.plugins.module_utils._ha_cf import interface
from ansible_collections.haweb.cluster.plugins.module_utils._ha_cf_plan import read_directives
from ansible_collections.haweb.cluster.plugins.module_utils._nodes import read_nodes
from ansible_collections.haweb.cluster.plugins.module_utils._values import (
    Problems,
    UnfitError,
    guess,
    is_list,
    number,
    one_of,
    shown,
    virtual_address,
    word,
)

NODES = 2
FIRST_SHARED_PREFIX = 31  # from here on a network has neither a network nor a broadcast address
KEY_WORDS = ("id", "method", "secret")
METHODS = ("sha1", "md5")

key_id = number(1, 15)

# Words of the resources that stand for all virtual addresses, each as one resource of this script.
ADDRESS_AGENTS = ("VirtualAddress", "IPaddr2")


def problems_of(
    directives: object,
    nodes: object,
    addresses: object,
    device: object,
    resources: object,
    keys: object,
    auth: object,
) -> list[str]:
    problems = Problems("heartbeat's nodes", [])
    names = read_nodes(nodes, problems)
    _check_nodes(nodes, names, problems)
    lines = read_directives(directives, device, problems.about("heartbeat's directives"))
    about = problems.about("heartbeat")
    about.read(interface, "interface", device)
    carried = read_addresses(addresses, problems.about("The virtual addresses"))
    words = read_resources(resources, problems.about("heartbeat's resources"))
    if is_list(resources) and len(words) == len(resources):
        _check_agents(carried, words, problems.about("heartbeat's resources"))
    if is_list(addresses) and not addresses and not set(words) - set(ADDRESS_AGENTS):
        about.say("there is neither an address nor a resource to carry; name at least one virtual address")
    _check_pings(lines.get("ping", []), names, carried, problems.about("heartbeat's directives"))
    _check_keys(keys, auth, problems.about("heartbeat's keys"))
    return list(dict.fromkeys(problems.sentences))


def _check_nodes(nodes: object, names: Mapping[str, str], problems: Problems) -> None:
    if not isinstance(nodes, Mapping) or len(nodes) == NODES:
        return
    if len(nodes) > NODES:
        # mach_down, which heartbeat runs on every survivor, takes over whatever the dead node had.
        problems.say(
            f"there are {len(nodes)}, but without a cluster resource manager heartbeat moves addresses "
            "between two: both survivors of three would take a dead one's address; name two hosts"
        )
        return
    found = f"there is only {', '.join(names)}" if names else "there is none"
    problems.say(f"{found}, but heartbeat moves addresses between nodes; name two hosts")


def read_addresses(addresses: object, problems: Problems) -> list[IPv4Interface]:
    if not is_list(addresses):
        problems.say(f"found {shown(addresses)}, but they must be a list such as [192.168.0.105/24]")
        return []
    found: list[IPv4Interface] = []
    for position, given in enumerate(addresses, start=1):
        address = problems.read(virtual_address, f"number {position}", given)
        if address is None:
            continue
        if address.ip in (other.ip for other in found):
            problems.say(f"{address.ip} is in the list more than once; remove the others")
        if address.network.prefixlen < FIRST_SHARED_PREFIX:
            edges = {
                address.network.network_address: "the address of the network",
                address.network.broadcast_address: "the broadcast address of the network",
            }
            if address.ip in edges:
                problems.say(
                    f"{address.ip} is {edges[address.ip]} {address.network} itself; use an address inside it"
                )
        found.append(address)
    return found


def resource(value: object) -> str:
    try:
        return word(value)
    except UnfitError as why:
        raise UnfitError(f"{why}; arguments are joined with ::, as in ldirectord::ldirectord.cf") from None


def read_resources(resources: object, problems: Problems) -> list[str]:
    if not is_list(resources):
        problems.say(f"found {shown(resources)}, but they must be a list such as [ldirectord::ldirectord.cf]")
        return []
    words: list[str] = []
    for position, given in enumerate(resources, start=1):
        found = problems.read(resource, f"number {position}", given)
        if found in words:
            problems.say(f"{found} is in the list more than once; remove the others")
        if found is not None:
            words.append(found)
    return words


def _check_agents(carried: Sequence[IPv4Interface], words: Sequence[str], problems: Problems) -> None:
    agents = [word for word in words if word in ADDRESS_AGENTS]
    if carried and not agents:
        problems.say(
            f"nothing among them carries the virtual addresses; put {' or '.join(ADDRESS_AGENTS)} at their "
            "end, which stands for all of them"
        )
    if len(agents) > 1:
        problems.say(f"{' and '.join(agents)} would both carry the virtual addresses; keep one of them")


def _check_pings(
    pings: Iterable[str], names: Mapping[str, str], carried: Sequence[IPv4Interface], problems: Problems
) -> None:
    for target in pings:
        if target.lower() in {*names, *names.values()} or target in {str(address.ip) for address in carried}:
            problems.say(
                f"ping is {target}, which belongs to the cluster itself, so that its silence would say "
                "nothing; ping a router instead"
            )


def _check_keys(keys: object, auth: object, problems: Problems) -> None:
    if keys is not None and not is_list(keys):
        problems.say("they must be a list such as [{id: 1, method: sha1, secret: ...}]")
        return
    if not keys:
        problems.say(f"there is none, and {NO_DEFAULT}")
        return
    ids: list[str] = []
    for position, key in enumerate(keys, start=1):
        about = problems.about(f"heartbeat's key number {position}")
        if not isinstance(key, Mapping):
            about.say("it must be a dictionary of id, method and secret")
            continue
        found = _check_key(key, about)
        if found in ids:
            about.say(f"id {found} is used more than once; give each key an id of its own")
        ids += [found] if found else []
    chosen = problems.read(key_id, "auth", auth, secret=True)
    if chosen is not None and chosen not in ids:
        problems.say(f"auth is {chosen}, but the keys are {', '.join(ids) or 'unusable'}; choose one of them")


NO_DEFAULT = (
    "there is no default secret; make one with `openssl rand -hex 32` and keep it in the inventory, "
    "encrypted with ansible-vault"
)


def _check_key(key: Mapping[object, object], problems: Problems) -> str | None:
    for name in key:
        if name not in KEY_WORDS:
            problems.say(
                f"it has an unknown word{guess(name, KEY_WORDS) or '; a key has id, method and secret'}"
            )
    # Nothing of a key is ever shown: somebody may have written the secret in the wrong place.
    found = problems.read(key_id, "id", key.get("id"), secret=True)
    if key.get("method") == "crc":
        problems.say("method is crc, which anybody on the network can forge; use sha1 and a secret")
    else:
        problems.read(one_of(*METHODS), "method", key.get("method", METHODS[0]), secret=True)
    secret = key.get("secret")
    if secret is None or secret == "":
        problems.say(f"it has no secret, and {NO_DEFAULT}")
    else:
        problems.read(word, "secret", secret, secret=True)
    return found
