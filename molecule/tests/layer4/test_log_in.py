"""An application that keeps its sessions on its web server: users stay logged in, or do not."""

from __future__ import annotations

import json
from collections.abc import Callable

from testbed import PROGRAMS
from testbed.clients import HOST, Clients

LOG_IN = PROGRAMS / "log_in.py"


def known(clients: Clients, address: str) -> list[bool]:
    """For each of ten pages after the log-in: whether the wiki still knows the user."""
    said = clients.lab("client", "--", "python3", str(LOG_IN), address, HOST, str(clients.certificate))
    pages: list[bool] = json.loads(said)
    return pages


def test_b11_log_in_gets_lost_with_rr(
    clients: Clients, addresses: dict[str, str], say: Callable[[str], None]
) -> None:
    pages = known(clients, addresses["rr"])
    say(f"rr: logged in on {sum(pages)} of {len(pages)} pages")
    assert not all(pages)


def test_b11_log_in_holds_with_persistence(
    clients: Clients, addresses: dict[str, str], say: Callable[[str], None]
) -> None:
    pages = known(clients, addresses["marked"])
    say(f"persistent: logged in on {sum(pages)} of {len(pages)} pages")
    assert all(pages)
