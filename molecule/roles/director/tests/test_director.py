"""A director: its files on every kernel, and the kernel's table if the kernel has IPVS."""

from __future__ import annotations

import time

import pytest
from testbed.container import Node

SCHEDULERS = ["dh", "lblc", "lblcr", "lc", "nq", "rr", "sed", "sh", "wlc", "wrr"]
MODULES = ["ip_vs", "ip_vs_ftp", *(f"ip_vs_{name}" for name in SCHEDULERS)]
SYSCTL = [
    "net.ipv4.ip_forward = 1",
    "net.ipv4.vs.expire_nodest_conn = 1",
    "net.ipv4.vs.expire_quiescent_template = 1",
    "net.ipv4.vs.conn_reuse_mode = 3",
]
LDIRECTORD_CF = [
    *("checktimeout=2", "negotiatetimeout=2", "checkinterval=5", "failurecount=2"),
    *("autoreload=yes", "quiescent=yes", "readdquiescent=yes", "cleanstop=no", 'logfile="local0"'),
    *("virtual=198.51.100.106:80", "real=198.51.100.101:80 gate 1", "real=198.51.100.102:80 gate 3"),
    *("fallback=127.0.0.1:80 gate", "protocol=tcp", "scheduler=wrr", "persistent=300", "checktype=on"),
    *(
        "virtual=7",
        "real=198.51.100.101 gate 1",
        "protocol=fwm",
        "scheduler=rr",
        "checktype=on",
        "checkport=80",
    ),
]
MARKS = [
    "-A PREROUTING -j haweb-marks",
    "-A haweb-marks -d 198.51.100.107/32 -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x7/0xffffffff",
    "-A haweb-marks -d 198.51.100.107/32 -p tcp -m tcp --dport 443 -j MARK --set-xmark 0x7/0xffffffff",
]
# How a firewall that is loaded, reloaded, restarted or stopped changes the table.
FLUSHES = {
    "iptables": "iptables --table mangle --flush",
    "another firewall is loaded": "printf '*mangle\\nCOMMIT\\n' | iptables-restore",
    "an old state of this one is loaded": (
        "printf '*mangle\\n:haweb-marks -\\n-A PREROUTING -j haweb-marks\\nCOMMIT\\n' | iptables-restore"
    ),
    "the jump": "iptables --table mangle --delete PREROUTING --jump haweb-marks",
    "the chain": "iptables --table mangle --flush haweb-marks",
}


@pytest.mark.parametrize("module", MODULES)
def test_module_is_named_for_boot(node: Node, module: str) -> None:
    assert module in node.lines("/etc/modules-load.d/haweb-director.conf")


@pytest.mark.parametrize("line", SYSCTL)
def test_setting_is_named_for_boot(node: Node, line: str) -> None:
    assert line in node.lines("/etc/sysctl.d/60-haweb-director.conf")


def test_packets_are_forwarded(node: Node) -> None:
    assert node.host.sysctl("net.ipv4.ip_forward") == 1


def test_ldirectord_cf_has_these_lines_and_no_others(alternative: Node) -> None:
    assert alternative.lines("/etc/ha.d/ldirectord.cf") == LDIRECTORD_CF


def test_ldirectord_accepts_its_file(node: Node) -> None:
    status = node.host.run("ldirectord /etc/ha.d/ldirectord.cf status")
    assert status.rc in (0, 1, 3), status.stderr  # 2 = it refuses a line


def test_only_root_can_read_ldirectord_cf(node: Node) -> None:
    assert node.rights("/etc/ha.d/ldirectord.cf") == ("root", "root", 0o600)


def test_units_own_ldirectord(node: Node) -> None:
    assert "ExecStart=/usr/sbin/ldirectord ldirectord.cf start" in node.lines(
        "/etc/systemd/system/ldirectord.service"
    )


def test_ldirectord_has_loaded_what_its_checks_need(node: Node) -> None:
    """No matter how it is started: it uses LWP::Debug, and Perl finds the role's one."""
    program = "use LWP::UserAgent; use LWP::Debug; print exists $INC{'HTML/HeadParser.pm'}"
    assert node.host.check_output(f'perl -e "{program}"'.replace("$", "\\$")) == "1"


def marks(node: Node) -> list[str]:
    rules = node.host.check_output("iptables --table mangle --list-rules").splitlines()
    return [rule for rule in rules if "haweb-marks" in rule and not rule.startswith("-N")]


@pytest.mark.parametrize("flush", FLUSHES.values(), ids=FLUSHES)
def test_packets_are_marked_again_within_a_second(alternative: Node, flush: str) -> None:
    alternative.host.check_output(flush)
    time.sleep(1)
    assert marks(alternative) == MARKS


def test_marks_stay_while_haweb_marks_is_killed(alternative: Node) -> None:
    alternative.host.check_output("systemctl kill --signal KILL haweb-marks")
    assert marks(alternative) == MARKS


def test_haweb_marks_restarts_after_a_kill(alternative: Node) -> None:
    alternative.host.check_output("systemctl kill --signal KILL haweb-marks")
    time.sleep(2)
    assert alternative.host.service("haweb-marks").is_running


def test_stop_of_the_unit_removes_the_marks(alternative: Node) -> None:
    alternative.host.check_output("systemctl stop haweb-marks")
    left = alternative.host.check_output("iptables --table mangle --list-rules")
    alternative.host.check_output("systemctl start haweb-marks")
    assert "haweb-marks" not in left


def test_second_cluster_manager_is_not_installed(node: Node) -> None:
    assert not node.host.package("pacemaker").is_installed


def test_table_equals_the_services(alternative: Node) -> None:
    if not alternative.host.file("/proc/net/ip_vs").exists:
        kernel = alternative.host.check_output("uname -r")
        pytest.skip(f"the kernel {kernel} has no IPVS; the role has refused it, as converge.yml sees to")
    lines = alternative.host.check_output("ipvsadm --save --numeric").splitlines()
    assert "-A -t 198.51.100.106:80 -s wrr -p 300" in lines
    assert "-a -t 198.51.100.106:80 -r 198.51.100.102:80 -g -w 3" in lines
