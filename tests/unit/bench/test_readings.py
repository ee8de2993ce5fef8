"""The benchmark reads the output of programs."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import alarms
import both_changes
import loads
import power_cuts
import pytest
import sites
from testbed.lab import Answers

MONITOR = """\
Timestamp: Wed Nov 25 14:00:01 2026 250000 usec
Deleted 2: eth0    inet 198.18.1.1/16 brd 198.18.255.255 scope global secondary eth0
       valid_lft forever preferred_lft forever
Timestamp: Wed Nov 25 14:00:02 2026 5000 usec
2: eth0    inet 198.18.1.2/16 brd 198.18.255.255 scope global secondary eth0
       valid_lft forever preferred_lft forever
Timestamp: Wed Nov 25 14:00:03 2026 500000 usec
2: eth0    inet 198.18.1.1/16 brd 198.18.255.255 scope global secondary eth0
       valid_lft forever preferred_lft forever
"""
# 2026-11-25 14:00:00 UTC
HOUR = 1795615200.0


def test_only_an_added_address_counts() -> None:
    assert power_cuts.address_moments(MONITOR, "198.18.1.1") == [HOUR + 3.5]


def test_outage_is_the_longest_time_without_a_good_answer() -> None:
    states = [(0.0, 200), (0.1, None), (0.2, 200), (0.3, None), (0.9, 503), (1.0, 200)]
    answers = Answers(begun=HOUR, each=[{"start": start, "status": status} for start, status in states])
    assert power_cuts.served(answers) == (HOUR + 0.2, HOUR + 1.0)


@pytest.mark.parametrize(
    ("text", "seconds"), [("250.00us", 0.00025), ("1.50ms", 0.0015), ("2.00s", 2.0), ("1.00m", 60.0)]
)
def test_time_of_wrk(text: str, seconds: float) -> None:
    assert loads.seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("line", "interval"),
    [
        ("WARN: Late heartbeat: Node loadb2: interval 410 ms", ["410"]),
        ("CRIT: Late heartbeat: Node loadb2: interval 6200 ms (> deadtime)", ["6200"]),
        ("WARN: node loadb2: is dead", []),
    ],
)
def test_late_heartbeat(line: str, interval: list[str]) -> None:
    assert alarms.LATE.findall(f"Nov 25 18:37:46 loadb1 heartbeat[392]: [392]: {line}\n") == interval


def test_largest_site_has_an_address_for_each_host() -> None:
    groups = sites.inventory(max(sites.SIZES))["all"]["children"].values()
    addresses = [host["haweb_address"] for group in groups for host in group["hosts"].values()]
    assert len(set(addresses)) == max(sites.SIZES) + 2
    assert "192.168.0.105" not in addresses, "it is the example's virtual address"


CF = """\
virtual=198.18.1.7:80
    real=198.18.0.11:80 gate
    real=198.18.0.12:80 gate
    scheduler=mh
"""


@pytest.mark.parametrize(
    ("command", "changed"),
    [
        (both_changes.REMOVE, CF.replace("    real=198.18.0.11:80 gate\n", "")),
        (both_changes.WEIGH, CF.replace("11:80 gate", "11:80 gate 3")),
    ],
)
def test_change_of_ldirectord_cf(tmp_path: Path, command: str, changed: str) -> None:
    file = tmp_path / "ldirectord.cf"
    file.write_text(CF)
    said = command.format(address="198.18.0.11", weight=3).replace(both_changes.CONFIG, str(file))
    subprocess.run(shlex.split(said), check=True)
    assert file.read_text() == changed
