"""A director: what it writes everywhere, and the kernel's table where the kernel can have one."""

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
# What becomes of the table where somebody loads, reloads, restarts or stops a firewall.
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


def test_ldirectord_is_told_this_and_no_more(alternative: Node) -> None:
    assert alternative.lines("/etc/ha.d/ldirectord.cf") == LDIRECTORD_CF


def test_ldirectord_accepts_its_file(node: Node) -> None:
    status = node.host.run("ldirectord /etc/ha.d/ldirectord.cf status")
    assert status.rc in (0, 1, 3), status.stderr  # 2 = a line that it refuses


def test_ldirectord_cf_is_for_root_alone(node: Node) -> None:
    assert node.rights("/etc/ha.d/ldirectord.cf") == ("root", "root", 0o600)


def test_units_own_ldirectord(node: Node) -> None:
    assert "ExecStart=/usr/sbin/ldirectord ldirectord.cf start" in node.lines(
        "/etc/systemd/system/ldirectord.service"
    )


def test_ldirectord_has_loaded_what_its_checks_need(node: Node) -> None:
    """Whoever starts it: it uses LWP::Debug, and Perl finds ours."""
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


def test_marks_stand_while_what_keeps_them_dies(alternative: Node) -> None:
    alternative.host.check_output("systemctl kill --signal KILL haweb-marks")
    assert marks(alternative) == MARKS


def test_somebody_keeps_the_marks_who_dies(alternative: Node) -> None:
    alternative.host.check_output("systemctl kill --signal KILL haweb-marks")
    time.sleep(2)
    assert alternative.host.service("haweb-marks").is_running


def test_marks_are_taken_out_with_the_unit(alternative: Node) -> None:
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
