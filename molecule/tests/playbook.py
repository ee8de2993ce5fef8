"""Run playbooks against the cluster, and tell whether its machines are as they were."""

from __future__ import annotations

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from cluster import Cluster
from testinfra.host import Host

PROJECT = Path(__file__).parents[2]

# What a run could change: files, packages, the kernel, who runs since when, and the network.
STATE = r"""
find /etc /var/www /var/lib/haweb* /usr/sbin /usr/lib/systemd \
    -type d -printf '%p %m %u:%g\n' -o -printf '%p %m %u:%g %s %T@ %l\n' | sort
cat /var/lib/dpkg/status
cut -d' ' -f1 /proc/modules | sort
sysctl net.ipv4.ip_forward net.ipv4.conf.all.arp_ignore net.ipv4.conf.eth0.arp_announce
find /run -maxdepth 1 -name 'ldirectord*' -printf '%p %i\n' | sort
ip -oneline address show | sed 's/ valid_lft.*//'
for unit in apache2 heartbeat ldirectord haweb-sync haweb-real-server; do
    systemctl show --property=Id,ActiveState,MainPID,NRestarts,UnitFileState "$unit"
done
"""


@dataclass(frozen=True)
class Run:
    """A finished run of the playbook."""

    returncode: int
    output: str

    @property
    def changed(self) -> int:
        """The number of changes that the recap counts, over all hosts."""
        return sum(map(int, re.findall(r"\bchanged=(\d+)", self.output)))

    def errors(self) -> str:
        """What the failed tasks say, of each host."""
        return "\n".join(line for line in self.output.splitlines() if line.startswith(("fatal:", "[ERROR]:")))


def run_site(cluster: Cluster, *options: str, **variables: Any) -> Run:
    return run(cluster, "site.yml", *options, **variables)


def run(cluster: Cluster, playbook: str, *options: str, **variables: Any) -> Run:
    inventory = [f"--inventory={source}" for source in cluster.sources]
    # Molecule asks for colours, which would stand between the words that are looked for.
    plain = {
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        "ANSIBLE_FORCE_COLOR": "false",
        "ANSIBLE_NOCOLOR": "true",
    }
    # Through a file that nobody else can read: there may be secrets among them.
    with NamedTemporaryFile("w", suffix=".json") as extra:
        json.dump(variables, extra)
        extra.flush()
        done = subprocess.run(
            ["ansible-playbook", playbook, *inventory, f"--extra-vars=@{extra.name}", *options],
            cwd=PROJECT,
            env=os.environ | plain,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return Run(done.returncode, done.stdout)


def fingerprint(cluster: Cluster) -> dict[str, list[str]]:
    """Everything that a run could change, line by line, so that a difference shows what it is."""

    def read(host: Host) -> list[str]:
        return str(host.run(STATE).stdout).splitlines()

    with ThreadPoolExecutor() as pool:
        return dict(zip(cluster.hosts, pool.map(read, cluster.hosts.values()), strict=True))
