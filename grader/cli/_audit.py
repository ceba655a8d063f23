"""`grader audit`: is the grader right?"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from grader.audit import TopicAudit
from grader.bank import Course, Topic, find_course
from grader.cli._common import MOST_SEED, write_output
from grader.cli._progress import counter
from grader.engine import Options, audit_topics
from grader.records import UserError, to_json


def audit(
    assignment: Annotated[
        str | None, typer.Option("-a", "--assignment", help="Only this assignment's topics.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Audit this topic only (repeatable).")] = None,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Hand-ins at a time.")] = os.cpu_count()
    or 1,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of all random inputs.")] = 0,
    repeats: Annotated[int, typer.Option(min=1, help="How often every known hand-in is examined again.")] = 2,
    mutants: Annotated[bool, typer.Option(help="Try mutants of the reference, too.")] = True,
    isolation: Annotated[str, typer.Option(help="L3, L2 or L1.")] = "",
    course: Annotated[Path | None, typer.Option(help="Course folder.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Findings as JSON ('-': standard output).")
    ] = None,
) -> None:
    """Try the checks on hand-ins whose fate is known: reference, starter, right variants, named slips, mutants."""
    where = find_course(Path.cwd(), course)
    topics = _topics(where, assignment, only or [])
    options = Options(jobs=jobs, seed=seed, isolation=isolation)
    with counter("auditing") as progress:
        found = audit_topics(where, topics, options, repeats=repeats, mutate=mutants, progress=progress)
    if json_file is not None:
        write_output(json_file, to_json(found, indent=1) + "\n")
    if json_file is None or str(json_file) != "-":
        sys.stdout.write(_table(found))
    raise typer.Exit(0 if all(a.clean for a in found) else 1)


def _topics(where: Course, assignment: str | None, only: Sequence[str]) -> list[Topic]:
    """Those of the assignment, or of all; a topic named with --only need not be in an assignment yet."""
    chosen = [where.assignment(assignment)] if assignment else list(where.assignments.values())
    names = list(dict.fromkeys(t for a in chosen for t in a.topics))
    if not assignment:
        names += [n for n in only if n not in names and (where.root / "checks" / f"{n}.py").is_file()]
    strangers = sorted(set(only) - set(names))
    if strangers:
        raise UserError(f"no topic {strangers[0]!r} (there are: {', '.join(names)})")
    return [where.topic(name) for name in names if not only or name in only]


_COLUMNS = (
    "topic",
    "mutants",
    "killed",
    "equivalent",
    "right",
    "slips",
    "named",
    "starter",
    "flakes",
    "gap",
    "weakest check",
)


def _table(found: Sequence[TopicAudit]) -> str:
    rows = [_COLUMNS, *map(_row, found)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
    lines = []
    for row in rows:
        first, *middle, last = row
        cells = [c.rjust(w) for c, w in zip(middle, widths[1:-1], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells, last]).rstrip())
    lines += ["", *(f"falls short: {s}" for a in found for s in a.shortfalls)]
    lines.append("clean" if all(a.clean for a in found) else "not clean")
    return "\n".join(lines) + "\n"


def _row(a: TopicAudit) -> tuple[str, ...]:
    alone = {c.id: c for c in a.checks}
    weakest, mainstay = (alone.get(i) for i in (a.weakest, a.mainstay))
    says = f"{weakest.id.partition('::')[2]} ({weakest.slips} slips)" if weakest else "-"
    if mainstay:
        says += f"; {mainstay.alone} mutants only by {mainstay.id.partition('::')[2]}"
    return (
        a.topic,
        str(a.mutants),
        str(a.killed),
        str(a.equivalent),
        f"{a.right_accepted}/{a.right}",
        f"{a.wrong_rejected}/{a.wrong}",
        f"{a.wrong_named}/{a.wrong}",
        "none" if a.starter_clean else "MARKS",
        f"{a.flakes}/{a.repeats}",
        f"{a.gap.below:.2g} < 1 < {a.gap.above:.2g}",
        says,
    )
