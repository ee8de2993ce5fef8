"""Measure how the systems of bench/inventory fare, in a lab of these machines.

    measure.py LAB RESULTS [--part NAME ...] [--rounds NUMBER]

Each sample is added to RESULTS, a file of JSON, as soon as it is there; a part that is measured again takes
the place of its old samples.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import time
from pathlib import Path

from parts import PARTS
from results import Machine, Results
from systems import Bench
from testbed.lab import Lab

PACKAGES = ("heartbeat", "ldirectord", "ipvsadm", "keepalived", "haproxy", "apache2")


def versions(told: str) -> dict[str, str]:
    """Read `apt-cache show`: package to version."""
    words = [line.split()[1] for line in told.splitlines() if line.startswith(("Package: ", "Version: "))]
    return dict(zip(words[::2], words[1::2], strict=True))


def machine(bench: Bench) -> Machine:
    node = next(iter(bench.webservers))
    # The machines' only source of packages is a folder that came with their image.
    told = bench.lab("run", node, "--", "apt-cache", "--no-all-versions", "show", *PACKAGES)
    model = next(
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    )
    return Machine(
        date=time.strftime("%Y-%m-%d"),
        processors=f"{os.cpu_count()} x {model.partition(':')[2].strip()}",
        kernel=platform.release(),
        guests=f"user-mode Linux {bench.lab('run', node, '--', 'uname', '-r').strip()}",
        versions=versions(told),
        commit=subprocess.run(
            ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True
        ).stdout.strip(),
    )


def measure(bench: Bench, results: Results, name: str, rounds: int | None) -> None:
    part = PARTS[name]
    bench.say(f"== {name}: {(part.__doc__ or '').strip()}")
    bench.lab("power-on", *bench.webservers)
    results.record(name, machine(bench), part.measure(bench, rounds or part.ROUNDS))


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
        measure(bench, Results(options.results), name, options.rounds)


if __name__ == "__main__":
    main()
