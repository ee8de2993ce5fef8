"""List the imports between the folders of plugins/, and refuse imports in the wrong direction."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PLUGINS = Path(__file__).parents[1] / "plugins"
PACKAGE = "ansible_collections.haweb.cluster.plugins."

# Kind of a folder -> kinds that its files may import. Hosts receive only modules and module_utils.
MAY_IMPORT = {
    "module": ("module_utils",),
    "filter": ("engine", "model", "base", "module_utils"),
    "engine": ("engine", "model", "base", "module_utils"),
    "model": ("model", "base", "module_utils"),
    "base": ("base", "module_utils"),
    "module_utils": ("module_utils",),
}


@dataclass(frozen=True, order=True)
class Arrow:
    """An import of one file by another. Both are paths in plugins/."""

    source: str
    target: str

    @property
    def folders(self) -> tuple[str, str]:
        return folder(self.source), folder(self.target)


def folder(file: str) -> str:
    return file.rpartition("/")[0]


def kind(file: str) -> str:
    match file.split("/")[:-1]:
        case ["plugin_utils"]:
            return "base"
        case ["plugin_utils", "_model", *_]:
            return "model"
        case ["plugin_utils", *_]:
            return "engine"
        case ["module_utils", *_]:
            return "module_utils"
        case ["modules", *_]:
            return "module"
        case _:
            # Other plugins would be like filters: they stay on the controller, and no file imports them.
            return "filter"


def arrows(plugins: Path) -> list[Arrow]:
    files = {path.relative_to(plugins).as_posix() for path in plugins.rglob("*.py")}
    return sorted(
        {
            Arrow(file, target)
            for file in files
            for name in imported((plugins / file).read_text())
            if (target := file_of(name, files))
        }
    )


def imported(program: str) -> Iterator[str]:
    """Return the names that a program imports: modules, or names in modules."""
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                sys.exit(f"`from {'.' * node.level}{node.module or ''}` is relative; write the whole name")
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def file_of(name: str, files: Iterable[str]) -> str | None:
    """Return the file of this collection that a name refers to, or None."""
    if not name.startswith(PACKAGE):
        return None
    path = name.removeprefix(PACKAGE).replace(".", "/")
    return next((file for file in (f"{path}.py", f"{folder(path)}.py") if file in files), None)


def listing(found: Iterable[Arrow]) -> list[str]:
    """Return a line for each pair of folders, with the number of imports."""
    counted = Counter(arrow.folders for arrow in found)
    width = max((len(source) for source, _target in counted), default=0)
    return [
        f"{source:{width}} -> {target} ({times})"
        for (source, target), times in sorted(counted.items())
        if source != target
    ]


def problems(found: Iterable[Arrow]) -> list[str]:
    """Return a sentence for each import in the wrong direction, and for a circle."""
    found = list(found)
    wrong = [
        f"plugins/{arrow.source} imports plugins/{arrow.target}, but {kind(arrow.source)} may import only "
        f"{', '.join(MAY_IMPORT[kind(arrow.source)])}; move what both need there"
        for arrow in found
        if kind(arrow.target) not in MAY_IMPORT[kind(arrow.source)]
    ]
    circles = (
        circle((arrow.source, arrow.target) for arrow in found),
        circle(arrow.folders for arrow in found if len(set(arrow.folders)) > 1),
    )
    return [*wrong, *filter(None, circles)]


def circle(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a sentence on a circle of imports; empty if there is none."""
    graph: TopologicalSorter[str] = TopologicalSorter()
    for source, target in pairs:
        graph.add(source, target)
    try:
        graph.prepare()
    except CycleError as error:
        # The sorter lists each name before the one that imports it.
        names = " imports ".join(f"plugins/{name}" for name in reversed(error.args[1]))
        return f"{names}, which is a circle; move what they share into a file of its own"
    return ""


def main() -> None:
    found = arrows(PLUGINS)
    print("\n".join(listing(found)))
    if wrong := problems(found):
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
