# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The error with a sentence for the user."""

from __future__ import annotations


class LabError(Exception):
    """A sentence for the user: the problem, its place, and the cure."""
