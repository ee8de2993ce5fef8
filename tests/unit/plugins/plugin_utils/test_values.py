"""Single values of the inventory that all engines read alike."""

from __future__ import annotations

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._problems import UnfitError
from ansible_collections.haweb.cluster.plugins.plugin_utils import _values
from ansible_collections.haweb.cluster.plugins.plugin_utils._apache import values as apache
from ansible_collections.haweb.cluster.plugins.plugin_utils._heartbeat import values as heartbeat

READERS = (_values.yes_no, apache.boolean, apache.on_off, heartbeat.on_off)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("value", "found"),
    [
        *((value, True) for value in (True, "true", "True", "TRUE", "yes", "Yes", "on", "On")),
        *((value, False) for value in (False, "false", "False", "FALSE", "no", "No", "off", "Off")),
    ],
)
def test_boolean(reader: _values.Reader[bool], value: object, found: bool) -> None:
    """On the command line (-e) and between quotes it is text."""
    assert reader(value) is found


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("value", ["", "perhaps", 2, None, [], {}])
def test_neither(reader: _values.Reader[bool], value: object) -> None:
    with pytest.raises(UnfitError, match="must be "):
        reader(value)
