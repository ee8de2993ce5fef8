# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._ipvs_services import (
    Plan,
    RealServer,
    Virtual,
    plan,
    read_config,
    read_table,
)

# Printed by ipvsadm 1.31 on a kernel 6.1.
TABLE = """\
-A -t 10.0.0.5:80 -s rr
-a -t 10.0.0.5:80 -r 10.0.0.6:80 -g -w 1
-a -t 10.0.0.5:80 -r 10.0.0.7:80 -g -w 0
-A -t 10.0.0.5:443 -s sh -p 300 -M 255.255.255.0 -b sh-fallback,sh-port
-A -u 10.0.0.5:53 -s wlc -o
-a -u 10.0.0.5:53 -r 10.0.0.8:53 -i -w 1
-A -t [fd00::1]:80 -s rr
-a -t [fd00::1]:80 -r [fd00::2]:80 -g -w 1
-A -f 3 -s mh -p 60 -b mh-port
-a -f 3 -r 10.0.0.9:0 -g -w 2
-A -f 3 -6 -s rr
"""


def names(text: str) -> list[str]:
    return [virtual.name for virtual in read_config(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("virtual=10.0.0.5:80\n    real=10.0.0.6:80 gate\n", "-t 10.0.0.5:80"),
        ("virtual = 10.0.0.5:80 # www\n", "-t 10.0.0.5:80"),
        ("virtual=10.0.0.5:80\n    protocol=udp\n", "-u 10.0.0.5:80"),
        ("virtual=10.0.0.5:80\n\tprotocol = udp # not tcp\n", "-u 10.0.0.5:80"),
        ("virtual=10.0.0.5:80\n# a comment ends no section\n    protocol=udp\n", "-u 10.0.0.5:80"),
        ("virtual=10.0.0.5:80\n    # real=\n        protocol=udp\n", "-u 10.0.0.5:80"),
        # An empty line ends the section, and an option after it is an error of ldirectord.
        ("virtual=10.0.0.5:80\n\n    protocol=udp\n", "-t 10.0.0.5:80"),
        ("virtual=10.0.0.5:53\n", "-u 10.0.0.5:53"),
        ("virtual=10.0.0.5:53\n    protocol=tcp\n", "-t 10.0.0.5:53"),
        ("virtual=7\n    protocol=fwm\n", "-f 7"),
        ("virtual=7", "-f 7"),
        ("checktimeout=2\nvirtual=7\nautoreload=yes\n    protocol=udp\n", "-f 7"),
    ],
)
def test_names_of_services(text: str, name: str) -> None:
    assert names(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "virtual6=[fd00::1]:80\n    real6=[fd00::2]:80 gate\n",
        "virtual=www.example.com:http\n    real=10.0.0.6:80 gate\n",
        "# virtual=10.0.0.5:80\n",
        "    virtual=10.0.0.5:80\n",
        "virtual=10.0.0.5:80 nonsense\n",
        "\0\ufffd\n",
    ],
)
def test_unreadable_lines_are_no_service(text: str) -> None:
    assert names(text) == []


def test_sections_follow_each_other_without_an_empty_line() -> None:
    assert names("virtual=10.0.0.5:80\n    real=10.0.0.6 gate\nvirtual=7\nvirtual6=8\nvirtual=9\n") == [
        "-t 10.0.0.5:80",
        "-f 7",
        "-f 9",
    ]


def test_real_servers() -> None:
    text = (
        'virtual=10.0.0.5:80\n    real=10.0.0.6:80 gate 3 "a","b 7"\n    real=10.0.0.7:81 masq\n'
        "    real=www:80 gate\n    scheduler=rr\n    checktype=on\n"
    )
    reals = (RealServer("10.0.0.6", "80", "-g", 3), RealServer("10.0.0.7", "81", "-m", 1))
    assert read_config(text) == (Virtual("-t 10.0.0.5:80", "rr", "on", reals),)


def test_real_servers_behind_a_mark_have_no_port() -> None:
    (virtual,) = read_config("virtual=7\n    real=10.0.0.6 ipip 2\n    protocol=fwm\n")
    assert virtual == Virtual("-f 7", "wrr", "negotiate", (RealServer("10.0.0.6", "0", "-i", 2),))


def test_table() -> None:
    table = read_table(TABLE)
    assert list(table) == [
        "-t 10.0.0.5:80",
        "-t 10.0.0.5:443",
        "-u 10.0.0.5:53",
        "-t [fd00::1]:80",
        "-f 3",
        "-f 3 -6",
    ]
    assert table["-f 3"] == ("-A -f 3 -s mh -p 60 -b mh-port", "-a -f 3 -r 10.0.0.9:0 -g -w 2")


def removed(wanted: str, old: str = "", addresses: tuple[str, ...] = ()) -> list[str]:
    return [*plan(read_table(TABLE), read_config(wanted), read_config(old), addresses).removed]


@pytest.mark.parametrize(
    ("wanted", "old", "addresses", "gone"),
    [
        # A service of another program.
        ("", "", (), []),
        ("virtual=10.0.0.50:80", "", ("10.0.0.50",), []),
        # A service on an address of the model.
        (
            "virtual=10.0.0.5:80",
            "",
            ("10.0.0.5",),
            ["-t 10.0.0.5:443", "-u 10.0.0.5:53"],
        ),
        (
            "virtual=10.0.0.5:53\n    protocol=udp\nvirtual=10.0.0.5:80\nvirtual=10.0.0.5:443",
            "",
            ("10.0.0.5",),
            [],
        ),
        # The protocol is part of the name.
        (
            "virtual=10.0.0.5:53\n    protocol=tcp\nvirtual=10.0.0.5:80\nvirtual=10.0.0.5:443",
            "",
            ("10.0.0.5",),
            ["-u 10.0.0.5:53"],
        ),
        # The address, or the mark, was removed with the service: the existing file has it.
        ("", "virtual=10.0.0.5:80", (), ["-t 10.0.0.5:80"]),
        ("virtual=4", "virtual=3", (), ["-f 3"]),
        ("", "virtual=10.0.0.5:53", (), ["-u 10.0.0.5:53"]),
        ("virtual=3", "virtual=3", (), []),
        # A service in the file that is no longer in the kernel.
        ("", "virtual=10.0.0.5:8080\nvirtual=33", (), []),
        # IPv6 services belong to other programs, even with a mark or an address of ours.
        ("", "virtual6=3\nvirtual6=[fd00::1]:80", ("fd00::1",), []),
    ],
)
def test_removed(wanted: str, old: str, addresses: tuple[str, ...], gone: list[str]) -> None:
    assert removed(wanted, old, addresses) == gone


SECTION = "virtual={}\n    real={}\n    scheduler=lc\n    checktype={}\n"


@pytest.mark.parametrize(
    ("virtual", "real", "checktype", "lines"),
    [
        (
            "10.0.0.50:80",
            "10.0.0.6:80 gate 5",
            "negotiate",
            ["-A -t 10.0.0.50:80 -s lc", "-a -t 10.0.0.50:80 -r 10.0.0.6:80 -g -w 5"],
        ),
        # A real server that gets no connections, or not on this port, is checked first.
        ("10.0.0.50:80", "10.0.0.7:80 gate 1", "negotiate", []),
        ("10.0.0.50:81", "10.0.0.6:81 gate 1", "negotiate", []),
        ("10.0.0.50:80", "10.0.0.60:80 gate 1", "negotiate", []),
        # A real server that must get no connections.
        ("10.0.0.50:80", "10.0.0.6:80 gate 0", "negotiate", []),
        ("10.0.0.50:80", "10.0.0.6:80 gate 1", "off", []),
        # From a port to a mark, and from a mark to a port.
        ("9", "10.0.0.6 gate 1", "negotiate", ["-A -f 9 -s lc", "-a -f 9 -r 10.0.0.6:0 -g -w 1"]),
        (
            "10.0.0.5:8080",
            "10.0.0.9:8080 masq 1",
            "on",
            ["-A -t 10.0.0.5:8080 -s lc", "-a -t 10.0.0.5:8080 -r 10.0.0.9:8080 -m -w 1"],
        ),
        # A service that exists already.
        ("10.0.0.5:443", "10.0.0.6:443 gate 1", "negotiate", []),
    ],
)
def test_added(virtual: str, real: str, checktype: str, lines: list[str]) -> None:
    found = plan(read_table(TABLE), read_config(SECTION.format(virtual, real, checktype)), (), ())
    assert [line for added in found.added.values() for line in added] == lines


def test_nothing_is_added_to_an_empty_table() -> None:
    """The standby in the tutorial's form has an empty table."""
    wanted = read_config(SECTION.format("10.0.0.5:80", "10.0.0.6:80 gate 1", "negotiate"))
    assert plan({}, wanted, (), ["10.0.0.5"]) == Plan({}, ())


def test_new_services_come_before_removed_ones() -> None:
    wanted = read_config(SECTION.format("9", "10.0.0.9 gate 1", "negotiate"))
    found = plan(read_table(TABLE), wanted, read_config("virtual=3"), ())
    assert found.commands() == [
        ["-A", "-f", "9", "-s", "lc"],
        ["-a", "-f", "9", "-r", "10.0.0.9:0", "-g", "-w", "1"],
        ["-D", "-f", "3"],
    ]


def test_the_table_afterwards() -> None:
    found = Plan({"-f 9": ("-A -f 9 -s rr",)}, ("-f 3",))
    table = read_table("-A -f 3 -s rr\n-A -f 4 -s rr\n")
    assert found.applied_to(table) == read_table("-A -f 4 -s rr\n-A -f 9 -s rr\n")
