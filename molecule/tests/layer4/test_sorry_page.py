"""What clients see when no web server is left, by http and by https, and that it passes by itself."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from clients import CLIENTS, Clients
from cluster import Cluster, wait_for

REFUSED = 7  # curl's exit code


class TestWithoutWebServers:
    @pytest.fixture(autouse=True, scope="class")
    def without_web_servers(self, cluster: Cluster) -> Iterator[None]:
        director = cluster.directors[cluster.active()]

        def real_servers() -> set[str]:
            table = director.check_output("ipvsadm --save --numeric").splitlines()
            return {line for line in table if line.startswith("-a ") and "-r 127." not in line}

        before = real_servers()
        assert before
        for webserver in cluster.webservers.values():
            webserver.check_output("systemctl stop apache2")
        try:
            wait_for("no web server is left", lambda: not real_servers())
            yield
        finally:
            for webserver in cluster.webservers.values():
                webserver.check_output("systemctl start apache2")
        wait_for("every web server is back", lambda: real_servers() == before)

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_sorry_page(self, clients: Clients, addresses: dict[str, str], scheme: str) -> None:
        answer = clients.get(CLIENTS[0], addresses["marked"], scheme)
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert answer.header("Retry-After") == "10"
        assert "We are back in a moment" in answer.page

    def test_clients_are_refused_without_a_fallback(
        self, clients: Clients, addresses: dict[str, str]
    ) -> None:
        with pytest.raises(AssertionError, match=rf"\({REFUSED}\)"):
            clients.get(CLIENTS[0], addresses["persistent"])


def test_service_comes_back_by_itself(cluster: Cluster, clients: Clients, addresses: dict[str, str]) -> None:
    """Also for the client whom persistence had bound to the sorry page."""

    def server() -> str:
        return clients.served_by(CLIENTS[0], addresses["marked"])[0]

    wait_for("a web server serves again", lambda: server() in cluster.webservers)
