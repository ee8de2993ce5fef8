"""A storm of random faults. After each fault the cluster heals, and all conditions hold."""

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
    """The same seed gives the same faults: their victims do not depend on earlier results."""
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
