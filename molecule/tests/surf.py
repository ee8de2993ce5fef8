#!/usr/bin/env python3
"""Be two users with a browser each, who log in to the wiki and read on; say what each of them sees.

    surf.py URL SECONDS BROWSER

Each reads a page every SECONDS until standard input is closed, and logs in again when the wiki does not know
them any more. Prints one line of JSON for each page: the user, whether the wiki knew them, and who served
(null: nobody).
"""

from __future__ import annotations

import asyncio
import json
import sys

from playwright.async_api import Browser, Page, async_playwright
from playwright.async_api import Error as BrowserError

USERS = ("falko", "till")
# Nothing of the browser's own may look for a way out of the lab.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # milliseconds
TRIES = 20


async def log_in(page: Page, url: str, user: str) -> None:
    await page.goto(f"{url}wiki/doku.php?id=start&do=login")
    await page.fill("#dw__login input[name=u]", user)
    await page.fill("#dw__login input[name=p]", f"{user}-secret")
    await page.click("#dw__login button[type=submit]")


async def read(page: Page, url: str) -> tuple[bool, str | None]:
    try:
        response = await page.goto(f"{url}wiki/doku.php?id=start")
    except BrowserError:
        return False, None
    server = await response.header_value("x-served-by") if response else None
    return await page.locator("li.user").count() > 0, server


async def visit(browser: Browser, url: str, taken: set[str | None]) -> Page:
    """Open the site for the first time, on a web server that is not taken.

    Each balancer counts for itself, so that two users may come to the same web server. Who begins anew,
    without a cookie, may come to another one.
    """
    for _ in range(TRIES):
        context = await browser.new_context()
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        _, server = await read(page, url)
        if server not in taken:
            taken.add(server)
            return page
        await context.close()
    raise SystemExit(f"{TRIES} first visits all came to {taken}")


async def surf(page: Page, url: str, user: str, seconds: float, ended: asyncio.Task[str]) -> None:
    await log_in(page, url, user)
    while not ended.done():
        known, server = await read(page, url)
        print(json.dumps({"user": user, "known": known, "server": server}), flush=True)
        if server and not known:
            await log_in(page, url, user)
        await asyncio.sleep(seconds)


async def main(url: str, seconds: float, executable: str) -> None:
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    async with async_playwright() as playwright:
        browsers = [await playwright.chromium.launch(executable_path=executable, args=FLAGS) for _ in USERS]
        taken: set[str | None] = set()
        pages = [await visit(browser, url, taken) for browser in browsers]
        await asyncio.gather(
            *(surf(page, url, user, seconds, ended) for page, user in zip(pages, USERS, strict=True))
        )
        for browser in browsers:
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), sys.argv[3]))
