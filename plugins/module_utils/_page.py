# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge the answer of Apache to a request by address, and find the site that gave it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What `apache2ctl -S` prints of the sites on a port: one on the line of the address, or several below it, of
# which the first serves requests without a known name.
ADDRESS = re.compile(r"(?P<address>\S+):(?P<port>\d+|\*)\s+(?P<rest>.+)")
SITE = re.compile(r"(?P<name>\S+) \((?P<where>.+:\d+)\)")
DEFAULT = re.compile(r"\s+default server (?P<site>.+)")
LONGEST = 60


@dataclass(frozen=True)
class Answer:
    status: int  # 0: none
    text: str  # the page, or why there is none


@dataclass(frozen=True)
class Page:
    address: str
    port: int
    path: str
    text: str

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}{self.path}"

    def is_good(self, answer: Answer) -> bool:
        return answer.status == 200 and self.text in answer.text  # noqa: PLR2004


def default_site(sites: str, port: int) -> str | None:
    """Return the first site on the port, as `NAME (FILE:LINE)`; None where Apache has none there."""
    on_port = False
    for line in sites.splitlines():
        if match := ADDRESS.fullmatch(line):
            on_port = match["port"] in (str(port), "*")
            if on_port and SITE.fullmatch(match["rest"]):
                return match["rest"].strip()
        elif on_port and (match := DEFAULT.fullmatch(line)):
            return match["site"].strip()
    return None


def sentence(host: str, page: Page, answer: Answer, site: str | None) -> str:
    """Return what came back, what is expected, and the cure."""
    start = " ".join(answer.text.split())
    said = f"{start[:LONGEST]} ..." if len(start) > LONGEST else start
    came = f"status {answer.status}, {said!r}" if answer.status else f"no answer ({said})"
    wanted = f"status 200 and a page with {page.text!r}" if page.text else "status 200"
    if site is None:
        cure = (
            f"Apache has no site on port {page.port}. `apache2ctl -S` lists its sites, and `ss -ltnp` shows "
            "who listens."
        )
    else:
        cure = (
            f"Apache serves such requests by the first site on the port, which is {site}. If that is another "
            "site, give its file in sites-enabled a name that sorts after 000-haweb, and write `*` as the "
            "address of its <VirtualHost>."
        )
    return (
        f"{host}: {page.url}, asked on this host without the name of a site, gives {came}; expected: "
        f"{wanted}. "
        f"Directors and balancers would take this host for failed. {cure}"
    )
