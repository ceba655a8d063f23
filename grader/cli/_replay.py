"""`grader replay`: one recorded check again."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from grader.bank import find_course
from grader.cli._common import DEFAULT_OUT, EXIT_FAULT, in_color, width
from grader.engine import replay_check
from grader.records import CheckResult, Place, Report, Store, UserError, Verdict, Visibility
from grader.reports import message_block


def replay(
    result_id: Annotated[str, typer.Argument(help="From a report's Replay line; its beginning is enough.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the reports.")] = DEFAULT_OUT,
    submission: Annotated[Path | None, typer.Option(help="Where the hand-in lies now.")] = None,
    course: Annotated[Path | None, typer.Option(help="Course folder, where it has moved.")] = None,
    isolation: Annotated[str, typer.Option(help="L3, L2 or L1; by default as recorded.")] = "",
    pdb: Annotated[
        bool, typer.Option("--pdb", help="Open the Python debugger where the check fails.")
    ] = False,
) -> None:
    """Run one recorded check again and show every call. Exit 0 when the verdict is the recorded one, else 1."""
    path = out / "results.sqlite"
    if not path.is_file():
        raise UserError(f"there are no results in {out}; name the folder of an earlier run with -o")
    with Store(path) as store:
        report, check = store.result(result_id)
        place = store.place(report.assignment, report.student)
    place = _present(place, report, submission, course)
    said = f"{report.assignment} / {report.student}, {check.id}, recorded: {check.verdict}"
    sys.stdout.write(f"{check.result_id}  {said}\n\n")
    found = replay_check(report, check, place, isolation=isolation, debug=pdb)
    # Whoever has the store and the reference may see what students do not.
    block = message_block(
        replace(found.now, visibility=Visibility.VISIBLE), color=in_color(sys.stdout), width=width(sys.stdout)
    )
    sys.stdout.write(f"\n{block}\n\n{_compared(check, found.now)}\n")
    for remark in found.remarks:
        sys.stderr.write(f"grader: {remark}\n")
    if found.now.verdict is Verdict.FAULT:
        raise typer.Exit(EXIT_FAULT)
    raise typer.Exit(int(found.now.verdict is not check.verdict))


def _present(place: Place | None, report: Report, submission: Path | None, course: Path | None) -> Place:
    if place is None:
        if submission is None:
            raise UserError(
                "an older version wrote this store: say where the hand-in lies with --submission PATH"
            )
        place = Place(report.assignment, report.student, str(submission.resolve()), "")
    if submission is not None:
        place = replace(place, path=str(submission.resolve()))
    if course is not None or not place.course:
        place = replace(place, course=str(find_course(Path(place.path), course).root))
    return place


def _compared(before: CheckResult, now: CheckResult) -> str:
    if now.verdict is not before.verdict:
        return f"recorded was {before.verdict}, now it is {now.verdict}"
    same = (before.message, before.counterexample) == (now.message, now.counterexample)
    return f"{now.verdict}, as recorded" if same else f"{now.verdict}, as recorded, but with another message"
