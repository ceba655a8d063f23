"""Second looks at a failure, each in a worker that has seen no other call.

A failure that repeats is the answer's; one that does not is said to depend on earlier calls, or on chance, and both
outputs are shown. The verdict stays: a function that answers the same call differently is not right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.bank import Row, freeze
from grader.exam._answer import Answer
from grader.exam._bench import Bench
from grader.exam._outcomes import CheckEnded, WrongAnswer
from grader.exam._render import shown
from grader.exam._student import Student

Run = Callable[[Row, Student], CheckEnded | None]
"""Puts one row to a view of the hand-in."""


@dataclass(frozen=True)
class Repeat:
    """How to put a row to the hand-in again: in a fresh worker, with the seeds of the first time."""

    bench: Bench
    run: Run
    student: Callable[[], Student]
    first_call: int
    """Calls that the check had made before this row; seeds are counted from there."""

    def __call__(self, row: Row) -> tuple[CheckEnded | None, Student] | None:
        """How the row ended in a fresh worker, and what was answered; None where loading one is too slow."""
        if not self.bench.fresh():
            return None
        student = self.student()
        student.calls_made = self.first_call
        return self.run(row, student), student

    def same(self, row: Row, ended: CheckEnded) -> CheckEnded | None:
        """How a row ended in a fresh worker, where that was exactly so; else None.

        What is said of an error is then what the fresh worker said, which has no other topic's inputs to tell of.
        """
        again = self(row)
        return again[0] if again is not None and _same(ended, again[0]) else None

    def confirms(self, row: Row, ended: CheckEnded) -> bool:
        """Whether a row ends with this verdict in a fresh worker, too, as far as can be told."""
        again = self(row)
        return again is None or (again[0] is not None and again[0].verdict is ended.verdict)

    def doubt(self, row: Row, ended: CheckEnded) -> str:
        """What repeats say against a failure, as a clause for its message; empty where it repeats as it was.

        Sets `ended.got` to both outputs where they differ, and `ended.why` to what a fresh worker said.
        """
        again = self(row)
        if again is None:
            return ""
        if again[0] is not None and _same(ended, again[0]):
            ended.why = again[0].why
            return ""
        other, student = again
        first, second = _output(ended), _other_output(ended, other, student)
        if isinstance(ended, WrongAnswer) and first != second:
            ended.got = f"{first}; in a fresh process {second}"
        third = self(row)
        if third is not None and not _same_end(other, third[0]):
            return f"; nondeterministic: the same call gave {first}, and in a fresh process {second}"
        if other is None:
            return "; in a fresh process the same call is right, so the answer depends on earlier calls"
        return f"; in a fresh process the same call gives {second}, so the answer depends on earlier calls"


def _same_end(one: CheckEnded | None, other: CheckEnded | None) -> bool:
    return (one is None and other is None) or (one is not None and _same(one, other))


def _same(one: CheckEnded, other: CheckEnded | None) -> bool:
    if other is None or one.verdict is not other.verdict:
        return False
    if not isinstance(one, WrongAnswer) or not isinstance(other, WrongAnswer):
        return True
    if one.answer is None or other.answer is None:
        return one.answer is other.answer
    return _content(one.answer) == _content(other.answer)


def _content(answer: Answer) -> object:
    try:
        return freeze(answer.value)
    except TypeError:
        return shown(answer.value)


def _output(ended: CheckEnded) -> str:
    if isinstance(ended, WrongAnswer):
        if isinstance(ended.got, str):
            return ended.got
        return shown(ended.answer.value) if ended.answer is not None else "another result"
    return ended.why


def _other_output(ended: CheckEnded, other: CheckEnded | None, student: Student) -> str:
    """What the repeat answered to the call that failed before."""
    if other is not None:
        return _output(other)
    answer = ended.answer if isinstance(ended, WrongAnswer) else None
    same = [a for a in student.trace if answer is not None and a.text == answer.text.removesuffix(answer.part)]
    if not same:
        return "a right answer"
    value = same[-1].value
    try:
        index = int(answer.part.strip("[]")) if answer is not None and answer.part else None
        return shown(value if index is None else value[index])
    except (ValueError, LookupError, TypeError):
        return shown(value)
