"""8. How long site.yml takes, and how often it runs a module on a host, with 2 to 32 web servers."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import yaml
from page import Lines, grouped, middle, table
from systems import Bench, run_playbook
from testbed import PROJECT
from testbed.inventory import Inventory

TITLE = "Duration of `site.yml`"
ROUNDS = 1
SIZES = (2, 8, 32)
LAB = "bench-site"
BOOT = 600  # seconds: twenty guests at a time share the processors
COUNTING = {
    "ANSIBLE_CALLBACK_PLUGINS": str(PROJECT / "bench" / "callback_plugins"),
    "ANSIBLE_CALLBACKS_ENABLED": "module_runs",
}
GROUPS = {"webservers": ("web", 10), "directors": ("loadb", 102)}


@dataclass(frozen=True, kw_only=True)
class Playbook:
    """seconds: how long it took; runs: group to how often modules ran on its busiest host."""

    seconds: float
    changed: int
    runs: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Sample(Playbook):
    """size: how many web servers; run: `first` or `second`."""

    size: int
    run: str
    round: int


def inventory(size: int) -> dict[str, Any]:
    """The example's cluster, with so many web servers."""
    sizes = {"webservers": size, "directors": 2}
    return {
        "all": {
            "children": {
                group: {
                    "hosts": {
                        f"{name}{number}": {"haweb_address": f"192.168.0.{first + number}"}
                        for number in range(1, sizes[group] + 1)
                    }
                }
                for group, (name, first) in GROUPS.items()
            }
        }
    }


def run(playbook: str, source: Path, **variables: Any) -> Playbook:
    """How long it took, how much it changed, and how often modules ran on the busiest host of each group."""
    with tempfile.NamedTemporaryFile("r") as counted:
        begun = time.monotonic()
        environment = COUNTING | {"MODULE_RUNS": counted.name}
        done = run_playbook(playbook, Inventory((source,)), environment=environment, **variables)
        seconds = time.monotonic() - begun
        runs: dict[str, int] = json.load(counted)
    return Playbook(
        seconds=seconds,
        changed=done.changed,
        runs={
            group: max((count for host, count in runs.items() if host.startswith(name)), default=0)
            for group, (name, _) in GROUPS.items()
        },
    )


def measure(bench: Bench, rounds: int) -> Iterator[Sample]:
    bench.switch_off()
    lab = bench.lab.directory.with_name(LAB)
    wishes = {"lab_name": LAB, "lab_secrets": ["haweb_heartbeat_secret"], "lab_boot_timeout": BOOT}
    for number in range(rounds):
        for size in SIZES:
            with tempfile.TemporaryDirectory() as folder:
                source = Path(folder)
                (source / "hosts.yml").write_text(yaml.safe_dump(inventory(size)))
                (source / "group_vars").symlink_to(PROJECT / "inventory" / "group_vars")
                try:
                    run("playbooks/lab.yml", source, **wishes)
                    for name in ("first", "second"):
                        done = run("site.yml", lab / "inventory")
                        sample = Sample(size=size, run=name, round=number, **vars(done))
                        bench.say(
                            f"{size} web servers, {name} run: {sample.seconds:.0f} s, "
                            f"{sample.changed} changes, module runs {sample.runs}"
                        )
                        yield sample
                finally:
                    run("playbooks/lab_absent.yml", source, **wishes)


def tell(samples: Sequence[Sample]) -> Lines:
    rows = [
        [
            size,
            run,
            middle((one.seconds for one in own), 0),
            f"{median(one.seconds for one in own) / size:.1f}",
            max(one.changed for one in own),
            *(max(one.runs.get(group, 0) for one in own) for group in GROUPS),
        ]
        for (size, run), own in grouped(samples, lambda one: (one.size, one.run)).items()
    ]
    header = ["web servers", "run", "seconds", "for each web server", "changes"]
    return table([*header, "module runs on a web server", "on a director"], rows)
