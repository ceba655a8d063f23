"""What several commands need: where to print, how wide, in colour or not."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TextIO

from grader.records import Report, UserError, Verdict

EXIT_FAULT = 3
MOST_SEED = (1 << 63) - 1
"""The store keeps numbers of 64 bits."""
DEFAULT_OUT = Path("grader-out")
_PLAIN = str.maketrans(
    {"✓": "+", "✗": "x", "–": "-", "−": "-", "…": "...", "·": "|", "─": "-", "━": "-", "│": "|", "╴": "-", "╶": "-"}
)
"""Signs of our reports -> ASCII."""


def in_color(stream: TextIO) -> bool:
    """Colour only on a terminal, and never against NO_COLOR."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width(stream: TextIO) -> int:
    """Columns of the terminal; 100 where there is none."""
    return shutil.get_terminal_size((100, 24)).columns if stream.isatty() else 100


def show(text: str, *, plain: bool = False) -> None:
    """Write to standard output; in ASCII signs where `plain` is asked for, or where the terminal has no others."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = True
    if plain:
        text = text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    sys.stdout.write(text)


def write_output(target: Path, text: str) -> None:
    """Write to a file, or to standard output where the target is `-`."""
    if str(target) == "-":
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        return
    from grader.reports import write_atomically

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, text)
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror}; choose another place") from error


def require_place(*targets: Path | None) -> None:
    """Refuse files that cannot be written before an hour of work, not after. Raises UserError."""
    for target in targets:
        if target is None or str(target) == "-":
            continue
        folder = next((p for p in target.absolute().parents if p.exists()), None)
        if target.is_dir() or folder is None or not folder.is_dir() or not os.access(folder, os.W_OK):
            raise UserError(f"cannot write {target}: {'it is a folder' if target.is_dir() else 'its folder cannot be written'}; choose another place")


def all_passed(report: Report) -> bool:
    """Whether nothing in a report asks the student for another try."""
    return all(c.verdict in (Verdict.PASSED, Verdict.REVIEW) for c in report.checks)
