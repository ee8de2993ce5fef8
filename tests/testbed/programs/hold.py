#!/usr/bin/env python3
"""Hold connections open, and request a page on each of them repeatedly until standard input is closed.

    hold.py URL CONNECTIONS [--over SECONDS] [--every SECONDS]

Opens the connections one after the other within the first time (default: 0), and prints "open" when each has
had its first answer. Sends a request on each once in the second time (default: 1), and a last one when
standard input is closed. At the end it prints a line of JSON for each connection: its age in seconds when all
were open, the number of answered requests, the first lines of the pages, and, if it broke, why and when
(seconds since 1970). It opens no connection again; a web server ends each after MaxKeepAliveRequests.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from dataclasses import asdict, dataclass, field
from urllib.parse import SplitResult, urlsplit

PATIENCE = 10.0  # seconds


@dataclass
class Connection:
    age: float = 0.0
    requests: int = 0
    servers: list[str] = field(default_factory=list)
    error: str | None = None
    broke_at: float | None = None


class Holder:
    def __init__(self, url: SplitResult, count: int, over: float, every: float) -> None:
        self.url, self.over, self.every = url, over, every
        self.connections = [Connection() for _ in range(count)]
        self.answered = 0
        self.all_open, self.ended = asyncio.Event(), asyncio.Event()
        self.opened = 0.0

    async def ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """Send one request, and return the first line of the page."""
        writer.write(f"GET {self.url.path or '/'} HTTP/1.1\r\nHost: {self.url.netloc}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split()[0])
        page = await reader.readexactly(length)
        return page.decode().partition("\n")[0]

    async def hold(self, connection: Connection, wait: float) -> None:
        await asyncio.sleep(wait)
        born = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_connection(self.url.hostname, self.url.port or 80)
            last = False
            while not last:
                # Send a last request at the end: only an answer proves that the connection still exists.
                last = self.ended.is_set()
                async with asyncio.timeout(PATIENCE):
                    server = await self.ask(reader, writer)
                connection.requests += 1
                if server not in connection.servers:
                    connection.servers.append(server)
                if connection.requests == 1:
                    self.has_answered()
                if not last:
                    await asyncio.sleep(self.every)
            writer.transport.abort()
        except (OSError, EOFError, ValueError, IndexError) as error:
            connection.error = type(error).__name__
            connection.broke_at = time.time()
            if connection.requests == 0:
                self.has_answered()
        finally:
            await self.all_open.wait()
            connection.age = self.opened - born

    def has_answered(self) -> None:
        self.answered += 1
        if self.answered == len(self.connections):
            self.opened = time.monotonic()
            self.all_open.set()

    async def run(self) -> None:
        step = self.over / len(self.connections)
        held = [
            asyncio.create_task(self.hold(one, number * step)) for number, one in enumerate(self.connections)
        ]
        await self.all_open.wait()
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        self.ended.set()
        await asyncio.gather(*held)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url", type=urlsplit)
    parser.add_argument("connections", type=int)
    parser.add_argument("--over", type=float, default=0.0)
    parser.add_argument("--every", type=float, default=1.0)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    holder = Holder(options.url, options.connections, options.over, options.every)
    asyncio.run(holder.run())
    for connection in holder.connections:
        print(json.dumps(asdict(connection)))


if __name__ == "__main__":
    main()
