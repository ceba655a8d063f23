"""The same failure on a smaller input, found in the worker that is at hand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from grader.bank import Row, Variant, smallest
from grader.exam._alarm import TooLong, at_most
from grader.exam._confirm import Repeat
from grader.exam._fingerprint import fingerprint
from grader.exam._outcomes import CheckEnded, NotInKit, WrongAnswer
from grader.exam._render import shown
from grader.exam._student import Student
from grader.exam._trail import MemoTrail, keep_row, kept_row
from grader.exam._unwalled import UnwalledBench

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


class Looked(NamedTuple):
    """What second looks at a failure gave."""

    ended: CheckEnded
    settled: bool
    """Whether a worker that has seen no other call fails the same way."""


@dataclass
class Search:
    """For one failure of one check. What it finds is to be confirmed: it may fail because of earlier calls only."""

    exam: Exam
    repeat: Repeat
    ended: CheckEnded
    slip: Variant | None = None
    """One that gives all the hand-in's answers: what is the smallest input for it need not be sought again."""
    reference: object = None

    def again(self, row: Row, *, sure: bool) -> Looked:
        """The same failure on the smallest input found that fails in a fresh worker, too; or as it was, with what repeats say.

        A smaller input that fails in a fresh worker as it did before settles it. Where it does not, what is at fault may be
        earlier calls: then the failure itself is repeated, and a smaller one sought without them. row: the failed one; sure:
        the same slip showed in a fresh worker before, and this one has seen no other topic.
        """
        ended, repeat = self.ended, self.repeat
        first = self.smaller()
        if first is not None and sure:
            return Looked(first.ended, settled=True)
        if first is not None and (same := repeat.same(first.row, first.ended)) is not None:
            return Looked(same, settled=True)
        doubt = repeat.doubt(row, ended)
        ended.why += doubt
        if doubt or first is None:
            return Looked(ended, settled=not doubt and repeat.bench.quick)
        second = self.smaller()
        confirmed = second is not None and repeat.confirms(second.row, second.ended)
        return Looked(second.ended if second is not None and confirmed else ended, settled=repeat.bench.quick)

    def smaller(self) -> Smaller | None:
        """The smallest input found that fails the same way; None where there is none, or time was up."""
        exam, bench = self.exam, self.repeat.bench
        if not bench.shrinks:
            return None
        student = self.repeat.student()
        student.tracing = False
        spent, deadline = bench.spent_s, time.monotonic() + SHRINK_WAIT_S
        found: dict[int, Smaller] = {}
        unknown: list[Row] = []

        def fails(row: Row) -> bool:
            other = self._ends(row, student)
            if isinstance(other, NotInKit):
                unknown.append(row)
            if other is None or not self._alike(other):
                return False
            found[id(row)] = Smaller(row, other)
            return True

        def too_long() -> bool:
            return bench.spent_s - spent > SHRINK_S or time.monotonic() > deadline

        row = self._of_slip()
        if row is None or not fails(row):
            row = smallest(exam.spec, exam.topic.name, fails, enough=too_long, trail=self._trail)
        if unknown:  # only rows of the corpus have an expected value here
            row = min(filter(fails, exam.rows), key=lambda row: len(shown(list(row.values()))), default=None)
        return None if row is None or too_long() else found.get(id(row))

    @property
    def _trail(self) -> MemoTrail:
        return MemoTrail(self.exam.memo, self.exam.id)

    def _ends(self, row: Row, student: Student) -> CheckEnded | None:
        student.calls_made = self.repeat.first_call
        return self.repeat.run(row, student)

    def _alike(self, other: CheckEnded) -> bool:
        """Whether another failure shows what this one does."""
        plain = not isinstance(self.ended, WrongAnswer) or self.ended.plain_to_see
        hidden = isinstance(other, WrongAnswer) and plain and not other.plain_to_see
        return other.verdict is self.ended.verdict and not hidden

    def _of_slip(self) -> Row | None:
        """The smallest row found on which the slip fails, without any sandbox; None where there is none."""
        if self.slip is None or not isinstance(self.ended, WrongAnswer) or self.ended.in_place:
            return None
        exam, slip, plain = self.exam, self.slip, self.ended.plain_to_see
        key = fingerprint("smallest of a slip", exam.id, slip.of, slip.title, plain, self.repeat.first_call)
        row = kept_row(exam.memo, key)
        if row is None:
            row = self._sought(slip) or {}
            keep_row(exam.memo, key, row)
        return row or None

    def _sought(self, slip: Variant) -> Row | None:
        others = dict(vars(self.reference)) if isinstance(self.reference, ModuleType) else {}
        bench = UnwalledBench.of({**others, slip.of: slip.function})
        bench.seed = self.repeat.bench.seed
        student = self.exam.student(bench)
        student.tracing = False

        def fails(row: Row) -> bool:
            other = self._ends(row, student)
            return other is not None and self._alike(other)

        try:
            with at_most(SHRINK_WAIT_S):
                return smallest(self.exam.spec, self.exam.topic.name, fails, trail=self._trail)
        except TooLong:
            return None
