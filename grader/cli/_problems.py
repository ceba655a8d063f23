"""`grader problems`: what a course asks, as a page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from grader.bank import find_course, problems_page
from grader.cli._common import write_output


def problems(
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="File to write (default: standard output).")
    ] = None,
    course: Annotated[Path | None, typer.Option(help="Course folder.")] = None,
) -> None:
    """List the problems of a course with their functions, checks and points, as Markdown."""
    page = problems_page(find_course(Path.cwd(), course))
    if out is None:
        sys.stdout.write(page)
    else:
        write_output(out, page)
