# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a module's main() as Ansible does, and return its result."""

    def runner(module: ModuleType, check_mode: bool = False, **params: Any) -> dict[str, Any]:
        with patch_module_args({**params, "_ansible_check_mode": check_mode}), pytest.raises(SystemExit):
            module.main()
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        # Ansible itself removes these: the arguments (before 2.21), and values to hide (since 2.21).
        return {key: answer[key] for key in answer if key not in ("invocation", "_ansible_new_secrets")}

    return runner
