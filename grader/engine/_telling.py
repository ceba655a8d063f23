"""Problems told one by one, while their hand-in is still being examined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.bank import Assignment
from grader.engine._assemble import problem_so_far
from grader.records import CheckResult, ProblemResult, Report

Teller = Callable[[ProblemResult], None]
"""Told each problem of a hand-in as soon as its checks are done, in order; where there is a write-up not before the report."""


@dataclass
class Telling:
    """How far the problems of one hand-in were told."""

    tell: Teller
    told: int = 0

    def heard(
        self, sheet: Assignment, exams: Sequence[Mapping[str, str]], results: Mapping[str, CheckResult]
    ) -> None:
        """Tell the problems that are complete with these results, up to the first that is not."""
        for problem in sheet.problems[self.told :]:
            result = problem_so_far(problem, exams, results)
            if result is None:
                return
            self.told += 1
            self.tell(result)

    def finished(self, report: Report) -> None:
        """Tell those that are left."""
        for problem in report.problems[self.told :]:
            self.told += 1
            self.tell(problem)
