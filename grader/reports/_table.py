"""The summary of a run, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

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


def class_table(
    run: Run,
    reports: Iterable[Report],
    *,
    width: int = WIDTH,
    color: bool = False,
    max_width: int = MAX_WIDTH,
) -> str:
    """What a run found: per assignment a table of students by problems with totals and hints such as `timeout 4`.

    At most `min(width, max_width)` cells wide; where the table does not fit, one or two lines per student
    say the same. Order: assignment, then student.
    """
    width = max(MIN_WIDTH, min(width, max_width))
    reports = list(reports)
    lines: list[str] = []
    for level in sorted({run.isolation, *(r.environment.isolation for r in reports)}):
        lines += [paint(line, "warn", color) for line in fold(isolation_warning(level), width) if line]
    for sheet in sheets(run, reports):
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
    """The table, or no lines where it needs more than `width`. Hints wrap, or follow below where there is no room."""
    out = StringIO()
    console = _console(out, width, color)
    bare = Measurement.get(
        console, console.options.update(width=10_000), _rich_table(sheet, hints=False)
    ).maximum
    if bare > width:
        return []
    hinted = [line for line in sheet.lines if line.hints]
    beside = bool(hinted) and bare + HINT_ROOM <= width
    console.print(_rich_table(sheet, hints=beside))
    lines = [line.rstrip() for line in out.getvalue().split("\n") if line.strip()]
    if beside:
        return lines
    return lines + [part for line in hinted for part in fold(f"{_name(line)}: {line.hints}", width)]


def _rich_table(sheet: Sheet, *, hints: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_footer=len(sheet.lines) > 1, pad_edge=False, padding=(0, 1))
    table.add_column("student", Text("mean, %"), no_wrap=True)
    for column in sheet.columns:
        mean = Text(percent(column.mean).removesuffix(" %"))
        table.add_column(Text(f"{column.number}\n/{column.max_score}"), mean, justify="right", no_wrap=True)
    mean = Text(percent(sheet.mean).removesuffix(" %"))
    table.add_column(Text(f"total\n/{sheet.max_score}"), mean, justify="right", no_wrap=True)
    if hints:
        table.add_column("", max_width=2 * HINT_ROOM)
    for line in sheet.lines:
        cells = [Text(_name(line)), *map(_score_text, line.cells), Text(line.score, style="bold")]
        table.add_row(*cells, *([Text(line.hints, style="yellow")] if hints else []))
    return table


def _console(out: StringIO, width: int, color: bool) -> Console:
    """A console that asks nothing of the environment, so that equal sheets give equal text."""
    return Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        force_jupyter=False,
        legacy_windows=False,
        emoji=False,
        markup=False,
        highlight=False,
        _environ={},
    )


def _score_text(cell: Cell | None) -> Text:
    if cell is None:
        return Text("")
    share = cell.share
    style = "yellow" if share is None else "green" if share >= 1 else "red" if share <= 0 else ""
    return Text(cell.score, style=style)


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
