"""What was handed in: finds hand-ins below a path and reads each one.

Imports `records` only. Promises: nothing submitted is run here, and no file, name or encoding stops the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader._lazy import lazy

if TYPE_CHECKING:
    from grader.intake._collect import Collected as Collected
    from grader.intake._collect import collect as collect
    from grader.intake._collect import collected_summary as collected_summary
    from grader.intake._discover import Found as Found
    from grader.intake._discover import discover as discover
    from grader.intake._handed import handed_in_times as handed_in_times
    from grader.intake._notebook import Cell as Cell
    from grader.intake._notebook import NotebookError as NotebookError
    from grader.intake._notebook import code_cells as code_cells
    from grader.intake._notebook import lines_of as lines_of
    from grader.intake._notebook import python_of as python_of
    from grader.intake._read import HandIn as HandIn
    from grader.intake._read import Source as Source
    from grader.intake._read import read_source as read_source
    from grader.intake._writeups import WriteupFile as WriteupFile
    from grader.intake._writeups import decoded as decoded
    from grader.intake._writeups import writeup_files as writeup_files
    from grader.intake._writeups import writeup_kind as writeup_kind

__all__ = [
    "Cell",
    "Collected",
    "Found",
    "HandIn",
    "NotebookError",
    "Source",
    "WriteupFile",
    "code_cells",
    "collect",
    "collected_summary",
    "decoded",
    "discover",
    "handed_in_times",
    "lines_of",
    "python_of",
    "read_source",
    "writeup_files",
    "writeup_kind",
]

_PLACES = {
    "Collected": "grader.intake._collect",
    "collect": "grader.intake._collect",
    "collected_summary": "grader.intake._collect",
    "Found": "grader.intake._discover",
    "discover": "grader.intake._discover",
    "handed_in_times": "grader.intake._handed",
    "Cell": "grader.intake._notebook",
    "NotebookError": "grader.intake._notebook",
    "code_cells": "grader.intake._notebook",
    "lines_of": "grader.intake._notebook",
    "python_of": "grader.intake._notebook",
    "HandIn": "grader.intake._read",
    "Source": "grader.intake._read",
    "read_source": "grader.intake._read",
    "WriteupFile": "grader.intake._writeups",
    "decoded": "grader.intake._writeups",
    "writeup_files": "grader.intake._writeups",
    "writeup_kind": "grader.intake._writeups",
}

__getattr__ = lazy(__name__, _PLACES)
