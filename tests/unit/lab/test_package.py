"""The order of the modules of the lab's command."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import haweb_lab

MODULES = {
    path.stem: path for path in Path(haweb_lab.__file__).parent.glob("*.py") if path.stem != "__init__"
}
ORDER = re.findall(r"^    (\w+) ", haweb_lab.__doc__ or "", re.MULTILINE)


def imported(module: str) -> Iterator[str]:
    for statement in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(statement, ast.ImportFrom) and statement.level == 1:
            yield from [statement.module] if statement.module else [name.name for name in statement.names]


def test_the_package_lists_its_modules() -> None:
    assert sorted(ORDER) == sorted(MODULES)


def test_each_module_imports_only_modules_that_the_list_names_after_it() -> None:
    wrong = [
        f"{module} imports {other}"
        for number, module in enumerate(ORDER)
        for other in imported(module)
        if other not in ORDER[number + 1 :]
    ]
    assert wrong == []
    assert set(imported("commands")) >= {"client", "status", "errors"}
