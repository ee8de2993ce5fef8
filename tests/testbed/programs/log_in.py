#!/usr/bin/env python3
"""Log in to the wiki and read ten pages, with a new connection for each request and one jar for all cookies.

    log_in.py ADDRESS HOST CERTIFICATE

Prints a JSON list: for each page, whether the wiki knows the user.
"""

from __future__ import annotations

import http.client
import http.cookies
import json
import re
import socket
import ssl
import sys
from urllib.parse import urlencode

PAGES = 10
TIMEOUT = 20.0
LOGIN = "/wiki/doku.php?id=start&do=login"
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class Browser:
    def __init__(self, address: str, host: str, certificate: str) -> None:
        self.address = address
        self.host = host
        self.context = ssl.create_default_context(cafile=certificate)
        self.jar = http.cookies.SimpleCookie()

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> str:
        connection = http.client.HTTPSConnection(self.host, context=self.context, timeout=TIMEOUT)
        # No name server has this address.
        plain = socket.create_connection((self.address, 443), TIMEOUT)
        connection.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        headers = {
            "Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in self.jar.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request(method, path, urlencode(form) if form else None, headers)
        response = connection.getresponse()
        page = response.read().decode()
        connection.close()
        for cookie in response.headers.get_all("Set-Cookie", []):
            self.jar.load(cookie)
        return page

    def log_in(self, user: str) -> None:
        form = dict(HIDDEN.findall(self.ask("GET", LOGIN)))
        self.ask("POST", LOGIN, form | {"u": user, "p": f"{user}-secret"})

    def is_known(self, page: int) -> bool:
        return 'class="user"' in self.ask("GET", f"/wiki/doku.php?id=page{page}")


def main(address: str, host: str, certificate: str) -> None:
    browser = Browser(address, host, certificate)
    browser.log_in("falko")
    print(json.dumps([browser.is_known(page) for page in range(PAGES)]))


if __name__ == "__main__":
    main(*sys.argv[1:])
