"""One recorded check result, run again: what it gives now beside what it gave then."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from grader.bank import Course
from grader.engine._assemble import narrowed
from grader.engine._identity import content_key, report_id
from grader.engine._server import ask_once
from grader.exam import LOWEST, choose_level
from grader.intake import Source, read_source
from grader.records import CheckResult, Place, Report, UserError, Verdict, restore
from grader.sandbox import Level, Limits


@dataclass(frozen=True)
class Replayed:
    """A check's result now, and what has changed since it was recorded."""

    now: CheckResult
    """Scored by the points of its problem."""
    remarks: tuple[str, ...]
    """What differs from then: files of the hand-in, checks, isolation; empty when nothing does."""


def remarks_on(report: Report, place: Place, course: Course, level: Level) -> tuple[str, ...]:
    """What a result depended on and is no longer as it was."""
    source = read_source(Path(place.path))
    changed = _changed(report, source)
    if changed:
        return (f"the hand-in has changed since ({', '.join(changed[:5])}): this is what it gives now",)
    sheet = narrowed(course.assignment(report.assignment), place.only)
    settings = [report.environment.seed, asdict(Limits(**place.limits)), level.name, False]  # type: ignore[arg-type]
    if (
        report_id(report.assignment, report.student, content_key(course, source, sheet, settings))
        != report.id
    ):
        return (
            "something else that this result depends on has changed since: checks, grader, libraries or isolation",
        )
    return ()


def _changed(report: Report, source: Source) -> list[str]:
    before = {f.path: f.sha256 for f in report.submission.files}
    after = {f.path: f.sha256 for f in source.record.files}
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def replay_check(
    report: Report, check: CheckResult, place: Place, *, isolation: str = "", debug: bool = False
) -> Replayed:
    """Put a recorded check to its hand-in again; its calls are printed as they are made.

    place: where the hand-in and the course lie now. debug: open the debugger where the check fails. Raises UserError
    when the hand-in, the course or the check is gone, or the isolation cannot be had.
    """
    if not Path(place.path).exists():
        raise UserError(
            f"{place.path} is not there any more; say where the hand-in is with --submission PATH"
        )
    if not (Path(place.course) / "checks").is_dir():
        raise UserError(f"{place.course} is no course any more; say where it is with --course DIR")
    course = Course(Path(place.course))
    recorded = Level[report.environment.isolation]
    level = choose_level(isolation or recorded.name, lowest=min(LOWEST, recorded))
    setup = {
        "course": str(course.root),
        "check": check.id,
        "path": place.path,
        "aliases": course.assignment(report.assignment).aliases,
        "level": level.name,
        "lowest": min(LOWEST, level).name,
        "seed": report.environment.seed,
        "limits": dict(place.limits) or asdict(Limits()),
        "debug": debug,
    }
    remarks = remarks_on(report, place, course, level)
    answer = ask_once("grader.exam._replay", setup)
    now: CheckResult = restore(CheckResult, answer["result"])
    score = check.max_score if now.verdict is Verdict.PASSED else 0.0
    return Replayed(replace(now, score=score, max_score=check.max_score, result_id=check.result_id), remarks)
