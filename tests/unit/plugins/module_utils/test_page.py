"""What is a good answer, which site gave it, and what is said of a wrong one."""

from __future__ import annotations

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._page import (
    Answer,
    Page,
    default_site,
    sentence,
)

# What Apache 2.4.71 prints, with several sites on one port and one on another.
SITES = """\
VirtualHost configuration:
*:80                   is a NameVirtualHost
         default server blog.example.com (/etc/apache2/sites-enabled/00-blog.conf:1)
         port 80 namevhost blog.example.com (/etc/apache2/sites-enabled/00-blog.conf:1)
         port 80 namevhost www.example.com (/etc/apache2/sites-enabled/000-haweb.conf:4)
*:8443                 www.example.com (/etc/apache2/sites-enabled/000-haweb.conf:20)
192.0.2.1:8081         shop.example.com (/etc/apache2/sites-enabled/shop.conf:1)
ServerRoot: "/etc/apache2"
"""
PAGE = Page("127.0.0.1", 80, "/ldirector.html", "Test Page")


@pytest.mark.parametrize(
    ("port", "site"),
    [
        (80, "blog.example.com (/etc/apache2/sites-enabled/00-blog.conf:1)"),
        (8443, "www.example.com (/etc/apache2/sites-enabled/000-haweb.conf:20)"),
        (8081, "shop.example.com (/etc/apache2/sites-enabled/shop.conf:1)"),
        (443, None),
    ],
)
def test_default_site(port: int, site: str | None) -> None:
    assert default_site(SITES, port) == site


def test_default_site_of_nothing() -> None:
    assert default_site("", 80) is None


@pytest.mark.parametrize(
    ("text", "answer", "good"),
    [
        ("Test Page", Answer(200, "Test Page\n"), True),
        ("Test Page", Answer(200, "blog"), False),
        ("Test Page", Answer(503, "Test Page\n"), False),
        ("", Answer(200, "blog"), True),
        ("", Answer(0, "Connection refused"), False),
    ],
)
def test_good_answer(text: str, answer: Answer, good: bool) -> None:
    assert Page("127.0.0.1", 80, "/", text).is_good(answer) == good


@pytest.mark.parametrize(
    ("answer", "site", "words"),
    [
        (Answer(404, "<h1>Not\nFound</h1>"), "blog (b.conf:1)", "status 404, '<h1>Not Found</h1>'"),
        (Answer(200, "x" * 100), "blog (b.conf:1)", f"status 200, '{'x' * 60} ...'"),
        (Answer(200, "blog"), "blog (b.conf:1)", "the first site on the port, which is blog (b.conf:1)."),
        (Answer(0, "Connection refused"), None, "no answer (Connection refused)"),
        (Answer(0, "Connection refused"), None, "Apache has no site on port 80."),
        (Answer(404, ""), None, "expected: status 200 and a page with 'Test Page'."),
    ],
)
def test_sentence(answer: Answer, site: str | None, words: str) -> None:
    text = sentence("web1", PAGE, answer, site)
    assert text.startswith("web1: http://127.0.0.1:80/ldirector.html, asked on this host ")
    assert words in text
