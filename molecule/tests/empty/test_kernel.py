"""A kernel without IPVS is detected before anything is installed."""

from __future__ import annotations

from testbed.cluster import Cluster
from testbed.fingerprint import fingerprint


def test_kernel_without_ipvs(cluster: Cluster) -> None:
    kernel = cluster.directors["loadb1"].check_output("uname -r")
    modules = f"/lib/modules/{kernel}/kernel/net/netfilter/ipvs"
    before = fingerprint(cluster)
    with cluster.lab.done_at(
        "loadb1", f"mount -t tmpfs none {modules} && depmod", f"umount {modules} && depmod"
    ):
        run = cluster.run_site()
    assert run.returncode != 0, run.output
    sentences = run.errors()
    assert all(word in sentences for word in ["loadb1", kernel, "IPVS", "package"]), sentences
    assert run.changed == 0, run.output
    assert fingerprint(cluster) == before
