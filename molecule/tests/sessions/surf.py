#!/usr/bin/env python3
"""Be two users with a browser each, who log in to the wiki and read on; say what each of them sees.

    surf.py URL PAGES SECONDS BROWSER

Each reads PAGES pages, SECONDS apart. Prints one line of JSON for each page: user, page, whether the wiki
still knows the user, and who served (null: nobody).
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


async def read(page: Page, url: str, number: int) -> tuple[bool, str | None]:
    try:
        response = await page.goto(f"{url}wiki/doku.php?id=page{number}")
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
        _, server = await read(page, url, 0)
        if server not in taken:
            taken.add(server)
            return page
        await context.close()
    raise SystemExit(f"{TRIES} first visits all came to {taken}")


async def surf(page: Page, url: str, user: str, pages: int, seconds: float) -> None:
    await log_in(page, url, user)
    for number in range(pages):
        known, server = await read(page, url, number)
        print(json.dumps({"user": user, "page": number, "known": known, "server": server}), flush=True)
        await asyncio.sleep(seconds)


async def main(url: str, pages: int, seconds: float, executable: str) -> None:
    async with async_playwright() as playwright:
        browsers = [await playwright.chromium.launch(executable_path=executable, args=FLAGS) for _ in USERS]
        taken: set[str | None] = set()
        first_pages = [await visit(browser, url, taken) for browser in browsers]
        await asyncio.gather(
            *(surf(page, url, user, pages, seconds) for page, user in zip(first_pages, USERS, strict=True))
        )
        for browser in browsers:
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
