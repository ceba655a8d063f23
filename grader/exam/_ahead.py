"""Calls of a check that are known before it makes them: sent many at a time, taken one by one.

A call that is sent when the last answer was judged wakes two processes, and most of it is waiting. Where a check makes
one call a row, each hand-in gets the same ones; drawn rows know nothing of each other, so that who has seen the next ones
knows nothing of what is due for this one. What is answered, in which order and from which seeds, stays the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from grader.bank import Rng, Row
from grader.exam._arguments import is_tensor, to_wire
from grader.exam._bench import Bench
from grader.exam._outcomes import CheckEnded
from grader.records import Kind
from grader.sandbox import Outcome

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
    bench: Bench
    seeds: Callable[[int], int]
    """Seed of the check's call of a number."""
    _taken: int = 0
    _outcomes: Iterator[Outcome] | None = None
    over: bool = False

    def take(self, function: str, number: int, asked: bytes | None) -> Outcome | None:
        """What came of the check's call of that number; None where it is to be made now. Raises CallEnded as `Bench.calls`."""
        at = number - self.foreseen.first
        if self.over or at < 0:
            return None
        same = at == self._taken < len(self.foreseen.rows) and function == self.foreseen.function
        if not same or asked != self.foreseen.asked[at]:
            self.over = True
            return None
        if self._outcomes is None:
            wired = [[to_wire(a) for a in row] for row in self.foreseen.rows]
            seeds = [self.seeds(number + i) for i in range(len(wired))]
            self._outcomes = iter(self.bench.calls(function, wired, seeds))
        self._taken += 1
        self.bench.let_go()  # a check holds one at a time
        outcome = next(self._outcomes, None)
        self.over = outcome is None
        return outcome
