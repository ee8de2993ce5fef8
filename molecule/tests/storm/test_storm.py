"""A storm: faults at random. After each the cluster heals, and what must always hold does hold."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator

import pytest
from testbed.cluster import Cluster
from testbed.fault import Fault
from testbed.forms import Form, form_of

SEED = int(os.environ.get("HAWEB_STORM_SEED", "323"))
FAULTS = int(os.environ.get("HAWEB_STORM_FAULTS", "10"))


def storm(seed: int, count: int, form: Form) -> Iterator[tuple[Fault, str]]:
    """The same faults for the same seed: whom they hit does not depend on what happened before."""
    chance = random.Random(seed)
    for _ in range(count):
        fault = chance.choice(form.kinds)
        yield fault, chance.choice(list(getattr(form.cluster, fault.group)))


@pytest.fixture
def form(cluster: Cluster) -> Iterator[Form]:
    found = form_of(cluster)
    found.make_whole()
    with found.prepared():
        yield found


def test_storm(form: Form, say: Callable[[str], None]) -> None:
    say(f"seed {SEED}, {FAULTS} faults")
    broken = []
    for number, (fault, victim) in enumerate(storm(SEED, FAULTS, form), 1):
        seen = form.strike(fault, victim)
        say(f"{number}. {seen}")
        if seen.wrong:
            broken.append(f"{number}. {seen}")
            form.make_whole()
    assert broken == []
