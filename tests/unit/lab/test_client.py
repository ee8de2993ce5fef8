"""The client: its requests, and its evaluation of each reply."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest
from haweb_lab import client
from haweb_lab.answers import Answer

PAGE = b"HTTP/1.1 200 OK\r\nServer: Apache\r\n\r\n  web1 \nsecond line\n"


@pytest.mark.parametrize(
    ("url", "target", "host"),
    [
        ("http://192.0.2.5", "/", "192.0.2.5"),
        ("http://192.0.2.5:8080/a/b", "/a/b", "192.0.2.5:8080"),
        ("http://site.example/a?b=c&d", "/a?b=c&d", "site.example"),
        ("http://site.example?b=c", "/?b=c", "site.example"),
    ],
)
def test_request(url: str, target: str, host: str) -> None:
    wanted = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert client.request(urlsplit(url)) == wanted.encode()


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (PAGE, (200, "web1")),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", (503, "")),
        (b"HTTP/1.0 200\r\n\r\n\xff\n", (200, "\N{REPLACEMENT CHARACTER}")),
    ],
)
def test_read(reply: bytes, found: tuple[int, str]) -> None:
    assert client.read(reply) == found


def asked(reply: bytes | None, *, seconds: float = 0.02, timeout: float = 5.0) -> list[Answer]:
    """Send requests to a server that gives this reply; with None it never answers."""

    # Python 3.13 closes a connection whose writer nobody refers to.
    open_connections = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_connections.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        if reply is not None:
            writer.write(reply)
            await writer.drain()
            writer.close()

    async def both() -> list[Answer]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await client.ask(f"http://127.0.0.1:{port}/", seconds, 0.01, timeout)
        finally:
            server.close()

    return asyncio.run(both())


@pytest.mark.parametrize(
    ("reply", "status", "server", "error"),
    [
        (PAGE, 200, "web1", ""),
        (b"HTTP/1.1 404 Not Found\r\n\r\nno\n", 404, "no", ""),
        (b"", None, "", "list index out of range"),
        (b"HTTP/1.1 OK\r\n\r\n", None, "", "invalid literal for int() with base 10: b'OK'"),
    ],
)
def test_an_answer(reply: bytes, status: int | None, server: str, error: str) -> None:
    answer, _ = asked(reply)
    assert (answer.status, answer.server, answer.error) == (status, server, error)


def test_requests_do_not_wait_for_earlier_answers() -> None:
    answers = asked(None, seconds=0.1, timeout=0.3)
    assert [answer.error for answer in answers] == ["timeout"] * 10
    # The last request began before the first one timed out.
    assert answers[-1].start < answers[0].start + answers[0].duration


def test_a_refused_connection_is_an_answer() -> None:
    (answer,) = client.measure("http://127.0.0.1:1/", 0.01, 0.01, 5.0)
    assert (answer.status, answer.good) == (None, False)
    assert "Connect call failed" in answer.error
