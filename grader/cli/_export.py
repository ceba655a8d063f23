"""`grader export`: grades in the formats of others."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from grader.cli._common import DEFAULT_OUT, EXIT_FAULT, write_output
from grader.cli._results import Results, load_results
from grader.records import UserError
from grader.reports import (
    Filled,
    fill_canvas,
    fill_moodle,
    gradebook_csv,
    gradescope_json,
    junit_xml,
    page_names,
    write_atomically,
)


class Target(StrEnum):
    """Who is to read the grades."""

    GRADESCOPE = "gradescope"
    CANVAS = "canvas"
    MOODLE = "moodle"
    CSV = "csv"
    JUNIT = "junit"


def export(
    target: Annotated[Target, typer.Argument(help="Format.")],
    into: Annotated[
        Path | None,
        typer.Option(help="Canvas, Moodle: the sheet that was downloaded. Others: the file to write."),
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the results.")] = DEFAULT_OUT,
    assignment: Annotated[
        str | None, typer.Option("-a", "--assignment", help="Only this assignment.")
    ] = None,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    column: Annotated[str, typer.Option(help="Canvas, Moodle: header of the column to fill.")] = "",
    feedback: Annotated[str, typer.Option(help="Moodle: header of the column for feedback.")] = "",
) -> None:
    """Export grades; the sheets of Canvas and Moodle are filled in place, all but their grades as it was."""
    results = load_results(out, assignment, student)
    if target is Target.CSV:
        write_output(into or Path("-"), gradebook_csv(results.reports))
    elif target is Target.JUNIT:
        write_output(into or Path("-"), junit_xml(*results))
    elif target is Target.GRADESCOPE:
        raise typer.Exit(_gradescope(results, into))
    else:
        raise typer.Exit(_fill(target, results, into, column, feedback))


def _gradescope(results: Results, into: Path | None) -> int:
    """One report into a file, several into a folder of files."""
    single = len(results.reports) == 1 and (into is None or not into.is_dir())
    if not single and (into is None or into.is_file()):
        raise UserError(
            f"results.json is for one hand-in, and there are {len(results.reports)}; give --student, or --into FOLDER"
        )
    names, sound = page_names(results.reports), 0
    for report in results.reports:
        if report.faulty:
            sys.stderr.write(f"grader: {report.student!r} is left out: the grader itself failed on a part, grade it again\n")
        elif single or into is None:
            write_output(into or Path("-"), gradescope_json(report))
            sound += 1
        else:
            write_atomically(into / f"{names[report.assignment, report.student]}.json", gradescope_json(report))
            sound += 1
    if not single:
        sys.stdout.write(f"{sound} files in {into}\n")
    return 0 if sound == len(results.reports) else EXIT_FAULT


def _fill(target: Target, results: Results, into: Path | None, column: str, feedback: str) -> int:
    if into is None:
        raise UserError(
            f"give --into SHEET.csv, the grades as downloaded from {target.title()}: a new sheet would make new columns there"
        )
    names = sorted({report.assignment for report in results.reports})
    if len(names) > 1:
        raise UserError(f"a column holds one assignment; name it with -a (there are: {', '.join(names)})")
    try:
        sheet = into.read_bytes()
    except OSError as error:
        raise UserError(
            f"cannot read {into}: {error.strerror}; give the sheet that was downloaded"
        ) from error
    title = results.run.titles.get(names[0], "") if names else ""
    fill: Callable[[], Filled] = {
        Target.CANVAS: lambda: fill_canvas(
            sheet, results.reports, title=title, column=column, name=str(into)
        ),
        Target.MOODLE: lambda: fill_moodle(
            sheet, results.reports, column=column, feedback=feedback, name=str(into)
        ),
    }[target]
    filled = fill()
    write_atomically(into, filled.content)
    sys.stdout.write(
        f"{into}: {filled.filled} grades filled in, {filled.absent} students without a hand-in\n"
    )
    for remark in filled.remarks:
        sys.stderr.write(f"grader: note: {remark}\n")
    for line in filled.left_out:
        sys.stderr.write(f"grader: not in the sheet: {line}\n")
    return 1 if filled.left_out else 0
