"""Test the collection with all supported ansible-cores, or with the given ones.

If an ansible-core does not support this machine's Python, the tests run in a Debian whose Python it supports.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from support import Core, Debian, load

TOOLS = Path(__file__).parent
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def command(core: Core, debian: Sequence[Debian], python: str = HERE) -> list[str]:
    """Return the command that tests this ansible-core on a machine with this Python."""
    test = [str(TOOLS / "core"), core.series, *core.requirements]
    if core.runs_on(python):
        return test
    fit = [release for release in debian if core.runs_on(release.python)]
    if not fit:
        sys.exit(
            f"ansible-core {core.series} needs Python {core.oldest_python} to {core.newest_python}, but this "
            f"machine has {python}, and no supported Debian has one of these; set PYTHON to one of these."
        )
    return [str(TOOLS / "in-debian"), fit[-1].release, *test]


def main() -> None:
    support = load()
    known = [core.series for core in support.cores]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("series", nargs="*", metavar="SERIES", help=f"one or more of {', '.join(known)}")
    asked = parser.parse_args().series or known
    if unknown := set(asked) - set(known):
        parser.error(f"{', '.join(sorted(unknown))} is not supported; supported are {', '.join(known)}")
    failed = []
    for core in support.cores:
        if core.series in asked:
            print(f"== ansible-core {core.series}", flush=True)
            if subprocess.run(command(core, support.debian), check=False).returncode:
                failed.append(core.series)
    if failed:
        sys.exit(f"The tests failed under ansible-core {', '.join(failed)}.")


if __name__ == "__main__":
    main()
