"""The files that the demo leaves."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[3]


def test_demo_clean_leaves_nothing(tmp_path: Path) -> None:
    for trace in ("images/bookworm.img", "images/keys/lab", "lab/unit/inventory"):
        path = tmp_path / "haweb" / trace
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    # Use another lab name, so that a demo that a user runs is not affected.
    done = subprocess.run(
        ["make", "demo-clean", "DEMO=unit"],
        cwd=PROJECT,
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert list(tmp_path.iterdir()) == []
