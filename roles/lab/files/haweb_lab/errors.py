# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the user reads when a command fails."""

from __future__ import annotations


class LabError(Exception):
    """A sentence for the user: what is wrong, where, and what to do."""
