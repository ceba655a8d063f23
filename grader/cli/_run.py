"""`grader run`: grade a class."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from grader.bank import Course, find_course
from grader.cli._common import (
    DEFAULT_OUT,
    EXIT_FAULT,
    MOST_SEED,
    in_color,
    require_place,
    show,
    width,
    write_output,
)
from grader.cli._github import append_summary, github_log
from grader.cli._progress import progress
from grader.engine import Listener, Options, Outcome, asked_for, fitting_jobs, free_memory_mb, run_handins
from grader.intake import Found, discover
from grader.records import Report, Store, StoreFault, UserError, all_decided, decisions_in, run_document
from grader.reports import (
    Sheet,
    class_table,
    decided_max,
    gradebook_csv,
    junit_xml,
    quiet_commands,
    sheets,
    write_all,
)
from grader.sandbox import Limits


def run(
    path: Annotated[
        Path, typer.Argument(help="Hand-ins: all assignments, one assignment, one student or one file.")
    ],
    assignment: Annotated[str | None, typer.Option("-a", "--assignment", help="Assignment ID.")] = None,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Hand-ins at a time.")] = os.cpu_count() or 1,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Folder for reports.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Grade this topic only (repeatable).")] = None,
    student: Annotated[str | None, typer.Option(help="Grade this student only.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Grade again what has not changed.")] = False,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of all random inputs.")] = 0,
    timeout: Annotated[float, typer.Option(min=0.1, max=86_400, help="Seconds a call may take.")] = Limits.call_s,
    memory: Annotated[int, typer.Option(min=1024, max=1 << 20, help="MiB a hand-in may use.")] = Limits.memory_mb,
    isolation: Annotated[str, typer.Option(help="L3, L2 or L1; by default the best there is, at least L2.")] = "",
    course: Annotated[Path | None, typer.Option(help="Course folder (holds checks/ and reference/).")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="All records as JSON ('-': standard output).")] = None,
    junit: Annotated[Path | None, typer.Option(help="JUnit XML.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Gradebook as CSV.")] = None,
    html: Annotated[Path | None, typer.Option(help="Folder for another copy of the HTML reports.")] = None,
    scheduler: Annotated[str, typer.Option(help="Address of a Dask scheduler whose workers examine.")] = "",
    cluster: Annotated[str, typer.Option(help="Queue to ask for -j workers: slurm.")] = "",
    fail_under: Annotated[float | None, typer.Option(min=0, help="Exit 1 if any hand-in is below this percentage.")] = None,
    github: Annotated[bool, typer.Option("--github", help="GitHub Actions: annotations, and the summary of the step.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="ASCII signs only, no colour, no progress bar.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No table.")] = False,
) -> None:
    """Grade every hand-in below PATH and write the reports."""
    require_place(json_file, junit, csv)
    where = find_course(path, course)
    found = _selected(discover(path, where.assignments, assignment), student)
    jobs = jobs if scheduler or cluster else _fitting(jobs, memory)
    limits = Limits(call_s=timeout, memory_mb=memory, topic_s=max(Limits.topic_s, timeout))
    options = Options(seed=seed, jobs=jobs, limits=limits, isolation=isolation, only=tuple(only or ()), fresh=fresh)
    folder = out or (DEFAULT_OUT if not only else DEFAULT_OUT / ("only-" + "-".join(sorted(only))))
    to_stdout = any(str(f) == "-" for f in (json_file, junit, csv) if f is not None)
    workers = asked_for(cluster, jobs) if cluster else nullcontext(scheduler)
    with workers as address, progress(len(found.handins), quiet=quiet or plain) as listener:
        options = replace(options, scheduler=address)
        outcome, shown = _graded(where, found, options, folder / "results.sqlite", listener, one=student is not None)
    if student is None:
        _name_strangers(where, found)
    made = sheets(outcome.run, shown)
    _write(folder, outcome, shown, made, json_file=json_file, junit=junit, csv=csv, html=html)
    if not quiet and not to_stdout:
        _show_table(outcome, folder, made if shown is outcome.reports else None, plain=plain, github=github)
    if github:
        to_console = sys.stderr if to_stdout else sys.stdout
        to_console.write(github_log(outcome.reports, path, course))
        append_summary(outcome.run, outcome.reports)
    raise typer.Exit(_exit_code(outcome, len(found.handins), fail_under))


def _show_table(
    outcome: Outcome, folder: Path, made: Sequence[Sheet] | None, *, plain: bool, github: bool
) -> None:
    color = in_color(sys.stdout) and not plain
    table = class_table(outcome.run, outcome.reports, width=width(sys.stdout), color=color, made=made)
    text = f"{table}\nreport: {folder / 'report.html'}   gradebook: {folder / 'gradebook.csv'}\n"
    show(quiet_commands(text) if github else text, plain=plain)


def _graded(
    course: Course, found: Found, options: Options, results: Path, listener: Listener, *, one: bool
) -> tuple[Outcome, tuple[Report, ...]]:
    """The run with what people decided before, and the reports to be shown. one: whether one student alone is graded."""
    with Store(results) as store:
        outcome = run_handins(
            course, found.handins, options, store=store, passed_over=found.passed_over, listener=listener
        )
        decisions = decisions_in(store.path)
        outcome = replace(outcome, reports=tuple(all_decided(outcome.reports, decisions)))
        if one or outcome.interrupted:  # what others have from before is shown, too
            return outcome, tuple(all_decided(store.reports(outcome.run.assignments), decisions))
    return outcome, outcome.reports


def _fitting(jobs: int, memory: int) -> int:
    """As many hand-ins at a time as memory allows; says so where that is fewer than asked for."""
    free = free_memory_mb()
    fit = fitting_jobs(jobs, memory, free)
    if fit < jobs:
        sys.stderr.write(
            f"grader: note: {fit} at a time, not {jobs}: each may use {memory} MiB (--memory) of the {free} MiB free here\n"
        )
    return fit


def _name_strangers(course: Course, found: Found) -> None:
    """Students that a sheet grants something and of whom nothing is there: a name may be misspelled."""
    for name in dict.fromkeys(h.assignment for h in found.handins):
        sheet, there = course.assignment(name), [h.student for h in found.handins if h.assignment == name]
        strangers = sheet.policy.strangers(there) if sheet.policy and len(there) > 1 else ()
        if strangers:
            sys.stderr.write(
                f"grader: note: {sheet.path}: [policy] names {', '.join(strangers[:8])}, of whom there is no hand-in\n"
            )


def _selected(found: Found, student: str | None) -> Found:
    if student is None:
        if not found.handins:
            raise UserError(
                "there are no hand-ins below this path; give a folder with one folder or file per student"
            )
        return found
    chosen = tuple(h for h in found.handins if h.student == student)
    if not chosen:
        names = ", ".join(sorted({h.student for h in found.handins})[:8]) or "none"
        raise UserError(f"there is no hand-in of {student!r} (there are: {names})")
    return Found(chosen, found.passed_over)


def _write(
    folder: Path,
    outcome: Outcome,
    shown: Sequence[Report],
    made: Sequence[Sheet],
    *,
    json_file: Path | None,
    junit: Path | None,
    csv: Path | None,
    html: Path | None,
) -> None:
    try:
        for place in (folder, html) if html is not None else (folder,):
            write_all(place, outcome.run, shown, anew=False, made=made)
    except UserError as error:
        raise StoreFault(f"{error}; the results are kept in {folder / 'results.sqlite'}") from error
    if json_file is not None:
        write_output(json_file, run_document(outcome.run, outcome.reports))
    if junit is not None:
        write_output(junit, junit_xml(outcome.run, outcome.reports))
    if csv is not None:
        write_output(csv, gradebook_csv(outcome.reports))


def _exit_code(outcome: Outcome, expected: int, fail_under: float | None) -> int:
    if outcome.interrupted:
        sys.stderr.write(
            f"grader: interrupted; {len(outcome.reports)} of {expected} hand-ins are kept, the same command goes on\n"
        )
        return 130
    faults = [r for r in outcome.reports if r.faulty]
    if outcome.fault or faults or len(outcome.reports) < expected:
        reason = outcome.fault or next(
            (c.message for r in faults for c in r.checks if c.verdict == "fault"), ""
        )
        sys.stderr.write(
            f"grader: the grader itself failed for {len(faults) + expected - len(outcome.reports)} hand-in(s):"
            f" {reason}; nothing was marked for those parts, run again\n"
        )
        return EXIT_FAULT
    if fail_under is not None:
        decided = {r.id: decided_max(r) for r in outcome.reports}  # what waits for a person costs nothing
        low = [r for r in outcome.reports if decided[r.id] > 0 and 100 * r.score < fail_under * decided[r.id]]
        return int(bool(low))
    return 0
