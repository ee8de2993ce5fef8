"""The state of the cluster's machines that a run of a playbook could change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from testinfra.host import Host

from testbed.cluster import Cluster

# Files, packages, the kernel, processes with their start, and the network.
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


def fingerprint(cluster: Cluster) -> dict[str, list[str]]:
    """Return the state of each host line by line, so that a comparison shows the differences."""

    def read(host: Host) -> list[str]:
        return str(host.run(STATE).stdout).splitlines()

    with ThreadPoolExecutor() as pool:
        return dict(zip(cluster.hosts, pool.map(read, cluster.hosts.values()), strict=True))
