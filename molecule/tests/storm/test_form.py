"""Before this scenario both directors took packets on these machines. No trace of that form is left."""

from __future__ import annotations

import pytest
from testbed.both_directors import TRACES
from testbed.cluster import Cluster


@pytest.mark.parametrize("what", TRACES)
def test_nothing_is_left_of_the_other_form(cluster: Cluster, what: str) -> None:
    if cluster.variables(cluster.preferred).get("haweb_active") == "both":
        pytest.skip("This is the other form")
    for director in cluster.directors.values():
        found = director.run(TRACES[what])
        assert found.rc != 0, found.stdout
