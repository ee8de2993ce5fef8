# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A page is asked for by address until it is right, and a wrong one ends the run with its cause."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.modules import page_check

Run = Callable[..., dict[str, Any]]
SITES = "*:{port}  blog.example.com (/etc/apache2/sites-enabled/00-blog.conf:1)"


class Server(HTTPServer):
    answers: list[tuple[int, str]]
    hosts: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])
        status, text = self.server.answers[0]
        if len(self.server.answers) > 1:
            del self.server.answers[0]
        self.send_response(status if self.path == "/health" else 404)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.hosts = []
    (tmp_path / "apache2ctl").write_text(f"#!/bin/sh\necho '{SITES.format(port=server.server_port)}'\n")
    (tmp_path / "apache2ctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    "answers", [[(200, "Test Page\n")], [(404, "not yet"), (200, "blog\n"), (200, "Test Page\n")]]
)
def test_page_becomes_right(
    run: Run, server: Server, answers: list[tuple[int, str]], check_mode: bool
) -> None:
    server.answers = [*answers]
    answer = run(page_check, check_mode=check_mode, port=server.server_port, path="/health", text="Test Page")
    assert answer == {"changed": False, "status": 200}
    assert server.hosts == [f"127.0.0.1:{server.server_port}"] * len(answers)


def test_page_of_another_site(run: Run, server: Server) -> None:
    server.answers = [(200, "<h1>Blog</h1>\n")]
    answer = run(page_check, port=server.server_port, path="/health", text="Test Page", timeout=0)
    assert answer["failed"]
    assert answer["msg"].startswith(f"{os.uname().nodename}: http://127.0.0.1:{server.server_port}/health, ")
    assert "gives status 200, '<h1>Blog</h1>'; expected: status 200 and a page with 'Test P" in answer["msg"]
    assert "which is blog.example.com (/etc/apache2/sites-enabled/00-blog.conf:1)." in answer["msg"]


def test_nobody_answers(run: Run, server: Server) -> None:
    port = server.server_port
    server.shutdown()
    server.server_close()
    answer = run(page_check, port=port, path="/health", timeout=0)
    assert "gives no answer ([Errno 111] Connection refused); expected: status 200. " in answer["msg"]
