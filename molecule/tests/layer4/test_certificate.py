"""TLS ends on the web servers, and a certificate that browsers would refuse is not installed."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from testbed.certificates import key_and_certificate
from testbed.clients import CLIENTS, HOST, Clients
from testbed.cluster import Cluster
from testbed.fingerprint import fingerprint


def test_http_is_redirected(clients: Clients, addresses: dict[str, str]) -> None:
    answer = clients.get(CLIENTS[0], addresses["marked"], "http")
    assert (answer.status, answer.header("Location")) == (HTTPStatus.MOVED_PERMANENTLY, f"https://{HOST}/")


def test_page_for_the_directors_is_not(cluster: Cluster, webserver_name: str) -> None:
    address = cluster.variables(webserver_name)["haweb_address"]
    assert "Test Page" in cluster.lab.get(f"http://{address}/ldirector.html")


@pytest.mark.parametrize(("protocol", "spoken"), [("tls1_1", False), ("tls1_2", True), ("tls1_3", True)])
def test_protocols(clients: Clients, addresses: dict[str, str], protocol: str, spoken: bool) -> None:
    # At its usual security level the client itself would refuse the old protocols.
    hello = f"openssl s_client -connect {addresses['marked']}:443 -{protocol} -cipher DEFAULT@SECLEVEL=0"
    said = clients.lab("client", "--", "sh", "-c", f"{hello} </dev/null 2>&1 || true")
    assert ("Cipher is (NONE)" not in said) == spoken, said


def test_only_root_can_read_the_key(cluster: Cluster) -> None:
    key = (cluster.directory / "www.key").read_text().splitlines()[1]
    for name, host in cluster.hosts.items():
        found = host.run(
            "grep --recursive --files-with-matches --fixed-strings %s /etc /var /root /tmp /run", key
        )
        (path,) = found.stdout.split()
        file = host.file(path)
        assert (file.user, file.mode) == ("root", 0o600), f"{name}: {path}"


def test_bad_certificate_is_refused_before_anything_changes(cluster: Cluster) -> None:
    before = fingerprint(cluster)
    key, _ = key_and_certificate(HOST)
    _, certificate = key_and_certificate("shop.example.com", last_day=-2)
    run = cluster.run_site(haweb_tls_certificate=certificate, haweb_tls_key=key)
    assert run.returncode != 0, run.output
    sentences = run.errors()
    for words in ["webserver1", "was not made for this key", "expired on", f"but not {HOST}"]:
        assert words in sentences, sentences
    assert "PRIVATE KEY" not in run.output
    assert run.changed == 0
    assert fingerprint(cluster) == before
