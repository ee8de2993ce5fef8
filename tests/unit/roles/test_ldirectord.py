"""The real ldirectord at work, with what the role gives it.

It checks a real web server. What it says to ipvsadm is written down instead.
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

# Loads the real module, after a sleep that is longer than a check may take.
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
        """Write the role's ldirectord.cf, at one stroke as the role does."""
        web_server = {"address": "127.0.0.1", "port": self.port, "forwarding": "masq"}
        services = [
            {"name": "www", "address": f"{address}/24", "port": 80, "real_servers": [web_server]}
            for address in addresses
        ]
        # Below its first line, which only Ansible understands.
        template = (ROLE / "templates" / "ldirectord.cf.j2").read_text().partition("\n")[2]
        environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True, autoescape=False)
        text = environment.from_string(template).render(__director_ldirectord=ldirectord_cf(services))
        (self.path / "new").write_text(text)
        (self.path / "new").rename(self.path / "test.cf")

    def serves(self, address: str, within: float) -> bool:
        """Whether ldirectord sends clients of this address to the web server within so many seconds."""
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
    """Make it a machine on which a module loads longer than a check may take."""
    module = first_on_perls_path / "HTML" / "HeadParser.pm"
    module.parent.mkdir()
    module.write_text(SLOW % first_on_perls_path)


@pytest.fixture
def role(first_on_perls_path: Path) -> None:
    """Put the role's file where Perl looks first, as /etc/perl is on Debian."""
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
    # With -d it stays in the foreground, and takes the ipvsadm of its folder.
    command = ["perl", str(ldirectord), "-d", str(tmp_path / "test.cf"), "start"]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log) as process,
    ):
        yield found
        process.kill()


def test_on_a_busy_machine_it_is_blind(busy: None, director: Director) -> None:
    """What the role's file is for."""
    assert not director.serves("192.0.2.1", within=9)


def test_with_the_roles_file_it_is_not(busy: None, role: None, director: Director) -> None:
    assert director.serves("192.0.2.1", within=20)


def test_a_module_that_is_not_installed_does_not_matter(role: None, director: Director) -> None:
    loads = ["perl", "-e", "require Authen::Radius"]
    if subprocess.run(loads, capture_output=True, check=False).returncode == 0:
        pytest.skip("Authen::Radius is installed here")
    assert director.serves("192.0.2.1", within=20)


def test_nothing_is_left_to_be_loaded_in_a_check(role: None, port: int) -> None:
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


def test_a_reload_that_was_lost_comes_by_itself(role: None, director: Director) -> None:
    assert director.serves("192.0.2.1", within=20)
    # It has read its file, and looks now and then whether there is another.
    time.sleep(3)
    director.describe("192.0.2.1", "192.0.2.2")
    assert director.serves("192.0.2.2", within=10)


def test_a_web_server_that_is_out_gets_no_clients(role: None, director: Director) -> None:
    """Not even for the moment until it is taken out again."""
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
