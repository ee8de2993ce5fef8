# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Send the requests of the client host: an open loop, with a new connection for each request."""

from __future__ import annotations

import asyncio
import signal
import time
from urllib.parse import SplitResult, urlsplit

from .answers import Answer


def measure(url: str, seconds: float, every: float, timeout: float) -> list[Answer]:
    return asyncio.run(ask(url, seconds, every, timeout))


async def ask(url: str, seconds: float, every: float, timeout: float) -> list[Answer]:
    """Send a request each `every` seconds, without waiting for earlier answers, or until Ctrl-C."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, ended.set)
    begun = time.monotonic()
    asked = []
    for number in range(round(seconds / every)):
        await asyncio.sleep(begun + number * every - time.monotonic())
        if ended.is_set():
            break
        asked.append(asyncio.create_task(ask_once(url, begun, timeout)))
    return await asyncio.gather(*asked)


async def ask_once(url: str, begun: float, timeout: float) -> Answer:
    parts = urlsplit(url)
    start = time.monotonic()
    status, server, error = None, "", ""
    try:
        async with asyncio.timeout(timeout):
            reply = await exchange(parts)
        status, server = read(reply)
    except TimeoutError:
        error = "timeout"
    except (OSError, ValueError, IndexError) as failure:
        error = str(failure) or type(failure).__name__
    return Answer(start - begun, time.monotonic() - start, status, server, error)


async def exchange(parts: SplitResult) -> bytes:
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        writer.write(request(parts))
        return await reader.read()
    finally:
        # Not close(): a peer that hangs would keep one socket for each request.
        writer.transport.abort()


def request(parts: SplitResult) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()


def read(reply: bytes) -> tuple[int, str]:
    """Return the status of the reply, and the server's name: the first line of its page."""
    head, _blank, body = reply.partition(b"\r\n\r\n")
    server = next(iter(body.decode(errors="replace").splitlines()), "").strip()
    return int(head.split(maxsplit=2)[1]), server
