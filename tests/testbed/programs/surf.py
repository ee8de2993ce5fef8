#!/usr/bin/env python3
"""Run two users with a browser each, who log in to the wiki and read on; print what each of them sees.

    surf.py URL SECONDS BROWSER

Each user reads a page every SECONDS until standard input is closed, and logs in again when the wiki does not
know the user any more. Prints one line of JSON for each page: the user, whether the wiki knew the user, the
web server (null: none), and the browser's error.
"""

from __future__ import annotations

import asyncio
import json
import sys

from playwright.async_api import Browser, Page, async_playwright
from playwright.async_api import Error as BrowserError

USERS = ("falko", "till")
# The browser itself must send no requests out of the lab.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds until a user repeats a request. Browsers wait 45 s for an answer of a machine that is off.
PATIENCE = 20_000
TRIES = 20


async def log_in(page: Page, url: str, user: str) -> None:
    await page.goto(f"{url}wiki/doku.php?id=start&do=login")
    if await page.locator("li.user").count():
        return  # The last attempt succeeded, and its answer was lost.
    await page.fill("#dw__login input[name=u]", user)
    await page.fill("#dw__login input[name=p]", f"{user}-secret")
    await page.click("#dw__login button[type=submit]")
    await page.locator("li.user").wait_for()


async def read(page: Page, url: str) -> tuple[bool, str | None]:
    response = await page.goto(f"{url}wiki/doku.php?id=start")
    server = await response.header_value("x-served-by") if response else None
    return await page.locator("li.user").count() > 0, server


async def visit(browser: Browser, url: str, taken: set[str]) -> Page:
    """Open the site for the first time, on a web server that is not taken.

    Each balancer counts separately, so that two users may get the same web server. A new attempt without a
    cookie may get another one.
    """
    for _ in range(TRIES):
        context = await browser.new_context()
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        _, server = await read(page, url)
        if server and server not in taken:
            taken.add(server)
            return page
        await context.close()
    raise SystemExit(f"{TRIES} first visits reached {taken} or no web server")


async def surf(page: Page, url: str, user: str, seconds: float, ended: asyncio.Task[None]) -> None:
    stranger = True
    while not ended.done():
        seen: dict[str, str | bool | None] = {"user": user, "known": False, "server": None, "trouble": None}
        try:
            if stranger:
                await log_in(page, url, user)
            known, server = await read(page, url)
            stranger = server is not None and not known
            seen |= {"known": known, "server": server}
        except BrowserError as error:
            seen["trouble"] = str(error)
        print(json.dumps(seen), flush=True)
        await asyncio.sleep(seconds)


async def end_of_input() -> None:
    """Wait without a thread: the process could not end while a thread still reads."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await reader.read()


async def main(url: str, seconds: float, executable: str) -> None:
    ended = asyncio.create_task(end_of_input())
    async with async_playwright() as playwright:
        browsers = [await playwright.chromium.launch(executable_path=executable, args=FLAGS) for _ in USERS]
        taken: set[str] = set()
        pages = [await visit(browser, url, taken) for browser in browsers]
        await asyncio.gather(
            *(surf(page, url, user, seconds, ended) for page, user in zip(pages, USERS, strict=True))
        )
        for browser in browsers:
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), sys.argv[3]))
