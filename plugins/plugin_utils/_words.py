# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All variables of the inventory that this collection reads.

Roles read them in their defaults, playbooks read them directly. docs/inventory.md shows this list as tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.haweb.cluster.plugins.module_utils._problems import (
    NAME,
    guess,
    is_list,
    kind_of,
)

PREFIX = "haweb_"
COLLECTION = "haweb.cluster"
# The release of this collection in which old names stop working.
OLD_NAMES_END = "0.3.0"


@dataclass(frozen=True)
class Word:
    """A variable of the inventory.

    Type and default are as a reader of the documentation needs them: a default may be a sentence.
    old: the name that it had before, under which it is still read, until OLD_NAMES_END.
    """

    name: str
    type: str
    default: str
    meaning: str
    old: str = ""

    @property
    def variable(self) -> str:
        return f"{PREFIX}{self.name}"

    @property
    def old_variable(self) -> str:
        return f"{PREFIX}{self.old}" if self.old else ""


# Subject -> its variables.
WORDS: dict[str, tuple[Word, ...]] = {
    "The cluster": (
        Word(
            "cluster",
            "str",
            "`all`",
            "Group whose hosts are this cluster. Set it if the inventory has two clusters.",
        ),
        Word("interface", "str", "`eth0`", "Network card that carries the cluster."),
        Word("address", "str", "required", "IPv4 address of a host; set it for each host."),
        Word("webservers", "list", "group `webservers`", "The web servers of this cluster."),
        Word("balancers", "list", "group `balancers`", "The balancers of this cluster."),
        Word("directors", "list", "group `directors`", "The directors of this cluster."),
        Word("edge", "list", "the balancers, else the web servers", "Hosts that answer the clients."),
        Word(
            "real_servers",
            "list",
            "the hosts of `haweb_edge`, if there are directors",
            "Hosts that receive packets from IPVS.",
        ),
        Word(
            "carriers",
            "list",
            "the directors, else two balancers",
            "Hosts between which heartbeat moves the virtual addresses.",
        ),
    ),
    "What clients reach": (
        Word(
            "services",
            "list of dict",
            "required",
            "Virtual services: `name`, `address`, `port` or `ports`, `real_servers`, `check` and others.",
        ),
        Word(
            "virtual_addresses",
            "list",
            "addresses of `haweb_services`",
            "The virtual addresses, each with the prefix of its network.",
        ),
        Word("ldirectord_cf", "dict", "`{}`", "Global options of ldirectord, with ldirectord's names."),
        Word("active", "str", "`one`", "Which directors take packets: `one`, or `both`."),
        Word("shared_mac", "str", "`unicast`", "Kind of the shared MAC, if both directors take packets."),
        Word(
            "sync_interface",
            "str",
            "`haweb_interface`",
            "Network card for the synchronisation of connections.",
        ),
        Word(
            "sync_id",
            "int",
            "`0`",
            "Number of this cluster in the synchronisation of connections; 0 accepts every number.",
        ),
    ),
    "heartbeat": (
        Word("node_name", "str", "`inventory_hostname`", "Output of `uname -n` on this host."),
        Word(
            "nodes",
            "dict",
            "`haweb_carriers` with their names",
            "Inventory name of each node: its `uname -n`.",
        ),
        Word("node_addresses", "list", "addresses of `haweb_carriers`", "The nodes' own addresses."),
        Word(
            "heartbeat_secret",
            "str",
            "required without `haweb_heartbeat_keys`",
            "Secret that signs the heartbeats.",
        ),
        Word(
            "heartbeat_keys",
            "list of dict",
            "one key with `haweb_heartbeat_secret`",
            "Keys with `id`, `method` and `secret`, while one replaces another; the first one signs.",
        ),
        Word("ha_cf", "dict", "`{}`", "Directives of ha.cf, with heartbeat's names."),
        Word("resources", "list", "`[VirtualAddress]`", "Resources that heartbeat starts, in this order."),
        Word("switch_to", "str", "the other node", "For `operate.switch`: node that gets the addresses."),
    ),
    "The site": (
        Word("server_name", "str", "`inventory_hostname`", "Name of the site."),
        Word("server_aliases", "list", "`[]`", "Other names of the site."),
        Word("webserver_port", "int", "`80`", "Port of the web servers."),
        Word("document_root", "str", "`/var/www`", "Folder that the web servers serve, on each of them."),
        Word("health_page", "str", "`ldirector.html`", "Page that directors and balancers check."),
        Word("health_text", "str", "`Test Page`", "Text of that page."),
        Word("served_by", "str", "none", "Name of a response header that contains the web server's name."),
        Word("sorry_html", "str", "a short sentence", "Page for clients while no web server is available."),
        Word("retry_after", "int", "`10`", "Seconds in the `Retry-After` header of that page."),
    ),
    "TLS": (
        Word("tls_certificate", "str", "none", "Certificate in PEM format, followed by its chain."),
        Word("tls_key", "str", "none", "Private key of the certificate, in PEM format."),
        Word("tls_port", "int", "`443`", "Port for https."),
        Word("tls_hsts", "int", "`0`", "Seconds of `Strict-Transport-Security`; 0 sends no such header."),
        Word(
            "webserver_tls_certificate",
            "str",
            "`haweb_tls_certificate`, if there is no balancer",
            "Certificate of the web servers.",
        ),
        Word(
            "webserver_tls_key", "str", "`haweb_tls_key`, if there is no balancer", "Key of the web servers."
        ),
    ),
    "Balancers": (
        Word("balancer_port", "int", "`80`", "Port of the balancers."),
        Word("members", "list of dict", "`haweb_member` of each web server", "Members of the balancers."),
        Word(
            "member",
            "dict",
            "its url and route",
            "This web server as a member, with Apache's names. Whatever is not set has its default.",
        ),
        Word("member_options", "dict", "`{}`", "Parameters of all members, with Apache's names."),
        Word("balancer_options", "dict", "`{}`", "Parameters of the balancer, with Apache's names."),
        Word(
            "route",
            "str",
            "that of `haweb_member`, else `inventory_hostname`, if there are balancers",
            "Route of this web server in the cookie.",
        ),
        Word("sticky_cookie", "dict", "`{}`", "Attributes of the cookie that the web servers set."),
        Word(
            "balancer_sticky_cookie",
            "dict",
            "`{}`",
            "Cookie that the balancer sets, if the web servers set none.",
        ),
        Word("health_timeout", "int", "`2`", "Seconds that a balancer waits for the health page."),
        Word(
            "apache_heartbeat_address",
            "str",
            "none",
            "Apache's `HeartbeatAddress`: multicast address and port to which web servers send their load.",
            old="heartbeat_address",
        ),
        Word(
            "apache_heartbeat_listen",
            "str",
            "`239.0.0.1:27999`",
            "Apache's `HeartbeatListen`: the same address and port on the balancers.",
            old="heartbeat_listen",
        ),
        Word("balancer_manager", "bool", "`false`", "Whether the balancer-manager is on."),
        Word("balancer_manager_user", "str", "required with it", "User of the balancer-manager."),
        Word("balancer_manager_password", "str", "required with it", "Password of the balancer-manager."),
        Word(
            "balancer_manager_allow",
            "list",
            "the balancer itself",
            "Addresses that may use the balancer-manager.",
        ),
    ),
}

CURRENT = frozenset(word.variable for words in WORDS.values() for word in words)
# Old name of a variable -> its name.
RENAMED = {word.old_variable: word.variable for words in WORDS.values() for word in words if word.old}
KNOWN = CURRENT | frozenset(RENAMED)
LIST, LIST_OF_DICTIONARIES = "a list", "a list of dictionaries"
DICTIONARY, SWITCH = "a dictionary", "true or false"
# Type of a word -> what its value must be.
MUST_BE = {"list": LIST, "list of dict": LIST_OF_DICTIONARIES, "dict": DICTIONARY, "bool": SWITCH}
# What Ansible's filter `bool` knows.
SWITCHES = ("true", "yes", "on", "y", "t", "1", "false", "no", "off", "n", "f", "0")
FITS: dict[str, Callable[[object], bool]] = {
    LIST: is_list,
    LIST_OF_DICTIONARIES: is_list,
    DICTIONARY: lambda value: isinstance(value, Mapping),
    SWITCH: lambda value: str(value).lower() in SWITCHES,
}
MUST = {
    word.variable: MUST_BE[word.type] for words in WORDS.values() for word in words if word.type in MUST_BE
}
# Those for which null stands for an empty dictionary of options.
NULLABLE = frozenset(word.variable for words in WORDS.values() for word in words if word.default == "`{}`")


def set_twice(names: Iterable[str]) -> list[str]:
    """Return those of these variables that are one word under its old name and its name."""
    given = set(names)
    return [name for pair in RENAMED.items() if given.issuperset(pair) for name in pair]


def typed(names: Iterable[str]) -> list[str]:
    """Return those of these variables whose type the defaults of the roles rely on."""
    return [name for name in names if name in MUST]


def type_problems(
    host: str, values: Mapping[str, object], is_template: Callable[[object], bool]
) -> list[str]:
    """Return a sentence for each variable that must be a list, a dictionary or a switch, and is none.

    The roles' defaults and the playbooks go through them before any role can check them. No sentence contains
    a value, which may be a secret. is_template: whether an entry of a list is not yet evaluated.
    """
    return [
        sentence
        for name, value in values.items()
        if (sentence := _type_problem(f"{host}: the variable {name}", name, value, is_template))
    ]


def _type_problem(variable: str, name: str, value: object, is_template: Callable[[object], bool]) -> str:
    must = MUST[name]
    if value is None and name in NULLABLE:
        return ""
    if not FITS[must](value):
        return f"{variable} is {kind_of(value)}, but must be {must}."
    for position, one in enumerate(value if must == LIST_OF_DICTIONARIES and is_list(value) else (), start=1):
        if is_template(one):
            continue
        if not isinstance(one, Mapping):
            return f"{variable} has {kind_of(one)} as its number {position}, but must be {must}."
        if not all(isinstance(key, str) and NAME.fullmatch(key) for key in one):
            return f"{variable} has an option without a name in its number {position}; write name: value."
    return ""


def problems(host: str, names: Iterable[str], values: Mapping[str, object] | None = None) -> list[str]:
    """Return a sentence for each of these variables that nothing reads, or that contradicts its old name.

    values: those of the variables that `set_twice` names. No sentence contains one.
    """
    known = values or {}
    return [
        f"{host}: no role and no playbook reads the variable {name}{guess(name, CURRENT, PREFIX) or '.'} "
        "Remove it, or give a variable of your own another prefix than haweb_."
        for name in sorted(set(names) - KNOWN)
        if name.startswith(PREFIX)
    ] + [
        f"{host}: {old} and {new} are set to different values, but {old} is only the old name of {new}. "
        f"Remove {old}."
        for old, new in RENAMED.items()
        if known.get(old) != known.get(new)
    ]


def deprecations(names: Iterable[str]) -> list[str]:
    """Return a sentence for each of these variables that is an old name. Ansible adds the release."""
    given = set(names)
    return [
        f"The variable {old} of the inventory is now {new}. Rename it."
        for old, new in RENAMED.items()
        if old in given
    ]


def tables() -> Iterator[str]:
    """Return the lines of the tables in docs/inventory.md."""
    for subject, words in WORDS.items():
        yield from ("", f"## {subject}", "", "| variable | type | default | meaning |", "|---|---|---|---|")
        yield from (
            f"| `{word.variable}` | {word.type} | {word.default} | {word.meaning} |" for word in words
        )
    yield from ("", "## Old names", "")
    yield f"These names still work, with a warning. {COLLECTION} {OLD_NAMES_END} will refuse them."
    yield from ("", "| old name | name |", "|---|---|")
    yield from (f"| `{old}` | `{new}` |" for old, new in RENAMED.items())
