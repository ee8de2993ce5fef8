"""The hosts of an inventory, as Ansible reads it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Inventory:
    sources: tuple[Path, ...]

    @property
    def options(self) -> list[str]:
        """The options with which Ansible's commands read it."""
        return [f"--inventory={source}" for source in self.sources]

    @cached_property
    def _listed(self) -> dict[str, Any]:
        command = ["ansible-inventory", "--list", *self.options]
        found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        return found

    def variables(self, host: str) -> dict[str, Any]:
        found: dict[str, Any] = self._listed["_meta"]["hostvars"][host]
        return found

    def hosts(self, group: str) -> list[str]:
        # Ansible does not list a group without hosts.
        found: list[str] = self._listed.get(group, {}).get("hosts", [])
        return found
