"""Library of scenarios, benchmark and unit tests: the lab, the cluster, its clients and its playbooks."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).parents[2]
# They run on the client host or on a node, without the rest of this package.
PROGRAMS = Path(__file__).parent / "programs"
