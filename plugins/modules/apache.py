#!/usr/bin/python
# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: apache
short_description: Configure Apache's modules, files and ports in one run
version_added: 0.2.0
author:
  - The haweb.cluster team (@haweb)
description:
  - Enables modules of Apache with C(a2enmod), writes files as M(haweb.cluster.files) does, and makes Apache
    listen on ports. All of it needs one module run.
  - It is for Debian's layout of C(/etc/apache2). It does not reload Apache.
  - Apache does not start if two C(Listen) lines have the same port. So the module asks Apache for all
    C(Listen) lines of the host, whichever file they are in, and writes a file with only those that are
    missing. A line of C(ports.conf) or of a site of your own counts. If no line is missing, there is no
    such file.
  - Version 0.1 of this collection replaced Debian's C(ports.conf). Where that file is still in place, the
    module writes Debian's own text again.
options:
  modules:
    description:
      - The modules to enable, with C(a2enmod)'s names.
    type: list
    elements: str
    default: []
  files:
    default: []
  listen:
    description:
      - The arguments of Apache's C(Listen), each a port, or a port and its protocol, for example V(8080) or
        V(8443 https). Apache listens on all addresses.
    type: list
    elements: str
    default: []
  name:
    description:
      - Who wants these ports. The file with the C(Listen) lines is C(NAME-listen.conf) in
        C(/etc/apache2/conf-available), with a link in C(conf-enabled).
    type: str
    required: true
  head:
    description:
      - The comment at the head of that file.
    type: str
    default: "# Ansible managed"
extends_documentation_fragment:
  - haweb.cluster.files
attributes:
  check_mode:
    description: >-
      Can run in check mode, and returns what would change, without validation. On a host without Apache it
      expects the files of a new package.
    support: full
  diff_mode:
    description: Returns the names of modules, the text of each file that changes, and the state of each link.
    support: full
seealso:
  - module: haweb.cluster.files
"""

EXAMPLES = r"""
- name: Serve a site on port 8080
  haweb.cluster.apache:
    modules: [headers]
    files:
      - path: /etc/apache2/sites-available/shop.conf
        content: "{{ lookup('ansible.builtin.template', 'shop.conf.j2') }}"
        mode: "0644"
      - path: /etc/apache2/sites-enabled/shop.conf
        link: ../sites-available/shop.conf
    listen: ["8080"]
    name: shop
  notify: Reload Apache
"""

RETURN = r"""
written:
  description: The paths that have changed, and the modules that were enabled.
  returned: success
  type: list
  elements: str
  sample: [/etc/apache2/conf-available/shop-listen.conf, /etc/apache2/conf-enabled/shop-listen.conf]
"""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.haweb.cluster.plugins.module_utils._apache_listen import (
    DEBIANS_PORTS,
    Listener,
    drop_in,
    in_the_way,
    is_of_older_version,
    listeners,
    missing,
    problems_of,
    without,
)
from ansible_collections.haweb.cluster.plugins.module_utils._files import ENTRY, FilesModule, write

ETC = Path("/etc/apache2")
LIBRARY = "/usr/lib/apache2/modules"


def fail(module: AnsibleModule, problems: list[str]) -> None:
    if problems:
        module.fail_json(msg=" ".join(f"{os.uname().nodename}: {problem}" for problem in problems))


def enable(module: AnsibleModule) -> list[dict[str, Any]]:
    """Enable the modules that are not enabled yet, and return a diff of their names."""
    enabled = ETC / "mods-enabled"
    names = [name for name in module.params["modules"] if not (enabled / f"{name}.load").is_symlink()]
    if names and not module.check_mode:
        code, out, err = module.run_command(["a2enmod", "--quiet", *names])
        if code:
            said = " ".join((err or out).split()) or "no message"
            fail(
                module,
                [f"a2enmod {' '.join(names)} failed: {said}. Install what is missing, and run this again."],
            )
    return [
        {"before_header": name, "after_header": name, "before": "", "after": f"{name} is enabled\n"}
        for name in names
    ]


def temporary(module: AnsibleModule, text: str) -> str:
    with NamedTemporaryFile("wb", dir=module.tmpdir, delete=False) as file:
        file.write(text.encode(errors="surrogateescape"))
    module.add_cleanup_file(file.name)
    return file.name


def ask_apache(module: AnsibleModule, restored: bool) -> list[Listener]:
    """Return each `Listen` line that Apache reads, but for those in our own file.

    `restored` is whether ports.conf is to be Debian's again, and is read as if it were.
    """
    own = f"{module.params['name']}-listen.conf"
    main = ETC / "apache2.conf"
    tls = any("https" in listen for listen in module.params["listen"])
    if module.check_mode and not main.exists():
        return [Listener("", port, "ports.conf", 0) for port in ([80, 443] if tls else [80])]
    others = sorted(path.name for path in (ETC / "conf-enabled").glob("*.conf") if path.name != own)
    text = without(
        main.read_text(encoding="utf-8", errors="surrogateescape"),
        others,
        temporary(module, DEBIANS_PORTS) if restored else None,
    )
    # In check mode the module may be one that would be enabled.
    loads = ["info", "ssl"] if tls and module.check_mode else ["info"]
    load = [word for name in loads for word in ("-C", f"LoadModule {name}_module {LIBRARY}/mod_{name}.so")]
    command = ["apache2ctl", "-t", "-D", "DUMP_CONFIG", *load, "-f", temporary(module, text)]
    code, out, err = module.run_command(command)
    if code:
        fail(
            module,
            [f"Apache refuses its configuration: {' '.join(err.split())} Mend it, and run this again."],
        )
    return [each for each in listeners(out) if Path(each.file).name != own]


def listen(module: AnsibleModule) -> list[dict[str, Any]]:
    """Make Apache listen on the ports, and return a diff."""
    wanted, head = module.params["listen"], module.params["head"]
    ports = ETC / "ports.conf"
    restored = ports.exists() and is_of_older_version(
        ports.read_text(encoding="utf-8", errors="surrogateescape"), head
    )
    found = ask_apache(module, restored)
    fail(module, in_the_way(wanted, found))
    text = drop_in(head, missing(wanted, found))
    name = f"{module.params['name']}-listen.conf"
    available, enabled = str(ETC / "conf-available" / name), str(ETC / "conf-enabled" / name)
    entries: list[dict[str, Any]] = [
        {"path": enabled, "absent": True},
        {"path": available, "absent": True},
    ]
    if text is not None:
        entries = [
            {"path": available, "content": text, "mode": "0644"},
            {"path": enabled, "link": f"../conf-available/{name}"},
        ]
    if restored:
        entries.append({"path": str(ports), "content": DEBIANS_PORTS, "mode": "0644"})
    rest = {name: option.get("default") for name, option in ENTRY.items()}
    return write(module, [rest | entry for entry in entries])


def main() -> None:
    module = FilesModule(
        argument_spec={
            "modules": {"type": "list", "elements": "str", "default": []},
            "files": {"type": "list", "elements": "dict", "default": [], "options": ENTRY},
            "listen": {"type": "list", "elements": "str", "default": []},
            "name": {"type": "str", "required": True},
            "head": {"type": "str", "default": "# Ansible managed"},
        },
        supports_check_mode=True,
    )
    fail(module, problems_of(module.params["listen"]))
    # The files may need the modules, and Apache judges all of them when it is asked for its ports.
    diff = [*enable(module), *write(module, module.params["files"]), *listen(module)]
    module.exit_json(changed=bool(diff), written=[change["after_header"] for change in diff], diff=diff)


if __name__ == "__main__":
    main()
