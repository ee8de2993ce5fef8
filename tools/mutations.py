"""Break each role in a copy of this collection, and check that its scenario in containers detects that.

A mutation is caught if its named test fails, or the named task in which Ansible already stops.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from shutil import copy2
from tempfile import TemporaryDirectory

from scenarios import GLOBS, MOLECULE, ROLES

PROJECT = Path(__file__).parents[1]
# The output of pytest and Ansible: a failed test; a task, and its failure.
TEST = re.compile(r"(?:FAILED|ERROR) \S*?::(\w+)")
TASK = re.compile(r"TASK \[(?:.* : )?(.+)\]")
FATAL = re.compile(r"(?:fatal|failed): ")


@dataclass(frozen=True)
class Mutation:
    what: str
    scenario: str
    file: str
    old: str
    new: str
    caught_by: str


MUTATIONS = [
    Mutation(
        what="authkeys that everybody may read",
        scenario="heartbeat",
        file="roles/heartbeat/tasks/configure.yml",
        old="""'authkeys.j2') }}"\n        mode: "0600\"""",
        new="""'authkeys.j2') }}"\n        mode: "0644\"""",
        caught_by="Wait until heartbeat has decided which node has the resources",
    ),
    Mutation(
        what="each node twice in ha.cf",
        scenario="heartbeat",
        file="roles/heartbeat/templates/ha.cf.j2",
        old="{{ directive.name }} {{ directive.value }}\n",
        new=(
            "{{ directive.name }} {{ directive.value }}\n"
            "{% if directive.name == 'node' %}\nnode {{ directive.value }}\n{% endif %}\n"
        ),
        caught_by="Wait until heartbeat has decided which node has the resources",
    ),
    Mutation(
        what="a setting of the kernel that is not there",
        scenario="director",
        file="roles/director/defaults/main.yml",
        old="  net.ipv4.vs.conn_reuse_mode: 3\n",
        new="",
        caught_by="test_setting_is_named_for_boot",
    ),
    Mutation(
        what="a cookie without its dot",
        scenario="balancer",
        file="plugins/plugin_utils/_apache/render.py",
        old="=balancer.%{{BALANCER_WORKER_ROUTE}}e",
        new="=balancer%{{BALANCER_WORKER_ROUTE}}e",
        caught_by="test_balancers_own_cookie_names_the_route_behind_a_dot",
    ),
    Mutation(
        what="a wrong address on lo",
        scenario="real_server",
        file="roles/real_server/templates/haweb-real-server.service.j2",
        old="map('regex_replace', '$', '/32')",
        new="map('regex_replace', '$', '/32') | map('replace', '.10', '.11')",
        caught_by="test_loopback_has_the_addresses_and_no_others",
    ),
    Mutation(
        what="a health page without its text",
        scenario="webserver",
        file="roles/webserver/templates/health_page.html.j2",
        old="{{ webserver_health_text }}",
        new="",
        caught_by="test_default_pages",
    ),
    Mutation(
        what="an apology with the wrong status",
        scenario="sorry_page",
        file="roles/sorry_page/templates/haweb-sorry-page.conf.j2",
        old="RedirectMatch 503",
        new="RedirectMatch 404",
        caught_by="test_every_page_is_away",
    ),
]


def copy_of_project(root: Path) -> Path:
    """Copy the files that git knows to where Ansible and Python find them, as root is on Python's path."""
    copy = root / "ansible_collections" / "haweb" / "cluster"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(listed, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, told.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        copy2(PROJECT / name, copy / name, follow_symlinks=False)
    return copy


def break_file(file: Path, mutation: Mutation) -> None:
    text = file.read_text()
    if text.count(mutation.old) != 1:
        sys.exit(
            f"{mutation.file} has {mutation.old!r} {text.count(mutation.old)} times, not once: "
            f'correct the mutation "{mutation.what}" in tools/mutations.py'
        )
    file.write_text(text.replace(mutation.old, mutation.new))


def failures(mutation: Mutation) -> list[str]:
    """Return the tests and tasks of the scenario that fail with this mutation."""
    with TemporaryDirectory(prefix="haweb-mutation-") as folder:
        copy = copy_of_project(Path(folder))
        break_file(copy / mutation.file, mutation)
        done = subprocess.run(
            [*MOLECULE[ROLES], "--scenario-name", mutation.scenario],
            cwd=copy,
            env=os.environ | GLOBS[ROLES] | {"PYTHONPATH": folder, "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode == 0:
        return []
    # If the run fails before any task or test, show its output.
    return failed_in(done.stdout.splitlines()) or [
        f"molecule ended with {done.returncode}:\n{done.stdout[-2000:]}\n"
    ]


def failed_in(lines: Iterable[str]) -> list[str]:
    found, task = set(), ""
    for line in lines:
        if test := TEST.match(line):
            found.add(test[1])
        elif name := TASK.match(line):
            task = name[1]
        elif FATAL.match(line):
            found.add(task)
    return sorted(found)


def main() -> None:
    scenarios = sorted({mutation.scenario for mutation in MUTATIONS})
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenario", nargs="?", choices=scenarios, help="only this one")
    only = parser.parse_args().scenario
    chosen = [mutation for mutation in MUTATIONS if only in (None, mutation.scenario)]
    survived = 0
    for mutation in chosen:
        begun = time.monotonic()
        failed = failures(mutation)
        caught = mutation.caught_by in failed
        survived += not caught
        print(
            f"{mutation.scenario}: {mutation.what}: {'caught' if caught else 'NOT CAUGHT'}, "
            f"{', '.join(failed) or 'all is green'} ({time.monotonic() - begun:.0f} s)",
            flush=True,
        )
    if survived:
        sys.exit(f"{survived} of {len(chosen)} mutations did not make their named test or task fail")


if __name__ == "__main__":
    main()
