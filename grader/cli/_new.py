"""`grader new`: a course or a topic to begin with."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from grader.bank import find_course, new_course, new_topic
from grader.records import UserError


class What(StrEnum):
    """What there is to make."""

    COURSE = "course"
    TOPIC = "topic"


def new(
    what: Annotated[What, typer.Argument(help="course or topic.")],
    name: Annotated[str, typer.Argument(help="Folder of the new course, or name of the new topic.")],
    assignment: Annotated[
        str, typer.Option("-a", "--assignment", help="With topic: assignment that gets one more problem.")
    ] = "",
    course: Annotated[Path | None, typer.Option(help="With topic: course folder.")] = None,
) -> None:
    """Write a course or a topic that grades out of the box."""
    if what is What.COURSE:
        if assignment or course:
            raise UserError("-a and --course belong to `grader new topic`")
        written = new_course(Path(name))
        after = f"cd {name} && grader run submissions/"
    else:
        where = find_course(Path.cwd(), course)
        written = new_topic(where.root, name, assignment)
        after = (
            f"grader audit --only {name}"
            if assignment
            else f'add it to an assignment: checks/assignments/<id>.toml, topic = "{name}"'
        )
    here = Path.cwd()
    for path in written:
        sys.stdout.write(f"wrote {path.relative_to(here) if path.is_relative_to(here) else path}\n")
    sys.stdout.write(f"\nnext: {after}\n")
