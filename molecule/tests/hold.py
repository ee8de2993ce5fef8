#!/usr/bin/env python3
"""Hold connections open, and ask for a page on each of them now and then until standard input is closed.

    hold.py URL CONNECTIONS [OVER [EVERY]]

Opens them one after the other over so many seconds (default 0: all at once), and asks on each every so many
(default 1). Prints "open" as soon as the last one has its first answer. When standard input is closed it asks
once more on each, and prints a line of JSON: the number of requests that were answered, and of each one that
broke why, and its age in seconds when the last one was open. None is opened anew.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 60.0  # seconds


@dataclass
class Held:
    opened: float = 0.0
    requests: int = 0
    broken: str = ""


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
    await reader.readexactly(int(headers["content-length"]))
    if headers.get("connection") == "close":
        raise ConnectionError("closed by the server's wish")


async def hold(held: Held, url: str, after: float, every: float, ended: asyncio.Event) -> None:
    parts = urlsplit(url)
    request = f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    await asyncio.sleep(after)
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
        held.opened = time.monotonic()
        last = False
        while not last:
            last = ended.is_set()
            async with asyncio.timeout(PATIENCE):
                await ask(reader, writer, request)
            held.requests += 1
            if not last:
                with suppress(TimeoutError):
                    async with asyncio.timeout(every):
                        await ended.wait()
        writer.close()
    except (OSError, EOFError, TimeoutError, KeyError) as error:
        held.broken = f"{type(error).__name__} {error} after {held.requests} requests"


async def main(url: str, count: int, over: float, every: float) -> None:
    ended = asyncio.Event()
    connections = [Held() for _ in range(count)]
    tasks = [
        asyncio.create_task(hold(held, url, over * number / max(1, count - 1), every, ended))
        for number, held in enumerate(connections)
    ]
    while not all(held.requests or held.broken for held in connections):
        await asyncio.sleep(0.01)
    all_open = time.monotonic()
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    ended.set()
    await asyncio.gather(*tasks)
    broken = [
        {"age": round(all_open - held.opened, 3), "why": held.broken} for held in connections if held.broken
    ]
    json.dump({"requests": sum(held.requests for held in connections), "broken": broken}, sys.stdout)


if __name__ == "__main__":
    url, count, over, every = [*sys.argv[1:], *["0", "1"][len(sys.argv) - 3 :]]
    asyncio.run(main(url, int(count), float(over), float(every)))
