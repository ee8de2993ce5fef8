"""TLS on the balancer. Its key and the manager's password must not be visible anywhere."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from testbed import PROGRAMS
from testbed.certificates import key_and_certificate
from testbed.playbook import Run
from testbed.site_with_sessions import Site

WATCH = (PROGRAMS / "watch_argv.py").read_text()
PASSWORD = "not-to-be-seen-anywhere"
HSTS = 31536000
NAME = "www.example.com"


@dataclass(frozen=True)
class Secure:
    """The site after a run that has changed all secrets, and the output and arguments of that run."""

    run: Run
    key: str
    certificate: Path
    argv: dict[str, str] = field(default_factory=dict)

    @property
    def secrets(self) -> list[str]:
        """The password, and the parts of the key that no other file contains."""
        return [PASSWORD, *self.key.splitlines()[1:-1]]


@contextmanager
def watching_argv(command: list[str]) -> Iterator[Callable[[], str]]:
    """Record the arguments of all programs that a machine starts."""
    with subprocess.Popen(
        [*command, "python3", "-c", WATCH], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as watcher:
        try:
            yield lambda: watcher.communicate()[0]
        finally:
            watcher.terminate()


@pytest.fixture(scope="module")
def secure(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Secure:
    key, certificate = key_and_certificate(NAME)
    file = tmp_path_factory.mktemp("tls") / "www.pem"
    file.write_text(certificate)
    places = {name: [str(site.lab.directory / "lab"), "run", name, "--"] for name in site.balancers}
    with ExitStack() as stack:
        seen = {
            name: stack.enter_context(watching_argv(command))
            for name, command in {"the controller": [], **places}.items()
        }
        run = site.converge(
            "-vvv",
            "--diff",
            "--limit=balancers",
            haweb_server_name=NAME,
            haweb_tls_certificate=certificate,
            haweb_tls_key=key,
            haweb_tls_hsts=HSTS,
            haweb_balancer_manager_password=PASSWORD,
        )
        return Secure(run, key, file, {name: read() for name, read in seen.items()})


@pytest.fixture
def ask(site: Site, secure: Secure) -> Callable[..., str]:
    """Send requests as a client that uses the site's name and trusts only its certificate."""
    names = [word for port in (80, 443) for word in ("--resolve", f"{NAME}:{port}:{site.address}")]
    return lambda *words: site.curl(*names, "--cacert", str(secure.certificate), *words)


def test_output_has_no_secrets(secure: Secure) -> None:
    assert "Write the TLS policy, certificates, keys and passwords" in secure.run.output
    assert [secret for secret in secure.secrets if secret in secure.run.output] == []


def test_arguments_have_no_secrets(secure: Secure) -> None:
    for name, argv in secure.argv.items():
        expected = "ansible-playbook" if name == "the controller" else "apache2ctl"
        assert expected in argv, f"nothing was recorded on {name}"
        assert [secret for secret in secure.secrets if secret in argv] == []


def test_files_that_others_can_read_have_no_secrets(site: Site, secure: Secure) -> None:
    everywhere = "find / -xdev -path /proc -prune -o -path /srv -prune -o -type f -size -1024k"
    look = "-exec grep --files-with-matches --fixed-strings -e %s -e %s {} +"
    for balancer in site.balancers.values():
        words = (secure.secrets[0], secure.secrets[1])
        assert balancer.run(f"{everywhere} {look}", *words).stdout.split() == [
            "/etc/ssl/private/haweb-balancer.key"
        ]
        file = balancer.file("/etc/ssl/private/haweb-balancer.key")
        assert (file.user, file.mode) == ("root", 0o600)


def test_http_is_redirected_to_https(ask: Callable[..., str]) -> None:
    answer = ask("--head", f"http://{NAME}/a/page?and=more")
    assert "301 Moved Permanently" in answer
    assert f"Location: https://{NAME}/a/page?and=more" in answer


def test_health_page_stays_on_http(ask: Callable[..., str]) -> None:
    assert ask(f"http://{NAME}/ldirector.html").strip() == "Test Page"


def test_https_serves_and_keeps_sessions(site: Site, ask: Callable[..., str]) -> None:
    for name in site.webservers:
        answer = ask("--head", "--cookie", f"BALANCEID=balancer.{name}", f"https://{NAME}/")
        assert f"X-Served-By: {name}" in answer
        assert f"Strict-Transport-Security: max-age={HSTS}" in answer


def test_web_servers_receive_the_scheme(site: Site, ask: Callable[..., str]) -> None:
    name, webserver = next(iter(site.webservers.items()))
    log, conf = "/var/log/apache2/scheme.log", "/etc/apache2/conf-enabled/scheme.conf"
    directive = f"GlobalLog {log} %{{X-Forwarded-Proto}}i"
    webserver.check_output(f"echo %s > {conf} && systemctl reload apache2", directive)
    ask("--cookie", f"BALANCEID=balancer.{name}", f"https://{NAME}/")
    assert "https" in webserver.check_output(f"cat {log}; rm {conf}").splitlines()


@pytest.mark.parametrize(
    ("version", "spoken"), [("tls1", False), ("tls1_1", False), ("tls1_2", True), ("tls1_3", True)]
)
def test_old_protocols_are_refused(site: Site, version: str, spoken: bool) -> None:
    """The balancer refuses: the client offers these protocols, with the weak ciphers that they need."""
    offer = f"openssl s_client -connect {site.address}:443 -{version} -cipher DEFAULT@SECLEVEL=0 2>&1"
    said = site.client("sh", "-c", f"{offer} </dev/null || true")
    assert ("New, TLSv1" in said) == spoken, said
    assert ("alert protocol version" in said) != spoken, said
