#!/usr/bin/env python3
"""Talk to oneself by WebSocket, and print what comes back.

    talk.py PORT URL COOKIE WORDS

The server listens here on PORT, the client asks URL: the way leads through whatever is in between.
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
    # No proxy of this machine's: the way is the one that is to be tested.
    async with (
        serve(answer, port=port),
        connect(url, additional_headers={"Cookie": cookie}, proxy=None) as connection,
    ):
        await connection.send(words)
        print(await connection.recv())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), *sys.argv[2:]))
