"""`grader diff`: what a regrade changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from grader.cli._common import DEFAULT_OUT, in_color, show, width, write_output
from grader.cli._results import load_named
from grader.reports import compare, diff_json, diff_text


def diff(
    old: Annotated[
        str,
        typer.Argument(
            help="Results before: an output folder, a file of `run --json`, a run's id, or `previous`."
        ),
    ],
    new: Annotated[str, typer.Argument(help="Results now, given likewise, or `last`.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the results, for runs.")] = DEFAULT_OUT,
    assignment: Annotated[
        str | None, typer.Option("-a", "--assignment", help="Only this assignment.")
    ] = None,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="The changes as JSON ('-': standard output).")
    ] = None,
) -> None:
    """Show what a regrade changed: who, which check, by how much, why."""
    wanted = [
        tuple(
            r
            for r in load_named(place, out)
            if assignment in (None, r.assignment) and student in (None, r.student)
        )
        for place in (old, new)
    ]
    found = compare(*wanted)
    if json_file is not None:
        write_output(json_file, diff_json(found))
    if json_file is None or str(json_file) != "-":
        show(diff_text(found, width=width(sys.stdout), color=in_color(sys.stdout)))
