"""Measure how the systems of bench/inventory fare, in a lab of these machines.

    measure.py LAB RESULTS [--part NAME ...] [--rounds NUMBER]

Each sample is added to RESULTS, a file of JSON, as soon as it is there; a part that is measured again takes
the place of its old samples.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import alarms
import both
import both_changes
import both_costs
import connections
import deaths
import masses
import outages
import pools
import sites
import switches
import throughput
from systems import Bench, Sample
from testbed.lab import Lab

PACKAGES = ("heartbeat", "ldirectord", "ipvsadm", "keepalived", "haproxy", "apache2")


class Part(Protocol):
    """What a module of a part has."""

    ROUNDS: int

    def measure(self, bench: Bench, rounds: int, /) -> Iterator[Sample]: ...


# In the order of a whole run.
PARTS: dict[str, Part] = {
    "outages": outages,
    "pools": pools,
    "switches": switches,
    "connections": connections,
    "deaths": deaths,
    "throughput": throughput,
    "masses": masses,
    "sites": sites,
    "both": both,
    "both_changes": both_changes,
    "both_costs": both_costs,
    "alarms": alarms,
}


@dataclass
class Results:
    path: Path

    def read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.read_text()) if self.path.exists() else {"parts": {}}
        return found

    def write(self, found: dict[str, Any]) -> None:
        """As a whole or not at all."""
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(found))
        new.replace(self.path)


def machine(bench: Bench) -> dict[str, Any]:
    node = next(iter(bench.webservers))
    # The machines' only source of packages is a folder that came with their image.
    told = bench.lab("run", node, "--", "apt-cache", "--no-all-versions", "show", *PACKAGES).splitlines()
    versions = [line.split()[1] for line in told if line.startswith(("Package: ", "Version: "))]
    model = next(
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    )
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processors": f"{os.cpu_count()} x {model.partition(':')[2].strip()}",
        "kernel": platform.release(),
        "guests": f"user-mode Linux {bench.lab('run', node, '--', 'uname', '-r').strip()}",
        "versions": dict(zip(versions[::2], versions[1::2], strict=True)),
        "commit": subprocess.run(
            ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True
        ).stdout.strip(),
    }


def measure(
    bench: Bench, results: Results, name: str, rounds: int | None, say: Callable[[str], None]
) -> None:
    part = PARTS[name]
    say(f"== {name}: {(part.__doc__ or '').strip()}")
    bench.lab("power-on", *bench.webservers)
    samples: list[Sample] = []
    found = results.read()
    found["parts"][name] = {"machine": machine(bench), "samples": samples}
    for sample in part.measure(bench, rounds or part.ROUNDS):
        samples.append(sample)
        results.write(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("lab", type=Path, help="the directory of the lab")
    parser.add_argument("results", type=Path, help="the file of the results")
    parser.add_argument(
        "--part", action="append", choices=sorted(PARTS), help="only this part; may be repeated"
    )
    parser.add_argument("--rounds", type=int, help="instead of each part's own number")
    options = parser.parse_args()
    begun = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:7.0f} s  {line}", flush=True)

    bench = Bench(Lab(options.lab), say)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    for name in options.part or PARTS:
        measure(bench, Results(options.results), name, options.rounds, say)


if __name__ == "__main__":
    main()
