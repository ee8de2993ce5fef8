"""Update the quotes in README, the roles' READMEs and docs/inventory.md: tables and examples.

A quote stands between two comments. The first one names the file that it comes from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import support
import yaml
from ansible_collections.haweb.cluster.plugins.plugin_utils import _words

PROJECT = Path(__file__).parents[1]
ROLES = PROJECT / "roles"
README = PROJECT / "README.md"
INVENTORY = PROJECT / "docs" / "inventory.md"
QUOTE = re.compile(r"(<!-- from (\S+), by `make readmes` -->\n).*?(<!-- end -->)", re.DOTALL)
# Ansible's markup: C(code), O(option), V(value), I(name), M(module) and P(plugin#type).
MARKUP = re.compile(r"\b[COVIMP]\(([^)#]*)(?:#\w+)?\)")


def filled(readme: Path) -> str:
    """Return the text with current quotes."""

    def quote(found: re.Match[str]) -> str:
        begin, name, end = found.groups()
        source = readme.parent / name
        return f"{begin}{quoted(source)}{end}"

    return QUOTE.sub(quote, readme.read_text())


def quoted(source: Path) -> str:
    if source.name == "argument_specs.yml":
        return table(source.parents[1])
    if source.name == Path(_words.__file__).name:
        return "".join(f"{line}\n" for line in _words.tables()) + "\n"
    if source.name == support.MATRIX.name:
        return "".join(f"{line}\n" for line in support.tables())
    return example(source)


def example(playbook: Path) -> str:
    play = playbook.read_text().removeprefix("---\n")
    return f"```yaml\n{play}```\n"


def table(role: Path) -> str:
    specs = load(role / "meta" / "argument_specs.yml")["argument_specs"]
    options = {name: option for spec in specs.values() for name, option in spec["options"].items()}
    lines = ["| variable | type | default | meaning |", "|---|---|---|---|"]
    lines += rows(options, load(role / "defaults" / "main.yml"))
    return "\n".join(lines) + "\n"


def rows(options: Mapping[str, Any], defaults: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, option in options.items():
        kind = " of ".join(filter(None, (option["type"], option.get("elements"))))
        yield f"| `{prefix}{name}` | {kind} | {default(name, option, defaults)} | {said(option)} |"
        inner = option.get("options", {})
        known = {key: nested["default"] for key, nested in inner.items() if "default" in nested}
        yield from rows(inner, known, f"{prefix}{name}[].")


def default(name: str, option: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    if option.get("required"):
        return "required"
    if name not in defaults:
        return ""
    value = defaults[name]
    text = value.strip() if value and isinstance(value, str) else json.dumps(value)
    return f"`{escaped(text)}`"


def said(option: Mapping[str, Any]) -> str:
    description = option["description"]
    text = description if isinstance(description, str) else " ".join(description)
    if "choices" in option:
        text += f" One of {', '.join(f'C({choice})' for choice in option['choices'])}."
    return escaped(MARKUP.sub(r"`\1`", " ".join(text.split())))


def escaped(text: str) -> str:
    return text.replace("|", r"\|")


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text()) or {}


if __name__ == "__main__":
    for readme in [*sorted(ROLES.glob("*/README.md")), README, INVENTORY]:
        readme.write_text(filled(readme))
