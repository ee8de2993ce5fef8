# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the command line, find the lab and run the command."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from pathlib import Path

from .arguments import parser
from .description import Lab
from .errors import LabError


def main(directory: Path) -> None:
    try:
        options = parser().parse_args()
        lab = described(options) if options.from_input else there(directory, options)
        options.act(lab, options)
    except LabError as error:
        sys.exit(f"lab: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def described(options: Namespace) -> Lab:
    """Read the lab from standard input: it may not exist yet, or no longer."""
    options.wish = json.load(sys.stdin)
    return Lab(**options.wish["lab"])


def there(directory: Path, options: Namespace) -> Lab:
    """Read the lab of this directory, and the nodes in the command."""
    lab = Lab.read(directory)
    if os.geteuid() != 0:
        raise LabError("The lab needs root. Run this command as root.")
    options.nodes = lab.chosen(getattr(options, "nodes", []))
    return lab
