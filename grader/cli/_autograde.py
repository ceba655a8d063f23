"""`grader autograde`: one submission on a server that reads `results.json`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from grader.bank import find_course
from grader.cli._common import EXIT_FAULT
from grader.engine import ANY_LEVEL, Options, run_handins
from grader.intake import HandIn
from grader.records import UserError
from grader.reports import gradescope_fault, gradescope_json, write_atomically
from grader.sandbox import Level


def autograde(
    submission: Annotated[Path, typer.Argument(help="Folder of what was handed in.")],
    assignment: Annotated[str, typer.Option("-a", "--assignment", help="Assignment ID.")],
    results: Annotated[Path, typer.Option(help="The results.json to write.")],
    course: Annotated[Path | None, typer.Option(help="Course folder (holds checks/ and reference/).")] = None,
    isolation: Annotated[str, typer.Option(help="L3, L2, L1, or any.")] = "",
) -> None:
    """Grade one submission and write Gradescope's results.json; where the grader fails, one without a score."""
    try:
        text, code = _graded(submission, assignment, course, isolation)
    except UserError as error:
        sys.stderr.write(f"grader: {error}\n")
        text, code = gradescope_fault(), EXIT_FAULT
    except Exception as error:  # noqa: BLE001 - whatever it is, no student gets a zero for it
        sys.stderr.write(f"grader: {type(error).__name__}: {error}\n")
        text, code = gradescope_fault(), EXIT_FAULT
    results.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(results, text)
    raise typer.Exit(code)


def _graded(submission: Path, assignment: str, course: Path | None, isolation: str) -> tuple[str, int]:
    """The text of results.json, and the exit code."""
    lenient = isolation.lower() == ANY_LEVEL
    where = find_course(course or submission, course)
    options = Options(
        isolation="" if lenient else isolation, lowest=Level.L1 if lenient else Level.L2, jobs=1, fresh=True
    )
    sheet = where.assignment(assignment)
    if sheet.policy is not None:  # late days and extensions are the platform's: it alone knows when this came
        sheet = replace(sheet, policy=sheet.policy.timeless())
    handin = HandIn(assignment, "submission", submission.resolve())
    outcome = run_handins(where, [handin], options, assignments={assignment: sheet})
    faulty = [report for report in outcome.reports if report.faulty]
    if faulty or outcome.fault or not outcome.reports:
        why = outcome.fault or next((c.message for r in faulty for c in r.checks if c.verdict == "fault"), "")
        sys.stderr.write(f"grader: the grader itself failed: {why}\n")
        return gradescope_fault(), EXIT_FAULT
    return gradescope_json(outcome.reports[0]), 0
