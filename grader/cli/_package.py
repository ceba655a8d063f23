"""`grader package`: an autograder for others' servers."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from grader.bank import find_course
from grader.cli._common import require_place
from grader.engine import write_package


class Server(StrEnum):
    """Who is to run it."""

    GRADESCOPE = "gradescope"


def package(
    server: Annotated[Server, typer.Argument(help="Whose format.")],
    assignment: Annotated[str, typer.Option("-a", "--assignment", help="Assignment ID.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The zip to write.")],
    isolation: Annotated[
        str, typer.Option(help="L3, L2 or L1 demands it; any: the best there is; by default at least L2.")
    ] = "",
    course: Annotated[Path | None, typer.Option(help="Course folder (holds checks/ and reference/).")] = None,
) -> None:
    """Write an autograder zip with this course and this grader. It holds the solution: not for students."""
    require_place(out)
    count = write_package(find_course(Path.cwd(), course), assignment, out, isolation=isolation)
    sys.stdout.write(
        f"{out}: {count} files for {server.value}, with the solution and the hidden checks of {assignment}\n"
    )
