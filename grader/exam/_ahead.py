"""Calls of a check that are known before it makes them: sent many at a time, taken one by one.

A call that is sent when the last answer was judged wakes two processes, and most of it is waiting. Where a check makes
one call a row, each hand-in gets the same ones; drawn rows know nothing of each other, so that who has seen the next ones
knows nothing of what is due for this one. What is answered, in which order and from which seeds, stays the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from grader.bank import Rng, Row
from grader.exam._arguments import is_tensor, to_wire
from grader.exam._bench import Bench
from grader.exam._chance import call_seed
from grader.exam._judgements import Judged, Judgements
from grader.exam._outcomes import CallEnded, CheckEnded
from grader.records import Kind
from grader.sandbox import Outcome, Prepared, Returned, Unread

if TYPE_CHECKING:
    from grader.exam._examine import Exam
    from grader.exam._student import Student

_PLAIN = (type(None), bool, int, float, complex, str, bytes, np.generic, np.ndarray, Rng)
_FEWEST = 8
"""Calls that are worth it."""


@dataclass(frozen=True)
class Foreseen:
    """One function's calls in the drawn rows of a check."""

    function: str
    first: int
    """Number of the check's call that is the first of them."""
    rows: tuple[tuple[object, ...], ...]
    asked: tuple[bytes, ...]
    """Fingerprints of the rows."""
    _calls: dict[int, Prepared] = field(default_factory=dict, init=False, repr=False, compare=False)

    def calls(self, check: str, seed: int) -> Prepared:
        """What is asked of every hand-in of a run. check: the check's id; seed: the run's. The same object on every call."""
        if seed not in self._calls:
            self._calls.clear()
            wired = [[to_wire(a) for a in row] for row in self.rows]
            seeds = [call_seed(seed, check, self.first + i) for i in range(len(wired))]
            self._calls[seed] = Prepared(self.function, wired, seeds)
        return self._calls[seed]


def foresee(exam: Exam, student: Student, run: Callable[[Row, Student], CheckEnded | None]) -> Foreseen | None:
    """Put a property to the reference; its calls, where each row makes one of plain values. Others give None."""
    single = exam.spec.kind is Kind.PROPERTY and exam.spec.rows is not None
    for number, row in enumerate(exam.rows or ({},)):
        if run(row, student) is not None:
            return None
        single = single and student.calls_made == len(student.trace) == number + 1
    first = len(exam.spec.rows.fixed) if exam.spec.rows is not None else 0
    drawn = student.trace[first:]
    asked = tuple(a.asked for a in drawn if a.asked is not None)
    plain = all(a.through is None and _plain(a.arguments) for a in drawn)
    if not single or not plain or len(drawn) < _FEWEST or len(asked) < len(drawn) or len({a.function for a in drawn}) > 1:
        return None
    return Foreseen(drawn[0].function, first, tuple(a.arguments for a in drawn), asked)


def _plain(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_plain, value))
    return isinstance(value, _PLAIN) or is_tensor(value)


@dataclass
class Ahead:
    """Foreseen calls under way to one hand-in; given up at the first call that is another."""

    foreseen: Foreseen
    calls: Prepared
    bench: Bench
    judgements: Judgements
    over: bool = False
    _answers: Iterator[Outcome | Unread] | None = None
    _taken: int = 0
    _next: Outcome | Unread | None = None
    _key: bytes | None = None
    """Tells the answer that came last from others; None for what is no answer."""
    _known: Judged | None = None
    """What came of the answer that came last, if it came before."""
    _last: Outcome | None = None
    """What was taken last."""

    def known(self, number: int, *, failed: bool) -> tuple[Unread, Judged] | None:
        """The answer to the check's call of that number, if it is known to pass or, with `failed`, not to: then it is taken."""
        at = number - self.foreseen.first
        if self.over or not 0 <= at == self._taken < len(self.foreseen.rows):
            return None
        try:
            answer = self._coming()
        except CallEnded:  # told by the call that the check makes
            self.over = True
            return None
        known = self._known
        if not isinstance(answer, Unread) or known is None or not (known.passed or failed):
            return None
        self._took()
        return answer, known

    def take(self, function: str, number: int, asked: bytes | None) -> Outcome | None:
        """What came of the check's call of that number; None where it is to be made now. Raises CallEnded as `Bench.calls`."""
        at = number - self.foreseen.first
        if self.over or at < 0:
            return None
        same = at == self._taken < len(self.foreseen.rows) and function == self.foreseen.function
        if not same or asked != self.foreseen.asked[at]:
            self.over = True
            return None
        outcome = self._coming()
        self._took()
        self.over = outcome is None
        self._last = outcome.read() if isinstance(outcome, Unread) else outcome
        return self._last

    def judged(self, *, passed: bool, unjudged: bool) -> None:
        """The answer that was taken last passed, or was wrong, and that was all that the check had to say."""
        outcome, self._last = self._last, None
        if self._key is not None and isinstance(outcome, Returned) and _plain(outcome.value):
            self.judgements.keep(self._key, Judged(passed, outcome.weight, unjudged))

    def _coming(self) -> Outcome | Unread | None:
        if self._answers is None:
            self._answers = self.bench.skimmed(self.calls, self._skim)
        if self._next is None:
            self._key = self._known = None
            self.bench.let_go()  # a check holds one at a time
            self._next = next(self._answers, None)
        return self._next

    def _took(self) -> None:
        self._next = self._last = None
        self._taken += 1

    def _skim(self, content: bytes) -> int | None:
        # All before it are taken: the one that is coming is the next of them.
        self._key = Judgements.key(self.calls.seeds[self._taken], self.foreseen.asked[self._taken], content)
        self._known = self.judgements.get(self._key)
        return None if self._known is None else self._known.weight
