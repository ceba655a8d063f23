"""`grader check`: a student's own look at a hand-in."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from grader.bank import Course, find_course
from grader.cli._common import EXIT_FAULT, all_passed, in_color, show, width, write_output
from grader.engine import Options, OwnResults, run_handins
from grader.intake import discover
from grader.records import ProblemResult, Report, UserError, run_document, user_shelf
from grader.reports import closing_text, problem_text
from grader.sandbox import Level


def check(
    file: Annotated[Path, typer.Argument(help="Your solution: a file, or the folder with it.")],
    assignment: Annotated[str | None, typer.Option("-a", "--assignment", help="Assignment ID.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Check this topic only (repeatable).")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever the file is saved; Ctrl-C ends.")] = False,
    course: Annotated[Path | None, typer.Option(help="Course folder (holds checks/).")] = None,
    isolation: Annotated[str, typer.Option(help="L3, L2 or L1; by default the best there is.")] = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="Check again what has not changed.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="The record as JSON ('-': standard output).")] = None,
) -> None:
    """Run the visible checks on your own solution; shows the smallest input that goes wrong."""
    options = Options(isolation=isolation, lowest=Level.L1, only=tuple(only or ()), visible_only=True, jobs=1, fresh=fresh)
    look = Look(file, assignment, course, options, json_file)
    if not watch:
        raise typer.Exit(look.once())
    if str(json_file) == "-":
        raise UserError("--watch prints text; give --json FILE, or leave one of them out")
    from grader.cli._watch import keep_checking

    raise typer.Exit(keep_checking(file, look.once))


@dataclass(frozen=True)
class Look:
    """All that one self-check depends on."""

    file: Path
    assignment: str | None
    course: Path | None
    options: Options
    json_file: Path | None

    def once(self) -> int:
        """Check, print each problem as soon as it is done, and give back the exit code.

        Raises UserError for wrong use, KeyboardInterrupt where it was interrupted.
        """
        where = find_course(self.file, self.course, beside=True)
        found = discover(self.file, where.assignments, self.assignment or _own(where))
        if len(found.handins) != 1:
            raise UserError(
                f"{self.file} holds {len(found.handins)} hand-ins; give one file, or use `grader run` for many"
            )
        shelf, told = user_shelf("checks"), _Told(quiet=str(self.json_file) == "-")
        store = OwnResults(shelf) if shelf else None
        outcome = run_handins(where, found.handins, self.options, store=store, teller=told.tell)
        if outcome.interrupted:
            raise KeyboardInterrupt
        if not outcome.reports:
            sys.stderr.write(f"grader: the grader itself failed: {outcome.fault}\n")
            return EXIT_FAULT
        report = outcome.reports[0]
        if self.json_file is not None:
            write_output(self.json_file, run_document(outcome.run, outcome.reports))
        told.rest(report)
        if report.faulty:
            sys.stderr.write("grader: the grader itself failed on a part; this says nothing about your answer\n")
            return EXIT_FAULT
        return 0 if all_passed(report) else 1


def _own(course: Course) -> str | None:
    """The assignment of a kit; it has no other."""
    return None if course.kit is None else course.kit.assignment


@dataclass
class _Told:
    """Prints problems as they come, and at the end what is left."""

    quiet: bool
    problems: int = 0

    def tell(self, problem: ProblemResult) -> None:
        """Print one problem; nothing of a self-check is stored for `grader replay`, so ids are not shown."""
        self.problems += 1
        if not self.quiet:
            problem = replace(problem, checks=tuple(replace(c, result_id="") for c in problem.checks))
            show(problem_text(problem, width=width(sys.stdout), color=in_color(sys.stdout)))
            sys.stdout.flush()

    def rest(self, report: Report) -> None:
        """Print the problems that were not told yet, and the sum."""
        for problem in report.problems[self.problems :]:
            self.tell(problem)
        if not self.quiet:
            show(closing_text(report, width=width(sys.stdout), color=in_color(sys.stdout)))
