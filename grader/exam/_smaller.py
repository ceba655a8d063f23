"""The same failure on a smaller input, found in the worker that is at hand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from grader.bank import Row, smallest
from grader.exam._confirm import Repeat
from grader.exam._outcomes import CheckEnded, NotInKit, WrongAnswer
from grader.exam._render import shown
from grader.exam._trail import MemoTrail

if TYPE_CHECKING:
    from grader.exam._examine import Exam

SHRINK_S = 5.0
"""Of the hand-in's own time. A search for a smaller input that takes longer is given up: its result would be another one on
another machine."""
SHRINK_WAIT_S = 60.0
"""Of anybody's time: on a machine that has none to spare."""


class Smaller(NamedTuple):
    """A row that fails as well, and how it ended."""

    row: Row
    ended: CheckEnded


@dataclass
class Search:
    """For one failure of one check. What it finds is to be confirmed: it may fail because of earlier calls only."""

    exam: Exam
    repeat: Repeat
    ended: CheckEnded

    def smaller(self) -> Smaller | None:
        """The smallest input found that fails the same way; None where there is none, or time was up."""
        exam, repeat, ended, bench = self.exam, self.repeat, self.ended, self.repeat.bench
        if not bench.shrinks:
            return None
        student = repeat.student()
        student.tracing = False
        spent, deadline = bench.spent_s, time.monotonic() + SHRINK_WAIT_S
        plain = not isinstance(ended, WrongAnswer) or ended.plain_to_see
        found: dict[int, Smaller] = {}
        unknown: list[Row] = []

        def fails(row: Row) -> bool:
            student.calls_made = repeat.first_call
            other = repeat.run(row, student)
            if isinstance(other, NotInKit):
                unknown.append(row)
            if other is None or other.verdict is not ended.verdict:
                return False
            if isinstance(other, WrongAnswer) and plain and not other.plain_to_see:
                return False
            found[id(row)] = Smaller(row, other)
            return True

        def too_long() -> bool:
            return bench.spent_s - spent > SHRINK_S or time.monotonic() > deadline

        row = smallest(exam.spec, exam.topic.name, fails, enough=too_long, trail=MemoTrail(exam.memo, exam.id))
        if unknown:  # only rows of the corpus have an expected value here
            row = min(filter(fails, exam.rows), key=lambda row: len(shown(list(row.values()))), default=None)
        return None if row is None or too_long() else found.get(id(row))
