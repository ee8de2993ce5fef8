#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: page_check
short_description: Check that Apache serves a page to those who ask for it by address
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
extends_documentation_fragment:
  - haweb.cluster.changes_nothing
description:
  - Requests a page of this host's Apache as a director or a balancer does, by address and without the name of
    a site. Fails if the answer is another one, and names the site that Apache takes for such requests.
  - Tries again until the answer is right, because Apache needs a moment to reload.
  - Changes nothing.
options:
  port:
    description: The TCP port.
    type: int
    required: true
  path:
    description: The path of the page, with its leading slash.
    type: str
    required: true
  text:
    description: The text that the page must contain. Empty means that only the status 200 counts.
    type: str
    default: ""
  address:
    description: The address of this host that is asked.
    type: str
    default: 127.0.0.1
  timeout:
    description: Seconds to wait for the right answer.
    type: float
    default: 10
"""

EXAMPLES = r"""
- name: Ask for the page that the directors check
  haweb.cluster.page_check:
    port: 80
    path: /ldirector.html
    text: Test Page
"""

RETURN = r"""
status:
  description: The status of the last answer. 0 if there was none.
  returned: success
  type: int
  sample: 200
"""

import os
from http.client import HTTPConnection, HTTPException

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._page import Answer, Page, default_site, sentence
from ansible_collections.haweb.cluster.plugins.module_utils._waiting import wait_until

# One request may not take the whole time.
PATIENCE = 5
# A page that is asked for is short.
LONGEST = 1 << 20


def ask(page: Page) -> Answer:
    connection = HTTPConnection(page.address, page.port, timeout=PATIENCE)
    try:
        connection.request("GET", page.path)
        response = connection.getresponse()
        return Answer(response.status, response.read(LONGEST).decode(errors="replace"))
    except (OSError, HTTPException) as why:
        return Answer(0, str(why) or type(why).__name__)
    finally:
        connection.close()


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "port": {"type": "int", "required": True},
            "path": {"type": "str", "required": True},
            "text": {"type": "str", "default": ""},
            "address": {"type": "str", "default": "127.0.0.1"},
            "timeout": {"type": "float", "default": 10},
        },
        supports_check_mode=True,
    )
    params = module.params
    page = Page(params["address"], params["port"], params["path"], params["text"])
    answer, good = wait_until(lambda: ask(page), page.is_good, params["timeout"])
    if not good:
        _code, sites, _err = module.run_command(["apache2ctl", "-t", "-D", "DUMP_VHOSTS"])
        module.fail_json(
            msg=sentence(os.uname().nodename, page, answer, default_site(sites, page.port)),
            status=answer.status,
        )
    module.exit_json(changed=False, status=answer.status)


if __name__ == "__main__":
    main()
