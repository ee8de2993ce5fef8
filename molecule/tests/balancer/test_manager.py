"""Row A5: the balancer-manager is open to one user from one address, and to nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http import HTTPStatus

import pytest
from testbed.site_with_sessions import Site

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "BREW"]

# Send requests from another address. Argument 1 is the page, 2 the user and the password, the others are
# methods.
STRANGER = """
import base64, json, sys, urllib.error, urllib.request
status = {}
for method in sys.argv[3:]:
    request = urllib.request.Request(sys.argv[1], method=method)
    request.add_header("Authorization", "Basic " + base64.b64encode(sys.argv[2].encode()).decode())
    try:
        status[method] = urllib.request.urlopen(request, timeout=10).status
    except urllib.error.HTTPError as refusal:
        status[method] = refusal.code
print(json.dumps(status))
"""


@pytest.fixture
def url(site: Site) -> str:
    return f"{site.url}balancer-manager"


@pytest.fixture
def password(site: Site) -> str:
    return f"admin:{site.secret('haweb_balancer_manager_password')}"


@pytest.fixture
def drain(site: Site, url: str, password: str) -> Callable[[str, bool], None]:
    """Switch the flag N of a member on or off, with the form."""
    # Without the Referer Apache ignores the form.
    words = ["--user", password, "--referer", url]

    def send(name: str, wanted: bool) -> None:
        page = site.curl(*words, url)
        member = re.escape(f"http://{site.address_of(name)}")
        found = re.search(rf'\?(b=[^&"]*&(?:amp;)?w={member}[^&"]*&(?:amp;)?nonce=[0-9a-f-]+)', page)
        assert found, f"{name} is not in the balancer-manager:\n{page}"
        form = found.group(1).replace("&amp;", "&")
        assert site.status(url, *words, "--data", f"{form}&w_status_N={int(wanted)}") == HTTPStatus.OK

    return send


def test_a5_right_password_is_accepted(site: Site, url: str, password: str) -> None:
    assert site.status(url, "--user", password) == HTTPStatus.OK


@pytest.mark.parametrize("method", METHODS)
def test_a5_missing_or_wrong_password_is_refused(site: Site, url: str, method: str) -> None:
    request = ["--head"] if method == "HEAD" else ["--request", method]
    assert site.status(url, *request) == HTTPStatus.UNAUTHORIZED
    assert site.status(url, *request, "--user", "admin:wrong") == HTTPStatus.UNAUTHORIZED


def test_a5_other_address_is_refused_with_any_password(site: Site, url: str, password: str) -> None:
    stranger = next(iter(site.webservers.values()))
    words = " ".join(["%s"] * (3 + len(METHODS)))
    said = stranger.check_output(f"python3 -c {words}", STRANGER, url, password, *METHODS)
    assert json.loads(said) == dict.fromkeys(METHODS, HTTPStatus.FORBIDDEN)


def test_drain_by_hand_survives_a_reload(site: Site, drain: Callable[[str, bool], None]) -> None:
    drained, *others = site.webservers
    drain(drained, True)
    assert site.serves(others)
    for balancer in site.balancers.values():
        balancer.check_output("systemctl reload apache2")
    assert site.serves(others)
    # Its sessions stay until they end.
    assert site.server_of_session(drained) == drained

    drain(drained, False)
    assert site.serves(list(site.webservers))


def test_only_apache_can_read_the_password_file(site: Site) -> None:
    for balancer in site.balancers.values():
        file = balancer.file("/etc/apache2/haweb-balancer.htpasswd")
        assert (file.user, file.group, file.mode) == ("root", "www-data", 0o640)
        assert file.content_string.startswith("admin:$2y$12$")
