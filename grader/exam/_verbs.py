"""The verbs of check authors: what to say about an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader import judge
from grader.exam._answer import Answer
from grader.exam._outcomes import WrongAnswer

SAFETY = 16.0
"""Right float32 answers were seen to use at most a tenth of what this factor allows."""


def agree(
    answer: Answer,
    expected: Callable[..., Any] | object,
    *,
    part: int | None = None,
    tolerance: float | None = None,
    why: str = "",
) -> None:
    """The answer equals what `expected` gives for the same arguments (or the value `expected`).

    The tolerance follows from the precision in which the answer came and from how strongly the reference
    reacts to rounding of these very arguments; with a plain value, from the precision alone. Tuples are
    compared part by part, text as text, masks as masks. Infinities and imaginary parts pass only where
    some are due. part: what is due is this part of the tuple that `expected` gives. Raises WrongAnswer.
    """
    want: Any = _want(answer, expected) if callable(expected) else expected
    if part is not None:
        _agree(answer, want[part], _Expected(expected, part) if callable(expected) else None, tolerance, why)
    elif isinstance(want, tuple):
        for i, one in enumerate(answer.parts(len(want))):
            _agree(one, want[i], _Expected(expected, i) if callable(expected) else None, tolerance, why)
    else:
        _agree(answer, want, _Expected(expected) if callable(expected) else None, tolerance, why)


@dataclass(frozen=True)
class _Expected:
    """The function that gives what is due, or one part of it."""

    function: Callable[..., Any]
    part: int | None = None

    def __call__(self, *arguments: object) -> Any:
        result = self.function(*arguments)
        return result if self.part is None else result[self.part]


def _want(answer: Answer, expected: Callable[..., Any]) -> Any:
    arguments = answer.arguments
    recall = answer.student.memo.recall
    return recall(expected, arguments, "value", lambda: expected(*arguments), asked=answer.asked)


def _agree(
    answer: Answer, want: Any, function: _Expected | None, tolerance: float | None, why: str
) -> None:
    try:
        _compare(answer, want, function, tolerance, why)
    except WrongAnswer as wrong:
        if wrong.expected is None:
            wrong.expected = want
        raise


def _compare(
    answer: Answer, want: Any, function: _Expected | None, tolerance: float | None, why: str
) -> None:
    if isinstance(want, str):
        if answer.label().strip() != want:
            raise WrongAnswer(why or f"{want} is due", answer=answer, expected=want)
        return
    target = np.asarray(want)
    if target.dtype == np.bool_:
        mask = answer.boolean_array(*target.shape)
        if not np.array_equal(mask, target):
            raise WrongAnswer(why or _first_difference(mask, target), answer=answer, expected=target)
        return
    got = answer.canonical(
        *target.shape, finite=bool(np.isfinite(target).all()), complex_ok=target.dtype.kind == "c"
    )
    allowed = _allowed(answer, target, function, tolerance, got.unit_roundoff)
    comparison = judge.compare(got, target, allowed)
    if not comparison.ok and tolerance is None and got.unit_roundoff < judge.SINGLE:
        # Numbers computed in single precision often come as double ones: `.item()`, `.tolist()`, a mixed array.
        allowed = _allowed(answer, target, function, None, judge.SINGLE)
        comparison = judge.compare(got, target, allowed)
        if comparison.ok:
            answer.student.note("the values are accurate to single precision only")
    answer.student.measured(comparison.share, 1.0)
    if not comparison.ok:
        raise WrongAnswer(
            why or _first_difference(got.array, target, comparison.where),
            answer=answer,
            expected=want,
            difference=comparison.difference,
            tolerance=float(np.max(allowed, initial=0.0)),
        )


def _allowed(
    answer: Answer,
    target: np.ndarray,
    function: _Expected | None,
    tolerance: float | None,
    roundoff: float,
) -> Any:
    if tolerance is not None:
        return tolerance
    if function is not None:
        return answer.student.memo.recall(
            function.function,
            answer.arguments,
            ["tolerance", function.part, roundoff],
            lambda: judge.perturbation_tolerance(function, answer.arguments, roundoff),
            asked=answer.asked,
        )
    scale = float(np.max(np.abs(target), initial=0.0))
    return SAFETY * roundoff * (scale if np.isfinite(scale) else 1.0)


def _first_difference(got: np.ndarray, want: np.ndarray, where: tuple[int, ...] | None = None) -> str:
    if want.ndim == 0:
        return "the value differs from the expected one"
    if where is None:
        where = tuple(int(i) for i in np.argwhere(got != want)[0])
    index = ", ".join(map(str, where))
    return f"entry [{index}] is {got[where].item()!r}, not {want[where].item()!r}"


def holds(
    condition: object,
    why: str,
    *,
    answer: Answer | None = None,
    expected: object = None,
    difference: float | None = None,
    tolerance: float | None = None,
) -> None:
    """A condition that a right answer fulfils. `why` says what is wrong when it does not. Raises WrongAnswer."""
    if not bool(condition):
        raise WrongAnswer(why, answer=answer, expected=expected, difference=difference, tolerance=tolerance)


def unchanged(answer: Answer) -> None:
    """The call did not modify its arguments. Raises WrongAnswer naming those it did."""
    answer.student.unjudged.append(answer)
    if answer.mutated:
        names = answer.student.parameters.get(answer.function, ())
        changed = [names[i] if i < len(names) else f"argument {i + 1}" for i in answer.mutated]
        raise WrongAnswer(
            f"the call changed its argument {', '.join(changed)} in place; work on a copy",
            answer=answer,
            expected="arguments as they were",
            got="arguments changed",
            in_place=True,
        )
