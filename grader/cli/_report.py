"""`grader report`: stored results rendered again; no submitted code is run."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from grader.cli._common import DEFAULT_OUT, in_color, show, width, write_output
from grader.cli._github import github_log
from grader.cli._results import Results, load_results
from grader.records import Report, UserError, run_document
from grader.reports import (
    class_table,
    gradebook_csv,
    junit_xml,
    step_summary,
    student_markdown,
    student_text,
    write_all,
)


class Format(StrEnum):
    """What can be made of results."""

    HTML = "html"
    TABLE = "table"
    TEXT = "text"
    MARKDOWN = "markdown"
    SUMMARY = "summary"
    CSV = "csv"
    JSON = "json"
    JUNIT = "junit"
    GITHUB = "github"


def report(
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the results.")] = DEFAULT_OUT,
    format_: Annotated[
        Format | None,
        typer.Option(
            "--format", help="One format, to standard output or --into; html is written into the folder."
        ),
    ] = None,
    into: Annotated[Path | None, typer.Option(help="File (for html: folder) to write to.")] = None,
    assignment: Annotated[
        str | None, typer.Option("-a", "--assignment", help="Only this assignment.")
    ] = None,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    submissions: Annotated[
        Path | None, typer.Option(help="Where the hand-ins are, for annotations (github).")
    ] = None,
    course: Annotated[Path | None, typer.Option(help="Course folder, for annotations (github).")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="ASCII signs only, no colour.")] = False,
) -> None:
    """Render stored results again: all reports in their folder, or one format. Runs no code of any hand-in."""
    results = load_results(out, assignment, student)
    if format_ is Format.GITHUB and submissions is None:
        raise UserError("annotations need the files they point at; give --submissions PATH")
    if format_ is None or format_ is Format.HTML:
        if student is not None or assignment is not None:
            raise UserError(
                "the pages show the whole class; leave out -a and --student, or choose another --format"
            )
        folder = into or (out if out.is_dir() else out.parent)
        write_all(folder, results.run, results.reports)
        if format_ is None:
            show(
                class_table(*results, width=width(sys.stdout), color=in_color(sys.stdout) and not plain),
                plain=plain,
            )
        sys.stdout.write(f"report: {folder / 'report.html'}   gradebook: {folder / 'gradebook.csv'}\n")
        return
    color = into is None and in_color(sys.stdout) and not plain
    text = _rendered(format_, results, color, submissions, course)
    if into is None:
        show(text, plain=plain and format_ in (Format.TABLE, Format.TEXT))
    else:
        write_output(into, text)


def _rendered(
    format_: Format, results: Results, color: bool, submissions: Path | None, course: Path | None
) -> str:
    run, reports = results
    columns = width(sys.stdout)
    if format_ is Format.GITHUB:
        assert submissions is not None
        return github_log(reports, submissions, course)
    texts = {
        Format.TABLE: lambda: class_table(run, reports, width=columns, color=color),
        Format.TEXT: lambda: "\n".join(student_text(r, width=columns, color=color) for r in reports),
        Format.MARKDOWN: lambda: _joined(reports),
        Format.SUMMARY: lambda: step_summary(run, reports),
        Format.CSV: lambda: gradebook_csv(reports),
        Format.JSON: lambda: run_document(run, reports),
        Format.JUNIT: lambda: junit_xml(run, reports),
    }
    return texts[format_]()


def _joined(reports: tuple[Report, ...]) -> str:
    return "\n".join(map(student_markdown, reports))
