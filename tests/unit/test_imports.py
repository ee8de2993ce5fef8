"""Imports in plugins/ go one way: filters and modules -> engines -> model -> base -> module_utils."""

from __future__ import annotations

from pathlib import Path

import pytest
from imports import PACKAGE, PLUGINS, arrows, listing, problems

MODULE = "modules/info.py"
FILTER = "filter/conf.py"
ENGINE = "plugin_utils/_apache/read.py"
OTHER_ENGINE = "plugin_utils/_view/read.py"
MODEL = "plugin_utils/_model/member.py"
BASE = "plugin_utils/_values.py"
TRAVELS = "module_utils/_problems.py"


def tree(root: Path, *imports: tuple[str, str]) -> Path:
    """Write a folder plugins/ whose files import each other in this way."""
    for file in (MODULE, FILTER, ENGINE, OTHER_ENGINE, MODEL, BASE, TRAVELS):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    for source, target in imports:
        module = PACKAGE + target.removesuffix(".py").replace("/", ".")
        with (root / source).open("a") as importer:
            importer.write(f"from {module} import something\n")
    return root


def test_imports_of_this_collection_go_the_right_way() -> None:
    found = arrows(PLUGINS)
    assert found
    assert problems(found) == []


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (MODULE, TRAVELS),
        (FILTER, ENGINE),
        (FILTER, MODEL),
        (FILTER, TRAVELS),
        (ENGINE, OTHER_ENGINE),
        (ENGINE, MODEL),
        (ENGINE, BASE),
        (MODEL, BASE),
        (BASE, TRAVELS),
    ],
)
def test_right_way(source: str, target: str, tmp_path: Path) -> None:
    assert problems(arrows(tree(tmp_path, (source, target)))) == []


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (TRAVELS, BASE),
        (TRAVELS, MODULE),
        (MODULE, BASE),
        (MODULE, ENGINE),
        (MODEL, ENGINE),
        (BASE, MODEL),
        (BASE, ENGINE),
        (ENGINE, FILTER),
        (MODEL, FILTER),
        (MODULE, FILTER),
    ],
)
def test_wrong_way(source: str, target: str, tmp_path: Path) -> None:
    (problem,) = problems(arrows(tree(tmp_path, (source, target))))
    assert problem.startswith(f"plugins/{source} imports plugins/{target}, but ")


def test_circle_of_files(tmp_path: Path) -> None:
    first, second = "module_utils/_ipvs.py", "module_utils/_nodes.py"
    (tmp_path / "module_utils").mkdir()
    for file in (first, second):
        (tmp_path / file).touch()
    imports = (TRAVELS, first), (first, second), (second, TRAVELS)
    (problem,) = problems(arrows(tree(tmp_path, *imports)))
    assert problem.endswith(", which is a circle; move what they share into a file of its own")
    assert all(f"plugins/{source} imports plugins/{target}" in problem for source, target in imports)


def test_circle_of_folders(tmp_path: Path) -> None:
    render = "plugin_utils/_view/render.py"
    (tmp_path / "plugin_utils" / "_view").mkdir(parents=True)
    (tmp_path / render).touch()
    (problem,) = problems(arrows(tree(tmp_path, (ENGINE, OTHER_ENGINE), (render, ENGINE))))
    assert "plugins/plugin_utils/_view imports plugins/plugin_utils/_apache" in problem


@pytest.mark.parametrize(
    "line",
    [
        "from {package}.{module} import something",
        "from {package} import {module}",
        "import {package}.{module}",
        "def later():\n    from {package}.{module} import something",
    ],
)
def test_each_form_of_an_import_is_an_arrow(line: str, tmp_path: Path) -> None:
    package = f"{PACKAGE}plugin_utils"
    (tree(tmp_path) / FILTER).write_text(line.format(package=package, module="_values"))
    assert listing(arrows(tmp_path)) == ["filter -> plugin_utils (1)"]


def test_relative_import_is_an_error(tmp_path: Path) -> None:
    (tree(tmp_path) / FILTER).write_text("from ..plugin_utils import _values\n")
    with pytest.raises(SystemExit, match=r"`from \.\.plugin_utils` is relative; write the whole name"):
        arrows(tmp_path)


def test_others_are_no_arrows(tmp_path: Path) -> None:
    (tree(tmp_path) / FILTER).write_text(f"import json\nfrom {PACKAGE}plugin_utils._gone import something\n")
    assert arrows(tmp_path) == []
