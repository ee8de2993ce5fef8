"""Without a web server clients get the sorry page by http and https, until a web server is back."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from testbed.clients import CLIENTS, Clients
from testbed.cluster import Cluster
from testbed.lab import LabError
from testbed.waiting import wait_for

REFUSED = 7  # curl's exit code


class TestWithoutWebServers:
    @pytest.fixture(autouse=True, scope="class")
    def without_web_servers(self, cluster: Cluster) -> Iterator[None]:
        director = cluster.directors[cluster.active()]

        def served_by() -> tuple[set[str], set[str]]:
            """The real servers of all services, and the places of the sorry page."""
            table = director.check_output("ipvsadm --save --numeric").splitlines()
            servers = {line for line in table if line.startswith("-a ")}
            sorry = {line for line in servers if "-r 127." in line}
            return servers - sorry, sorry

        def only_sorry() -> bool:
            servers, sorry = served_by()
            return not servers and bool(sorry)

        before, _ = served_by()
        assert before
        for webserver in cluster.webservers.values():
            webserver.check_output("systemctl stop apache2")
        try:
            # ldirectord adds the sorry page after it has removed the last web server.
            wait_for("the sorry page alone is left", only_sorry)
            yield
        finally:
            for webserver in cluster.webservers.values():
                webserver.check_output("systemctl start apache2")
        wait_for("every web server is back", lambda: served_by() == (before, set()))

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_sorry_page(self, clients: Clients, addresses: dict[str, str], scheme: str) -> None:
        answer = clients.get(CLIENTS[0], addresses["marked"], scheme)
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert answer.header("Retry-After") == "10"
        assert "We are back in a moment" in answer.page

    def test_clients_are_refused_without_a_fallback(
        self, clients: Clients, addresses: dict[str, str]
    ) -> None:
        with pytest.raises(LabError, match=rf"\({REFUSED}\)"):
            clients.get(CLIENTS[0], addresses["persistent"])


def test_service_comes_back_by_itself(cluster: Cluster, clients: Clients, addresses: dict[str, str]) -> None:
    """This includes a client that persistence has bound to the sorry page."""

    def server() -> str:
        return clients.served_by(CLIENTS[0], addresses["marked"])[0]

    wait_for("a web server serves again", lambda: server() in cluster.webservers)
