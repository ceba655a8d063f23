"""`grader collect`: from the learning platform's download to a folder of hand-ins."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from grader import intake
from grader.bank import find_course
from grader.records import UserError, clean_text


def collect(
    downloads: Annotated[
        list[Path],
        typer.Argument(help="Zip files of Canvas, Moodle or Gradescope, or folders unpacked from them."),
    ],
    assignment: Annotated[str, typer.Option("-a", "--assignment", help="Assignment that they are for.")],
    into: Annotated[
        Path | None, typer.Option(help="Folder to fill (default: submissions/<assignment> of the course).")
    ] = None,
    course: Annotated[Path | None, typer.Option(help="Course folder.")] = None,
) -> None:
    """Sort an LMS download into one folder a student; nothing is overwritten, what is not understood is kept and said."""
    for download in downloads:
        if not download.exists():
            raise UserError(f"{download} is not there; give the zip file as it was downloaded")
    if into is None:
        where = find_course(Path.cwd(), course)
        into = where.root / "submissions" / where.assignment(assignment).id
    for download in downloads:
        found = intake.collect(download, into)
        sys.stdout.write(
            "\n".join(clean_text(line, 300) for line in intake.collected_summary(found).splitlines()) + "\n"
        )
    sys.stdout.write(f"\nhand-ins: {into}   grade them: grader run {into} -a {assignment}\n")
