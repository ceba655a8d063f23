"""A CSV sheet that another program wrote: read, changed in some cells, written as it was."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.records import UserError
from grader.reports._safe import FORMULA_STARTS

_NO_FORMULA = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?\s*%?|.")
"""Numbers, and a sign on its own: Moodle writes `-` where there is nothing."""
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Shape:
    """How the sheet was written."""

    encoding: str
    delimiter: str
    line_end: str


def read_sheet(content: bytes, name: str) -> tuple[list[list[str]], Shape]:
    """Rows and shape of a CSV file: UTF-8 with or without byte order mark, UTF-16 with one, else Windows-1252; `,`, `;` or tab.

    Raises UserError when it is no such file; `name` is what to call it then.
    """
    encoding, text = _decoded(content)
    found = _LINE_END.search(text)
    head, line_end = (text[: found.start()], found[0]) if found is not None else (text, "\n")
    delimiter = max(",;\t", key=_outside_quotes(head).count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UserError(
            f"{name} is no CSV sheet ({error}); download it again and give it unchanged"
        ) from error
    if len(rows) < 2 or delimiter not in head or "\0" in text:
        raise UserError(f"{name} is no sheet of grades; give the CSV file that was downloaded")
    return rows, Shape(encoding, delimiter, line_end)


def _decoded(content: bytes) -> tuple[str, str]:
    """Encoding and text; the last encoding takes any bytes, and gives them back."""
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    marked = [encoding for mark, encoding in marks if content.startswith(mark)]
    for encoding in (*marked, "utf-8", "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            return encoding, content.decode(encoding)
    return "latin-1", content.decode("latin-1")


def write_sheet(rows: Sequence[Sequence[str]], shape: Shape) -> bytes:
    """The sheet in its own shape. Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    out = io.StringIO(newline="")
    sheet = csv.writer(out, delimiter=shape.delimiter, lineterminator=shape.line_end)
    sheet.writerows([_inert(cell) for cell in row] for row in rows)
    return out.getvalue().encode(shape.encoding, "xmlcharrefreplace")


def _inert(cell: str) -> str:
    text = cell.lstrip("\t\r\n \x00")
    return f"'{cell}" if text.startswith(FORMULA_STARTS) and not _NO_FORMULA.fullmatch(text.strip()) else cell


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"?', "", line)
