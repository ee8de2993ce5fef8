"""The real ldirectord, with the role's files.

It checks a real web server. Its calls of ipvsadm are recorded instead of executed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jinja2
import pytest
from ansible_collections.haweb.cluster.plugins.filter.ldirectord_cf import ldirectord_cf

ROLE = Path(__file__).parents[3] / "roles" / "director"

# Loads the real module, after a sleep that is longer than the time limit of a check.
SLOW = """\
package HTML::HeadParser;
sleep 4;
local @INC = grep { $_ ne '%s' } @INC;
do 'HTML/HeadParser.pm' or die $@;
"""


@dataclass(frozen=True)
class Director:
    """A folder in which ldirectord runs."""

    path: Path
    port: int  # of the web server

    def describe(self, *addresses: str) -> None:
        """Write the role's ldirectord.cf in one step, as the role does."""
        web_server = {"address": "127.0.0.1", "port": self.port, "forwarding": "masq"}
        services = [
            {"name": "www", "address": f"{address}/24", "port": 80, "real_servers": [web_server]}
            for address in addresses
        ]
        # Without the first line, which only Ansible can render.
        template = (ROLE / "templates" / "ldirectord.cf.j2").read_text().partition("\n")[2]
        environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True, autoescape=False)
        text = environment.from_string(template).render(__director_ldirectord=ldirectord_cf(services))
        (self.path / "new").write_text(text)
        (self.path / "new").rename(self.path / "test.cf")

    def serves(self, address: str, within: float) -> bool:
        """Whether ldirectord sends clients of this address to the web server within this many seconds."""
        line = f"-a -t {address}:80 -x 0 -y 0 -r 127.0.0.1:{self.port} -m -w 1"
        told, end = self.path / "told", time.monotonic() + within
        while time.monotonic() < end:
            if told.exists() and line in told.read_text().splitlines():
                return True
            time.sleep(0.05)
        return False


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    page = tmp_path / "www" / "ldirector.html"
    page.parent.mkdir()
    page.write_text("<html><head><title>T</title></head>Test Page</html>")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(page.parent))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def first_on_perls_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "perl"
    folder.mkdir()
    monkeypatch.setenv("PERL5LIB", f"{folder}:{os.environ.get('PERL5LIB', '')}")
    return folder


@pytest.fixture
def busy(first_on_perls_path: Path) -> None:
    """Simulate a machine on which loading a module takes longer than the time limit of a check."""
    module = first_on_perls_path / "HTML" / "HeadParser.pm"
    module.parent.mkdir()
    module.write_text(SLOW % first_on_perls_path)


@pytest.fixture
def role(first_on_perls_path: Path) -> None:
    """Install the role's file where Perl searches first, as /etc/perl on Debian."""
    (first_on_perls_path / "LWP").mkdir()
    shutil.copy(ROLE / "files" / "Debug.pm", first_on_perls_path / "LWP")


@pytest.fixture
def director(
    ldirectord: Path, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first_on_perls_path: Path
) -> Iterator[Director]:
    monkeypatch.setenv("PERLIO", "perlio")
    ipvsadm = tmp_path / "ipvsadm"
    ipvsadm.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/told\n')
    ipvsadm.chmod(0o755)
    found = Director(tmp_path, port)
    found.describe("192.0.2.1")
    # With -d it stays in the foreground, and uses the ipvsadm of its folder.
    command = ["perl", str(ldirectord), "-d", str(tmp_path / "test.cf"), "start"]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log) as process,
    ):
        yield found
        process.kill()


def test_on_a_busy_machine_all_checks_fail(busy: None, director: Director) -> None:
    """This is the reason for the role's file."""
    assert not director.serves("192.0.2.1", within=9)


def test_with_the_roles_file_checks_succeed(busy: None, role: None, director: Director) -> None:
    assert director.serves("192.0.2.1", within=20)


def test_a_module_that_is_not_installed_does_not_matter(role: None, director: Director) -> None:
    loads = ["perl", "-e", "require Authen::Radius"]
    if subprocess.run(loads, capture_output=True, check=False).returncode == 0:
        pytest.skip("Authen::Radius is installed here")
    assert director.serves("192.0.2.1", within=20)


def test_a_check_loads_no_further_module(role: None, port: int) -> None:
    program = f"""
        use LWP::UserAgent;
        use LWP::Debug;
        my %before = %INC;
        my $request = HTTP::Request->new('GET', 'http://127.0.0.1:{port}/ldirector.html');
        my $answer = LWP::UserAgent->new(ssl_opts => {{ verify_hostname => 0 }})->request($request);
        print $answer->status_line, "\\n", map {{ "$_\\n" }} grep {{ !$before{{$_}} }} sort keys %INC;
    """
    said = subprocess.run(["perl", "-e", program], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == ["200 OK"]


def test_it_is_lwp_debug_at_the_end(role: None) -> None:
    program = (
        "use LWP::Debug; LWP::Debug::level('+'); print $INC{'LWP/Debug.pm'} ne '' && $LWP::Debug::VERSION"
    )
    said = subprocess.run(["perl", "-we", program], capture_output=True, text=True, check=True)
    assert (said.stdout != "", said.stderr) == (True, "")


def test_a_lost_reload_happens_by_itself(role: None, director: Director) -> None:
    assert director.serves("192.0.2.1", within=20)
    # It has read its file, and checks periodically for a new one.
    time.sleep(3)
    director.describe("192.0.2.1", "192.0.2.2")
    assert director.serves("192.0.2.2", within=10)


def test_a_failed_web_server_gets_no_clients(role: None, director: Director) -> None:
    """This includes the moment until it is removed again."""
    (director.path / "www" / "ldirector.html").unlink()
    director.describe("192.0.2.1", "192.0.2.3")
    assert not director.serves("192.0.2.3", within=8)


@pytest.mark.parametrize(
    ("program", "verify", "mode"),
    [
        ("/usr/sbin/ldirectord", 0, "0"),
        ("/usr/sbin/ldirectord", 1, "unset"),
        ("/usr/bin/lwp-request", 0, "unset"),
    ],
)
def test_https_checks_accept_every_certificate(role: None, program: str, verify: int, mode: str) -> None:
    """As ldirectord means it, and in no other program."""
    asks = f"""
        BEGIN {{ $0 = '{program}' }}
        use LWP::UserAgent;
        use LWP::Debug;
        my $agent = new LWP::UserAgent(ssl_opts => {{ verify_hostname => {verify} }});
        print $agent->ssl_opts('SSL_verify_mode') // 'unset';
    """
    said = subprocess.run(["perl", "-we", asks], capture_output=True, text=True, check=True)
    assert (said.stdout, said.stderr) == (mode, "")
