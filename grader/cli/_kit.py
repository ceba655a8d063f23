"""`grader kit`: what students get for one assignment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from grader.bank import find_course
from grader.engine import verify_kit, write_kit
from grader.records import UserError


def kit(
    assignment: Annotated[str, typer.Option("-a", "--assignment", help="Assignment ID.")] = "",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Folder to write the kit into.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the kit that is there; a solution.py stays.")
    ] = False,
    verify: Annotated[
        Path | None, typer.Option(help="Say whether the kit in this folder is of the present checks.")
    ] = None,
    course: Annotated[Path | None, typer.Option(help="Course folder (holds checks/ and reference/).")] = None,
    isolation: Annotated[str, typer.Option(help="L3, L2 or L1; by default the best there is.")] = "",
) -> None:
    """Write starter and visible checks for students: no solution, no hidden check, no expected value of one."""
    where = find_course(Path.cwd(), course)
    if verify is not None:
        found = verify_kit(where, verify)
        for line in found:
            sys.stdout.write(f"{line}\n")
        if not found:
            sys.stdout.write(f"{verify} is a kit of the present checks\n")
        raise typer.Exit(1 if found else 0)
    if out is None or not assignment:
        raise UserError("name the assignment and a folder: grader kit -a ID -o DIR (or --verify DIR)")
    made = write_kit(where, assignment, out, force=force, isolation=isolation)
    sys.stdout.write(f"{out}: {made.stamp}\n")
    if made.kept_solution:
        sys.stdout.write("solution.py was there already and is as it was\n")
    for name, why in made.left_out.items():
        sys.stdout.write(f"not in the kit, run at grading: {name}: {why}\n")
