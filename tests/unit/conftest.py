# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def ldirectord() -> Path:
    script = Path(os.environ.get("HAWEB_LDIRECTORD", "/usr/sbin/ldirectord"))
    if not script.is_file():
        pytest.fail(
            f"These tests run the real ldirectord, but there is none at {script}. Run `make unit`, or set "
            "HAWEB_LDIRECTORD to the script (and PERL5LIB to the folders of its Perl modules)."
        )
    return script
