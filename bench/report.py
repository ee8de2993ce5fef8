"""Report what was measured: a page of tables, and plots.

report.py RESULTS FOLDER
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plots
from page import Lines
from parts import PARTS, TIMELINES, Part
from results import Recorded, Results, ResultsError, read


def samples_of(part: Part, recorded: Recorded) -> list[Any]:
    """The samples of a part; raises ResultsError if there are none, or if one has another form."""
    if not recorded.samples:
        raise ResultsError("the file of results has no sample of it")
    return [read(part.Sample, one, f"sample {number}") for number, one in enumerate(recorded.samples, 1)]


def section(name: str, found: Any, folder: Path) -> Iterator[str]:
    """The lines of a part, or why there are none; its plot goes into the folder."""
    part = PARTS.get(name)
    if part is None:
        parts = ", ".join(PARTS)
        yield from (f"The part `{name}` is not shown: this version has only the parts {parts}.", "")
        return
    yield from (f"## {part.TITLE}", "")
    try:
        recorded = read(Recorded, found, "its entry in the file of results")
        samples = samples_of(part, recorded)
        yield from part.tell(samples)
        if name in TIMELINES:
            plots.draw(TIMELINES[name](samples), folder / f"{name}.png")
    except ResultsError as error:
        yield from (f"This part is not shown: {error}. Measure it again with `make bench PART={name}`.", "")
    else:
        yield from (str(recorded.machine), "")


def page(parts: dict[str, Any], folder: Path) -> Lines:
    return [line for name, found in parts.items() for line in section(name, found, folder)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    try:
        text = "\n".join(page(Results(options.results).read(), options.folder))
    except ResultsError as error:
        sys.exit(str(error))
    (options.folder / "report.md").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
