"""How the points of the problems became the score: when the hand-in came, and a line for each rule that changed something."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from grader.records import EVERYTHING, Adjustment, Report, lateness_of, moment_of
from grader.reports._format import fraction, number, signed
from grader.reports._safe import one_line

_SOURCES = (("canvas", "Canvas"), ("moodle", "Moodle"), ("gradescope", "Gradescope"))


class Change(NamedTuple):
    """One line of the account."""

    rule: str
    text: str
    points: str
    """`−3`, `+0.5`, `−3/−10` where the points that can be had changed as well."""


def account(report: Report) -> tuple[Change, ...]:
    """The points of the problems, then what each rule changed; empty where no rule did."""
    if not report.adjustments:
        return ()
    earned, most = (
        sum(Fraction(repr(getattr(p, name))) for p in report.problems) for name in ("score", "max_score")
    )
    first = Change("problems", "sum of the problems", fraction(float(earned), float(most)))
    return (
        first,
        *(Change(one_line(a.rule, 20), one_line(a.text, 300), _points(a)) for a in report.adjustments),
    )


def account_lines(report: Report) -> list[str]:
    """When the hand-in came and the account, in lines of text; empty where the sheet has no rules."""
    lines = [line] if (line := handed_in_text(report)) else []
    return [*lines, *(f"{change.rule}: {change.text} ({change.points})" for change in account(report))]


def handed_in_text(report: Report) -> str:
    """When the hand-in came, who says so, and whether that was in time; empty where the sheet has no due date."""
    if report.settlement is None or not report.settlement.policy.due:
        return ""
    policy, handed_in = report.settlement.policy, report.settlement.handed_in
    due = f"due {_moment(datetime.fromisoformat(policy.due))}"
    if policy.extension:
        due += " with an extension"
    source = dict(_SOURCES).get(handed_in.by, one_line(handed_in.by, 40))
    time = moment_of(policy, handed_in)
    if time is None:
        mark = f", and {source} marks it late" if handed_in.marked_late and source else ""
        return f"When it was handed in is not known{mark}; it counts as on time ({due})"
    by = {"file": "by file time", "sheet": "as the sheet says"}.get(
        handed_in.by, f"says {source}" if source else ""
    )
    late = lateness_of(policy, handed_in)
    kept = (
        "in time" if not late.text else f"{late.text} late" + ("" if late.counts else ", which is forgiven")
    )
    return f"Handed in {_moment(time)}{f' ({by})' if by else ''}, {due}: {kept}"


def score_status(report: Report) -> str:
    """`excused` where the sheet does not count for the student, `refused` where it came too late, else empty."""
    if report.settlement is not None and EVERYTHING in report.settlement.policy.excused:
        return "excused"
    return "refused" if any(line.rule == "refused" for line in report.adjustments) else ""


def handed_in_iso(report: Report) -> str:
    """The time of handing in as ISO 8601, or nothing."""
    return "" if report.settlement is None else one_line(report.settlement.handed_in.time, 40)


def by_rule(report: Report) -> dict[str, float]:
    """What each rule changed in all, in the order of the report."""
    found: dict[str, Fraction] = {}
    for line in report.adjustments:
        found[line.rule] = found.get(line.rule, Fraction(0)) + Fraction(repr(line.points))
    return {rule: float(points) for rule, points in found.items()}


def uncounted(report: Report) -> frozenset[str]:
    """Problems whose points cannot be had: dropped, excused or a bonus."""
    gone = ("drop", "excused", "bonus")
    return frozenset(line.problem for line in report.adjustments if line.rule in gone and line.max_points < 0)


def _points(line: Adjustment) -> str:
    text = signed(line.points)
    return f"{text}/{signed(line.max_points)}" if line.max_points else text


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} {'UTC' if not time.utcoffset() else time.isoformat()[-6:]}"


def hints(report: Report) -> str:
    """What rules changed, for a dense table: `late −3 · rounding +0.5`."""
    parts = [f"{rule} {signed(points)}" for rule, points in by_rule(report).items() if number(points) != "0"]
    return " · ".join(["excused", *parts] if score_status(report) == "excused" else parts)
