"""Load a program of a role, whose name does not end in .py, as a module."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from typing import Any

from testbed import PROJECT


def load(name: str, path: str) -> Any:
    loader = importlib.machinery.SourceFileLoader(name, str(PROJECT / path))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    # dataclasses search their module by its name.
    sys.modules[name] = module
    loader.exec_module(module)
    return module
