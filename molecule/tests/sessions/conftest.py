"""What every test of sessions may ask for: the site."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from site_with_sessions import Site


@pytest.fixture(scope="session")
def site() -> Site:
    return Site(Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]))
