"""How often modules ran on each host: what costs a connection and a process there, and so the user's time."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: module_runs
type: aggregate
short_description: Count the runs of modules on each host
description: Writes a JSON object, host to number, into the file that MODULE_RUNS in the environment names.
requirements: [enabled by callbacks_enabled]
"""

# What the controller does by itself.
LOCAL = {
    "assert",
    "debug",
    "fail",
    "group_by",
    "include_role",
    "include_tasks",
    "meta",
    "set_fact",
    "validate_argument_spec",
}


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "module_runs"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.runs: Counter[str] = Counter()

    def count(self, result: Any) -> None:
        task = result._task
        if task.action.rpartition(".")[2] not in LOCAL:
            self.runs[result._host.get_name()] += 1

    def v2_runner_on_ok(self, result: Any) -> None:
        # A loop was counted item by item.
        if "results" not in result._result or result._task.loop is None:
            self.count(result)

    v2_runner_item_on_ok = count

    def v2_playbook_on_stats(self, stats: Any) -> None:
        Path(os.environ["MODULE_RUNS"]).write_text(json.dumps(self.runs))
