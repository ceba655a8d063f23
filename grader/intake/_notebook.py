"""Jupyter notebooks as Python: cells, magics and shell lines. Nothing is run; parsing is all that happens."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from dataclasses import dataclass
from typing import Any

_PYTHON_MAGICS = frozenset({"time", "timeit", "capture", "prun", "memit", "notify", "debug"})
"""Cell magics whose body is Python all the same."""
_MAGIC = re.compile(
    r"""^(?P<indent>[ \t]*)
        (?: %time(?:it)?[ \t]+(?P<timed>[^-\s].*)           # %time x = f()
          | (?:[\w., \t]+=[ \t]*)?[!%][^=\s].*              # !ls, %matplotlib inline, files = !ls
          | [!%]\s*
          | \?{1,2}[\w.*]+ | [\w.*\[\]()]+\?{1,2} )[ \t]*;?$""",
    re.VERBOSE,
)
_WRITE = re.compile(r"%%(?:writefile|file)(?P<more>[ \t]+(?:-a|--append))?[ \t]+(?P<quote>[\"']?)(?P<name>[^\"']+?)(?P=quote)[ \t]*")
"""A cell that becomes a file, which later cells may import."""
_WRITING = (
    "with open({0!r}, {1!r}, encoding='utf-8') as _file: _file.write({2!r}); __import__('importlib').invalidate_caches()"
)
_LIKE_PYTHON = (
    (re.compile(r"%run[ \t]+(?:\./)?([A-Za-z_]\w*)(?:\.py)?[ \t]*;?"), r"from \1 import *"),
    (re.compile(r"%pylab\b.*"), "from pylab import *; import numpy as np; import matplotlib.pyplot as plt"),
)
"""Magics that bring names, and what brings them without a notebook."""
_MAX_MAGICS = 1000


class NotebookError(ValueError):
    """The bytes are no notebook; the message says why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell."""

    number: int
    """Its place among all cells of the notebook, from 1."""
    text: str
    """Its Python, line for line as typed; lines that are no Python are `pass`."""
    skipped: int
    """How many lines were shell, magic or help."""


def code_cells(content: bytes) -> tuple[Cell, ...]:
    """The code cells of a notebook (format 3 or 4), in the order of the document; outputs are not looked at.

    Raises NotebookError where the bytes are not one.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotebookError(f"not a notebook: {_reason(error)}") from None
    cells = _cells(document)
    if cells is None:
        raise NotebookError("not a notebook: it has no list of cells")
    return tuple(_code(n, cell) for n, cell in enumerate(cells, 1) if _is_code(cell))


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (line {error.lineno})"
    return "too deeply nested" if isinstance(error, RecursionError) else "not UTF-8"


def _cells(document: Any) -> list[Any] | None:
    if not isinstance(document, dict):
        return None
    sheets = document.get("worksheets")
    if "cells" not in document and isinstance(sheets, list):
        found = [s.get("cells") for s in sheets if isinstance(s, dict)]
        return [cell for cells in found if isinstance(cells, list) for cell in cells]
    cells = document.get("cells")
    return cells if isinstance(cells, list) else None


def _is_code(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _code(number: int, cell: dict[str, Any]) -> Cell:
    source = cell.get("source", cell.get("input", ""))
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    return Cell(number, *python_of(text))


def python_of(text: str) -> tuple[str, int]:
    """The Python in a cell, line for line, and how many lines were none.

    A line that begins like a magic is one only where Python cannot read it: `% b` may go on with the line before.
    """
    lines = lines_of(textwrap.dedent(text) if text[:1] in " \t" else text)
    skipped = _cell_magic(lines)
    for _ in range(_MAX_MAGICS):
        place = _trouble("\n".join(lines))
        while place is not None and not _MAGIC.match(lines[place]):
            place = None
        if place is None:
            break
        skipped += _replace(lines, place)
    return "\n".join(lines), skipped


def lines_of(text: str) -> list[str]:
    """The lines as Python counts them: a form feed or a separator of Unicode ends none."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _cell_magic(lines: list[str]) -> int:
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if not lines[first].startswith("%%"):
        return 0
    write = _WRITE.fullmatch(lines[first])
    if write is not None:
        mode, content = "a" if write["more"] else "w", "\n".join(lines[first + 1 :])
        lines[first] = _WRITING.format(write["name"], mode, content)
        lines[first + 1 :] = ["pass"] * (len(lines) - first - 1)
        return 0
    if lines[first][2:].split(" ")[0].strip() in _PYTHON_MAGICS:
        lines[first] = "pass"
        return 1
    lines[first:] = ["pass"] * (len(lines) - first)
    return len(lines) - first


def _trouble(text: str) -> int | None:
    """The line (from 0) that Python cannot read, if there is one."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        return min((error.lineno or 1) - 1, text.count("\n"))
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _replace(lines: list[str], place: int) -> int:
    match = _MAGIC.match(lines[place])
    assert match is not None
    for magic, python in _LIKE_PYTHON:
        if magic.fullmatch(lines[place]):
            lines[place] = magic.sub(python, lines[place], count=1)
            return 0
    goes_on = lines[place].endswith("\\")
    lines[place] = match["indent"] + (match["timed"] or "pass")
    if match["timed"]:
        return 1
    count = 1
    while goes_on and place + count < len(lines):
        goes_on = lines[place + count].endswith("\\")
        lines[place + count] = ""
        count += 1
    return count
