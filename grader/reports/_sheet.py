"""The class as a sheet: students by problems, and what an instructor wants to know of each and of the whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean, median

from grader.records import CheckResult, ProblemResult, Report, Run, Verdict
from grader.reports._analysis import Cluster, clusters, discrimination
from grader.reports._format import fraction, number, ratio
from grader.reports._safe import one_line
from grader.reports._settlement import hints
from grader.reports._view import MARKS, decided_max, is_open, points, tally, waits

PLAIN = frozenset({Verdict.PASSED, Verdict.FAILED, Verdict.SKIPPED})
"""Verdicts that need no hint beside the score."""
LIMITS = frozenset({Verdict.TIMEOUT, Verdict.MEMORY, Verdict.CRASHED, Verdict.FORBIDDEN})
"""Verdicts that no wrong answer gives."""
BINS = 10


@dataclass(frozen=True, slots=True)
class Cell:
    """One student's result on one problem."""

    score: str
    share: float | None
    """Of the points, in [0, 1]; None where nothing was scored."""
    marks: tuple[tuple[str, str], ...]
    """Runs of equal tone: (tone, letters)."""
    summary: str
    """`3 passed, 1 timeout`."""
    trouble: tuple[str, ...]
    """One line per check that did not pass."""


@dataclass(frozen=True, slots=True)
class Line:
    """One student."""

    key: tuple[str, str]
    """Assignment and student as recorded: finds the page, is not for display."""
    student: str
    cells: tuple[Cell | None, ...]
    """One per column of the sheet; None where the student's report lacks the problem."""
    score: str
    max_score: str
    share: float | None
    status: str
    """`` when final, else `review` or `fault`."""
    hints: str
    """`timeout 4 · crashed 6a`: verdicts beyond passed and failed, with their problems."""
    states: str
    """What filters ask for, with blanks between: lost, low, limit, review, fault."""


@dataclass(frozen=True, slots=True)
class Column:
    """One problem."""

    number: str
    title: str
    max_score: str
    mean: float | None
    """Mean share of the points over the students it was scored for."""
    full: int
    """How many got all points."""
    scored: int
    discrimination: float | None
    """Correlation with the rest of the hand-in; None where it has no meaning."""


@dataclass(frozen=True, slots=True)
class Stumble:
    """One check that students failed."""

    id: str
    title: str
    failures: int
    out_of: int
    slips: str
    """The known misconceptions behind the failures, most frequent first."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One assignment's class."""

    assignment: str
    title: str
    max_score: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    mean: float | None
    """Mean share of the total; like the median and the histogram, over the lines without a fault."""
    median: float | None
    histogram: tuple[int, ...]
    stumbles: tuple[Stumble, ...]
    waiting: tuple[tuple[str, tuple[Line, ...]], ...]
    """(problem, lines) where a person has to decide."""
    faults: tuple[tuple[str, tuple[Line, ...]], ...]
    """(problem, lines) where the grader itself failed."""
    clusters: tuple[Cluster, ...]
    """Causes of lost marks; members are positions in `lines`."""

    @property
    def tangled(self) -> tuple[str, ...]:
        """Per line the clusters that it is in, as numbers with blanks between."""
        found: list[list[str]] = [[] for _ in self.lines]
        for index, cluster in enumerate(self.clusters):
            for member in cluster.members:
                found[member].append(str(index))
        return tuple(map(" ".join, found))


def ordered(reports: Iterable[Report]) -> list[Report]:
    """By assignment, then student, independent of case and of the order given."""
    return sorted(
        reports, key=lambda r: (r.assignment.casefold(), r.assignment, r.student.casefold(), r.student)
    )


def sheets(run: Run, reports: Iterable[Report]) -> list[Sheet]:
    """One sheet per assignment that has a report."""
    groups = groupby(ordered(reports), key=lambda r: r.assignment)
    return [_sheet(name, run.titles.get(name, ""), list(group)) for name, group in groups]


def problem_numbers(reports: Iterable[Report]) -> list[str]:
    """Every problem number once, in the order of the fullest report; what only others have comes after."""
    fullest = sorted(reports, key=lambda r: -len(r.problems))
    return list(dict.fromkeys(p.number for r in fullest for p in r.problems))


def final_status(report: Report) -> str:
    """`fault` when the grader failed on a part, `review` while a part waits for a person, else empty."""
    return "fault" if report.faulty else "" if report.complete else "review"


def _sheet(assignment: str, title: str, reports: Sequence[Report]) -> Sheet:
    numbers = problem_numbers(reports)
    lines = tuple(_line(report, numbers) for report in reports)
    shares = [line.share for line in lines if line.share is not None]
    return Sheet(
        assignment=one_line(assignment, 80),
        title=one_line(title, 200),
        max_score=number(max((r.max_score for r in reports), default=0.0)),
        columns=tuple(_column(n, reports) for n in numbers),
        lines=lines,
        mean=fmean(shares) if shares else None,
        median=median(shares) if shares else None,
        histogram=tuple(sum(min(int(s * BINS), BINS - 1) == b for s in shares) for b in range(BINS)),
        stumbles=tuple(_stumbles(reports)),
        waiting=_where(reports, lines, waits),
        faults=_where(reports, lines, _at_fault),
        clusters=clusters(reports),
    )


def _at_fault(problem: ProblemResult) -> bool:
    return any(check.verdict is Verdict.FAULT for check in problem.checks)


def _where(
    reports: Sequence[Report], lines: Sequence[Line], holds: Callable[[ProblemResult], bool]
) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    found: dict[str, list[Line]] = defaultdict(list)
    for report, line in zip(reports, lines, strict=True):
        for problem in report.problems:
            if holds(problem):
                found[
                    f"{one_line(problem.number, 20)} {one_line(problem.title or problem.topic, 120)}"
                ].append(line)
    return tuple((name, tuple(who)) for name, who in found.items())


def _line(report: Report, numbers: Sequence[str]) -> Line:
    problems = {p.number: p for p in report.problems}
    return Line(
        key=(report.assignment, report.student),
        student=one_line(report.student, 120) or "(no name)",
        cells=tuple(_cell(problems[n]) if n in problems else None for n in numbers),
        score="–" if report.faulty else number(report.score),
        max_score=number(report.max_score),
        share=None if report.faulty else ratio(report.score, decided_max(report)),
        status=final_status(report),
        hints=" · ".join(part for part in (hints(report), _hints(report)) if part),
        states=" ".join(_states(report)),
    )


def _states(report: Report) -> Iterator[str]:
    status, share = final_status(report), ratio(report.score, decided_max(report))
    if status:
        yield status
    if status != "fault" and share is not None and share < 1:
        yield from ("lost", "low") if share < 0.5 else ("lost",)
    if any(check.verdict in LIMITS for check in report.checks):
        yield "limit"


def _cell(problem: ProblemResult) -> Cell:
    tones = groupby(
        ((MARKS[c.verdict].tone, MARKS[c.verdict].letter) for c in problem.checks), key=lambda m: m[0]
    )
    trouble = [f"{_short_id(c)}: {c.verdict}" for c in problem.checks if c.verdict is not Verdict.PASSED]
    derivation = problem.derivation
    written = (
        ()
        if derivation is None or derivation.score is None
        else ("derivation: review" if derivation.needs_review else "derivation: marked",)
    )
    return Cell(
        score=points(problem).split("/")[0],
        share=None if is_open(problem) else ratio(problem.score, problem.max_score),
        marks=tuple((tone, "".join(letter for _, letter in run)) for tone, run in tones),
        summary=tally(problem.checks) or "no checks",
        trouble=(*trouble, *written),
    )


def _short_id(check: CheckResult) -> str:
    return one_line(check.id.rpartition("::")[2] or check.id, 80)


def _hints(report: Report) -> str:
    where: dict[str, list[str]] = defaultdict(list)
    for problem in report.problems:
        verdicts = {c.verdict for c in problem.checks} - PLAIN
        if waits(problem):
            verdicts.add(Verdict.REVIEW)
        for verdict in verdicts:
            where[verdict].append(one_line(problem.number, 20))
    if not where:
        return ""
    every = len(report.problems)
    names = {v: "all" if len(n) == every and every > 1 else ",".join(n) for v, n in where.items()}
    return " · ".join(f"{verdict} {names[verdict]}" for verdict in Verdict if verdict in names)


def _column(number_: str, reports: Sequence[Report]) -> Column:
    problems = [p for r in reports for p in r.problems if p.number == number_]
    shares = [ratio(p.score, p.max_score) for p in problems if not is_open(p)]
    known = [share for share in shares if share is not None]
    return Column(
        number=one_line(number_, 20),
        title=next((one_line(p.title or p.topic, 120) for p in problems), ""),
        max_score=number(max((p.max_score for p in problems), default=0.0)),
        mean=fmean(known) if known else None,
        full=sum(share >= 1 for share in known),
        scored=len(known),
        discrimination=discrimination(reports, number_),
    )


def _stumbles(reports: Sequence[Report]) -> list[Stumble]:
    seen: dict[str, list[CheckResult]] = defaultdict(list)
    for report in reports:
        for check in report.checks:
            if check.verdict not in (Verdict.FAULT, Verdict.REVIEW):
                seen[check.id].append(check)
    found = []
    for name, checks in seen.items():
        wrong = [c for c in checks if c.verdict not in (Verdict.PASSED, Verdict.SKIPPED)]
        slips = Counter(one_line(c.slip, 120) for c in wrong if c.slip).most_common(3)
        if wrong:
            texts = "; ".join(f"{slip} ({count})" for slip, count in slips)
            found.append(
                Stumble(one_line(name, 120), one_line(checks[0].title), len(wrong), len(checks), texts)
            )
    return sorted(found, key=lambda s: (-s.failures, s.id))[:12]


def score_of(line: Line) -> str:
    """`14.5/20`, `–/20` after a fault."""
    return f"{line.score}/{line.max_score}"


def total(report: Report) -> str:
    """A report's total as a student reads it; no number while the grader's own failure leaves it open."""
    return f"–/{number(report.max_score)}" if report.faulty else fraction(report.score, report.max_score)
