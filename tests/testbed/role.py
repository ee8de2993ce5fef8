# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Evaluate a role on the controller as Ansible does, up to what a host would receive.

Nothing runs on a host: each module gets its arguments, a task that registers a result gets RESULT, and the
files that a host would get are returned.

As a program it answers one line of JSON with another, because Ansible's loader of collections cannot work in
the process of the tests: these import the collection themselves.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError, AnsibleValueOmittedError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret, VaultSecretsContext
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from jinja2 import Environment

from testbed import PROJECT

BUILTIN = "ansible.builtin."
INCLUDES = (f"{BUILTIN}import_tasks", f"{BUILTIN}include_tasks")
ROLES = (f"{BUILTIN}import_role", f"{BUILTIN}include_role")
VAULT_SECRETS = [("default", VaultSecret(b"the password of the vault"))]
WORD_PROBLEMS = trust_as_template("{{ query('haweb.cluster.word_problems', inventory_hostname) }}")
# What each task with `register` has returned: all that the roles read of one.
RESULT = {
    "changed": False,
    "failed": False,
    "asked": True,
    "daemons": [],
    "matched": 0,
    "outdated": False,
    "rc": 0,
    "secret": False,
    "stdout": "",
    "written": [],
}


class RefusedError(Exception):
    """The role refuses its variables. Each argument is a sentence."""


def load_yaml(text: str) -> Any:
    """Read YAML as Ansible reads an inventory."""
    return DataLoader().load(trust_as_template(text))


def encrypted(text: str) -> str:
    """Return what stands in a YAML file for an encrypted text."""
    return f"!vault {json.dumps(VaultLib(VAULT_SECRETS).encrypt(text.encode()).decode())}"


def changed(value: Any, path: tuple[Any, ...], to: object) -> Any:
    """Return a nested value with another one at a path."""
    if not path:
        return to
    name, *rest = path
    if isinstance(name, int):
        listed = value if isinstance(value, list) else [None]
        return [changed(one, tuple(rest), to) if at == name else one for at, one in enumerate(listed)]
    given = value if isinstance(value, dict) else {}
    return {**given, name: changed(given.get(name), tuple(rest), to)}


@dataclass(frozen=True)
class Role:
    name: str

    @cached_property
    def path(self) -> Path:
        return PROJECT / "roles" / self.name

    def load(self, file: str) -> Any:
        return DataLoader().load_from_file(str(self.path / file), trusted_as_template=True) or {}

    @cached_property
    def specification(self) -> dict[str, Any]:
        specs = self.load("meta/argument_specs.yml")["argument_specs"]
        found: dict[str, Any] = specs["main"]["options"]
        return found

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """The role's own, and below them those of the roles on which it depends."""
        found: dict[str, Any] = {}
        for other in self.load("meta/main.yml").get("dependencies", ()):
            found |= Role(other["role"].rpartition(".")[-1]).defaults
        found |= self.load("defaults/main.yml")
        return found

    @cached_property
    def tasks(self) -> dict[str, list[dict[str, Any]]]:
        return {file.name: self.load(f"tasks/{file.name}") for file in (self.path / "tasks").glob("*.yml")}

    @cached_property
    def variables(self) -> dict[str, Any]:
        found: dict[str, Any] = self.load("vars/main.yml")
        return found

    def evaluate(self, given: Mapping[str, Any]) -> dict[str, str]:
        """Return the content of each file that a host would get.

        Raises RefusedError if the role or its argument specification refuses a variable, and else whatever
        Ansible raises. given: the variables of the host.
        """
        known = {
            **self.defaults,
            **given,
            **self.variables,
            "role_path": str(self.path),
            "ansible_search_path": [str(self.path)],
        }
        files: dict[str, str] = {}
        try:
            self._validate(known)
            self._run("main.yml", known, files)
        except RefusedError:
            raise
        except Exception as error:
            cause: BaseException = error
            while cause.__cause__ is not None:
                cause = cause.__cause__
            # A filter of this collection has refused a value in the middle of an expression.
            if type(cause) is AnsibleFilterError:
                raise RefusedError(str(cause)) from error
            raise
        return files

    def _validate(self, known: Mapping[str, Any]) -> None:
        templar = _templar(known)
        values = {name: templar.template(known[name]) for name in self.specification if name in known}
        validator = ArgumentSpecValidator(_without_descriptions(self.specification))
        try:
            result = validator.validate(values, validate_role_argument_spec=True)
        except (TypeError, OverflowError) as error:
            # Ansible's own converters fail on a date for a list, and on infinity for a number.
            raise RefusedError(f"Ansible: {error}.") from error
        if result.error_messages:
            raise RefusedError(*(f"Ansible: {message}." for message in result.error_messages))

    def _run(self, file: str, known: MutableMapping[str, Any], files: dict[str, str]) -> None:
        for task in self.tasks[file]:
            local = {**known, **task.get("vars", {})}
            if not _holds(task.get("when", True), local):
                continue
            module = next(key for key in task if key.startswith((BUILTIN, "haweb.cluster.")))
            if module in INCLUDES:
                target = task[module]
                self._run(target["file"] if isinstance(target, dict) else target, known, files)
                continue
            if module in ROLES:
                files |= self._evaluate_part(task[module], local)
                continue
            items = _templar(local).template(task["loop"]) if "loop" in task else [None]
            for item in items:
                files |= _do(module, task, {**local, "item": item})
            if "register" in task:
                known[task["register"]] = RESULT

    def _evaluate_part(self, target: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, str]:
        """Evaluate a part of another role, which this role imports with variables."""
        other = Role(target["name"].rpartition(".")[-1])
        files: dict[str, str] = {}
        paths = [str(other.path), *known["ansible_search_path"]]
        own = {**other.defaults, **known, **other.variables, "ansible_search_path": paths}
        other._run(f"{target.get('tasks_from', 'main')}.yml", own, files)
        return files


def _do(module: str, task: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, str]:
    templar = _templar(known)
    arguments = task[module]
    if module == f"{BUILTIN}assert":
        if not _holds(arguments["that"], known):
            found = templar.template(arguments["fail_msg"])
            raise RefusedError(*(found if isinstance(found, list) else [found]))
        return {}
    templar.template(task.get("diff", True))
    values = _template(templar, arguments)
    if module == f"{BUILTIN}template":
        lookup = trust_as_template(f"{{{{ lookup('ansible.builtin.template', '{arguments['src']}') }}}}")
        return {str(values["dest"]): templar.template(lookup)}
    if module == f"{BUILTIN}copy":
        return {str(values["dest"]): values["content"]}
    if module in ("haweb.cluster.files", "haweb.cluster.apache"):
        files = {str(file["path"]): file["content"] for file in values["files"] if "content" in file}
        ports = [f"Listen {place}\n" for place in values.get("listen", ())]
        return {**files, **({"/etc/apache2/ports.conf": "".join(ports)} if ports else {})}
    if module == "haweb.cluster.haresources":
        return {"/etc/ha.d/haresources": values["content"]}
    return {}


def _template(templar: Templar, arguments: Any) -> Any:
    if isinstance(arguments, dict):
        return {name: _template(templar, one) for name, one in arguments.items()}
    if isinstance(arguments, list):
        return [_template(templar, one) for one in arguments]
    try:
        return templar.template(arguments)
    except AnsibleValueOmittedError:
        return None


def _holds(conditions: Any, known: Mapping[str, Any]) -> bool:
    templar = _templar(known)
    listed = conditions if isinstance(conditions, list) else [conditions]
    return all(templar.evaluate_conditional(condition) for condition in listed)


def _templar(known: Mapping[str, Any]) -> Templar:
    return Templar(loader=DataLoader(), variables=dict(known))


def _without_descriptions(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {
            key: _without_descriptions(value) if key == "options" else value
            for key, value in option.items()
            if key != "description"
        }
        for name, option in options.items()
    }


def check_words(given: Mapping[str, Any]) -> None:
    """Check the variables of the inventory, as the playbooks do before the roles."""
    found = _templar(given).template(WORD_PROBLEMS)
    if found:
        raise RefusedError(*found)


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluate a role with one value changed; what is wrong with the role is under `error`."""
    try:
        path = tuple(question["path"])
        given = changed(load_yaml(question["given"]), path, load_yaml(question["value"]))
        check_words(given)
        files = Role(question["role"]).evaluate(given)
        return {"files": {path: str(content) for path, content in files.items()}}
    except RefusedError as refused:
        return {"refused": [str(sentence) for sentence in refused.args]}
    except Exception:
        return {"error": traceback.format_exc()}


def compile_once() -> None:
    """Let Jinja compile each template once. Ansible compiles it for each evaluation, for half of the time."""
    known: dict[Any, Any] = {}
    compiles = Environment.compile

    def compiled(self: Environment, source: str, *rest: Any, **more: Any) -> Any:
        key = (source, type(self), self.trim_blocks, self.keep_trailing_newline, rest, *more.items())
        if key not in known:
            known[key] = compiles(self, source, *rest, **more)
        return known[key]

    Environment.compile = compiled  # type: ignore[method-assign,assignment]


def main(lines: Iterable[str]) -> None:
    init_plugin_loader([])
    compile_once()
    VaultSecretsContext.initialize(VaultSecretsContext(VAULT_SECRETS))
    for line in lines:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main(sys.stdin)
