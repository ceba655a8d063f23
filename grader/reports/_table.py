"""The summary of a run, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from grader.records import Report, Run
from grader.reports._format import percent
from grader.reports._message import MIN_WIDTH, WIDTH, fold, paint
from grader.reports._safe import one_line, without_commands
from grader.reports._sheet import Cell, Line, Sheet, score_of, sheets
from grader.reports._stamp import isolation_warning

NAME_LIMIT = 28
HINT_ROOM = 22
"""Fewer cells are not worth a column of hints."""
MAX_WIDTH = 140
"""Wider tables are hard to read across."""
_GAP = "   "
"""Between columns."""


def class_table(
    run: Run,
    reports: Iterable[Report],
    *,
    width: int = WIDTH,
    color: bool = False,
    max_width: int = MAX_WIDTH,
    made: Sequence[Sheet] | None = None,
) -> str:
    """What a run found: per assignment a table of students by problems with totals and hints such as `timeout 4`.

    At most `min(width, max_width)` cells wide; where the table does not fit, one or two lines per student
    say the same. Order: assignment, then student. made: the `sheets` of these reports, where they are at hand.
    """
    width = max(MIN_WIDTH, min(width, max_width))
    reports = list(reports)
    lines: list[str] = []
    for level in sorted({run.isolation, *(r.environment.isolation for r in reports)}):
        lines += [paint(line, "warn", color) for line in fold(isolation_warning(level), width) if line]
    for sheet in sheets(run, reports) if made is None else made:
        heading = " · ".join(part for part in (sheet.assignment, sheet.title) if part)
        lines += [*([""] if lines else []), *(paint(line, "bold", color) for line in fold(heading, width))]
        lines += _grid(sheet, width, color) or _compact(sheet, width, color)
        lines += fold(_closing(sheet), width)
    if not reports:
        lines.append("No hand-in was graded.")
    for path in run.missing:
        lines += fold(f"not graded: {one_line(path, 500)}", width)
    return without_commands("\n".join(lines) + "\n")


def _closing(sheet: Sheet) -> str:
    count = len(sheet.lines)
    parts = [f"{count} hand-in{'s' * (count != 1)}"]
    if sheet.mean is not None:
        parts.append(f"mean {percent(sheet.mean)}, median {percent(sheet.median)}")
    waiting = sum(line.status == "review" for line in sheet.lines)
    faults = sum(line.status == "fault" for line in sheet.lines)
    if waiting:
        parts.append(f"{waiting} wait{'s' * (waiting == 1)} for a person")
    if faults:
        parts.append(f"{faults} not fully graded: the grader itself failed")
    return "; ".join(parts) + "."


def _grid(sheet: Sheet, width: int, color: bool) -> list[str]:
    """The table, or no lines where it needs more than `width`. Hints wrap, or follow below where there is no room.

    Laid out here: a table of 500 rows takes Rich as long as everything else that a second run does.
    """
    heads = [("", "student"), *((c.number, f"/{c.max_score}") for c in sheet.columns), ("total", f"/{sheet.max_score}")]
    means = [percent(mean).removesuffix(" %") for mean in (*(c.mean for c in sheet.columns), sheet.mean)]
    foot = ("mean, %", *means) if len(sheet.lines) > 1 else ()
    rows = [(_name(line), *(cell.score if cell else "" for cell in line.cells), line.score) for line in sheet.lines]
    columns = zip(*rows, *([foot] if foot else []), strict=True)
    widths = [max(map(cell_len, (*head, *column))) for head, column in zip(heads, columns, strict=True)]
    bare = sum(widths) + len(_GAP) * (len(widths) - 1) + 2  # a blank on either side
    if bare > width:
        return []
    hinted = [line for line in sheet.lines if line.hints]
    beside = bool(hinted) and bare + HINT_ROOM <= width
    room = min(max(cell_len(line.hints) for line in hinted), 2 * HINT_ROOM, width - bare - len(_GAP)) if beside else 0
    bold = ["bold"] * len(widths)
    lines = [_row(head, widths, bold, color) for head in zip(*heads, strict=True)]
    lines.append(" " + "─" * (bare - 2 + (room + len(_GAP)) * beside))
    for row, line in zip(rows, sheet.lines, strict=True):
        first, *more = fold(line.hints, room) if beside and line.hints else [""]
        styles = ["", *map(_style, line.cells), "bold"]
        lines.append(_row(row, widths, styles, color) + (_GAP + paint(first, "warn", color)) * bool(first))
        lines += [" " * (bare - 1) + _GAP + paint(part, "warn", color) for part in more]
    lines += [_row(foot, widths, bold, color)] if foot else []
    return lines + [part for line in hinted if not beside for part in fold(f"{_name(line)}: {line.hints}", width)]


def _row(texts: Sequence[str], widths: Sequence[int], styles: Sequence[str], color: bool) -> str:
    """The first text to the left, all others to the right, each in a style, or none where that is empty."""
    parts = []
    for number, (text, width, style) in enumerate(zip(texts, widths, styles, strict=True)):
        blanks = " " * (width - cell_len(text))
        painted = paint(text, style, color) if style else text
        parts.append(blanks + painted if number else painted + blanks)
    return f" {_GAP.join(parts)}".rstrip()


def _style(cell: Cell | None) -> str:
    share = None if cell is None else cell.share
    return "warn" if share is None else "good" if share >= 1 else "bad" if share <= 0 else ""


def _name(line: Line) -> str:
    return line.student if len(line.student) <= NAME_LIMIT else line.student[: NAME_LIMIT - 1] + "…"


def _compact(sheet: Sheet, width: int, color: bool) -> list[str]:
    lines = []
    room = max(len(score_of(line)) for line in sheet.lines) + 2
    for line in sheet.lines:
        head, *rest = fold(_name(line), width - room)
        lines.append(f"{score_of(line).rjust(room - 2)}  {paint(head, 'bold', color)}")
        pairs = zip(sheet.columns, line.cells, strict=True)
        scores = [f"{column.number}: {cell.score}" for column, cell in pairs if cell is not None]
        rest += _packed(scores, "  ", width - room)
        lines += [" " * room + part for part in rest]
        hints = _packed(line.hints.split(" · "), " · ", width - room)
        lines += [" " * room + paint(part, "warn", color) for part in hints if part]
    return lines


def _packed(items: Iterable[str], separator: str, width: int) -> list[str]:
    """Items joined into lines of at most `width`, broken between items where possible."""
    lines: list[str] = []
    for item in items:
        if lines and cell_len(lines[-1] + separator + item) <= width:
            lines[-1] += separator + item
        else:
            lines += fold(item, width)
    return lines
