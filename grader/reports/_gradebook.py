"""The gradebook as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable

from grader.records import ProblemResult, Report
from grader.reports._format import number, ratio
from grader.reports._names import digest
from grader.reports._safe import cell_text
from grader.reports._settlement import by_rule, handed_in_iso, score_status
from grader.reports._sheet import final_status, ordered, problem_numbers
from grader.reports._view import is_open


def gradebook_csv(reports: Iterable[Report]) -> str:
    r"""One row per assignment and student: totals, percent, status, isolation, then a column `problem N` per problem.

    `status` is `final`, `review` (a part waits for a person: the score is provisional) or `fault` (the grader itself
    failed). Scores that are not known yet are left empty, since an empty cell is no zero.
    `isolation` is the level at which the code ran. Where a sheet has rules, `status` may also be `excused` or
    `refused` (too late), and there are columns `handed in`, `earned` (sum of the problems) and `rule R`: what it added. RFC 4180 with `\r\n`.
    """
    reports = ordered(reports)
    numbers = problem_numbers(reports)
    labels = _labels(reports)
    out = io.StringIO(newline="")
    sheet = csv.writer(out)
    fixed = ["assignment", "student", "score", "max_score", "percent", "status", "isolation"]
    rules = list(dict.fromkeys(rule for report in reports for rule in by_rule(report)))
    ruled = any(report.settlement is not None for report in reports)
    last = ["handed in", "earned", *(f"rule {rule}" for rule in rules)] if ruled else []
    sheet.writerow([*fixed, *(cell_text(f"problem {n}") for n in numbers), *last])
    for report in reports:
        by_number = {p.number: p for p in report.problems}
        row = [*_fixed(report, labels[report.student]), *(_score(by_number.get(n)) for n in numbers)]
        sheet.writerow(row + (_ruled(report, rules) if ruled else []))
    return out.getvalue()


def _ruled(report: Report, rules: Iterable[str]) -> list[str]:
    """When it came, the sum of its problems, and what each rule added."""
    changes, earned = by_rule(report), sum(p.score for p in report.problems)
    return [
        cell_text(handed_in_iso(report)),
        "" if report.faulty else number(earned),
        *(number(changes[rule]) if rule in changes else "" for rule in rules),
    ]


def _fixed(report: Report, student: str) -> list[str]:
    status = final_status(report)
    share = ratio(report.score, report.max_score)
    known = status != "fault"
    rule = score_status(report)
    known, status = known and rule != "excused", status or rule
    return [
        cell_text(report.assignment),
        student,
        number(report.score) if known else "",
        number(report.max_score),
        number(100 * share) if known and share is not None else "",
        status or "final",
        cell_text(report.environment.isolation),
    ]


def _labels(reports: Iterable[Report]) -> dict[str, str]:
    """Each student's cell. No name can pass for another by characters that a cell does not keep."""
    cells = {report.student: cell_text(report.student) for report in reports}
    alike = Counter(cells.values())
    return {n: cell if alike[cell] == 1 or cell == n else f"{cell} ~{digest(n)}" for n, cell in cells.items()}


def _score(problem: ProblemResult | None) -> str:
    if problem is None or is_open(problem):
        return ""
    return number(problem.score)
