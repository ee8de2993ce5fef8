#!/usr/bin/env python3
"""Send words to this program itself by WebSocket, and print the answer.

    talk.py PORT URL COOKIE WORDS

The server listens here on PORT, and the client connects to URL, through all proxies in between.
"""

from __future__ import annotations

import asyncio
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve


async def answer(connection: ServerConnection) -> None:
    async for words in connection:
        await connection.send(f"You said: {words!s}")


async def main(port: int, url: str, cookie: str, words: str) -> None:
    # Do not use a proxy of this machine: the test is about the direct route.
    async with (
        serve(answer, port=port),
        connect(url, additional_headers={"Cookie": cookie}, proxy=None) as connection,
    ):
        await connection.send(words)
        print(await connection.recv())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), *sys.argv[2:]))
