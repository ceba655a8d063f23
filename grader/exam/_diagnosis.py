"""Which known misconception a wrong answer is: the one that agrees with it on the whole corpus."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from grader import judge
from grader.bank import Rng, Variant
from grader.exam._answer import Answer
from grader.exam._outcomes import CheckEnded, WrongAnswer
from grader.sandbox import Expression, ExpressionMatrix

_CLOSE = 1e-5
"""Slips are recognised by their values, and students may compute in float32."""


def suspects(ended: WrongAnswer, trace: Sequence[Answer], variants: Sequence[Variant]) -> tuple[Variant, ...]:
    """The slips whose values equal all that the student answered in a check; those of the function that failed first.

    One that changes its arguments may answer rightly: it is none where the student changed nothing. And where a change
    is what failed, it has to make one; else no known right variant may explain the answers, too. Only functions whose
    calls can be repeated here count: no generator, no symbolic answers.
    """
    failed = ended.answer.function if ended.answer is not None else ""
    found = []
    for variant in sorted(variants, key=lambda v: v.of != failed):
        answers = _of(variant, trace)
        if variant.correct or not _explains(variant, answers):
            continue
        if ended.in_place:
            told_apart = any(_changes(variant.function, a) for a in answers if a.mutated)
        else:
            right = (v for v in variants if v.correct and v.of == variant.of)
            told_apart = not any(_explains(v, answers) for v in right)
        if told_apart:
            found.append(variant)
    return tuple(found)


@dataclass(frozen=True)
class Suspicion:
    """A wrong answer: what is wrong, without its cause, and the slips that the check alone cannot tell from it."""

    why: str
    function: str
    """Whose answer was found wrong; empty where the check does not say."""
    answers: tuple[Answer, ...]
    slips: tuple[Variant, ...]

    def due_to(self, variant: Variant) -> bool:
        """Whether the function that failed may be that slip."""
        return self.function in ("", variant.of) and variant in self.slips


@dataclass
class Seen:
    """What a hand-in answered in the checks of a topic. A corpus may be too special to tell slips apart; all of them are not."""

    wrong: dict[str, Suspicion] = field(default_factory=dict)
    """By the check's id."""
    sure: list[Variant] = field(default_factory=list)
    """Slips as which a worker that had seen no other call answered, too."""
    _right: list[Answer] = field(default_factory=list)
    _unlooked: list[Callable[[], Sequence[Answer]]] = field(default_factory=list)

    def passed(self, trace: Callable[[], Sequence[Answer]]) -> None:
        """The answers that this gives are right; it is asked when somebody wants to know."""
        self._unlooked.append(trace)

    @property
    def right(self) -> list[Answer]:
        """All right answers of checks that passed."""
        for trace in self._unlooked:
            self._right += filter(_repeatable, trace())
        self._unlooked.clear()
        return self._right

    def failed(self, check: str, ended: CheckEnded, trace: Sequence[Answer], slips: tuple[Variant, ...]) -> None:
        """These are not, or some of them."""
        answer = ended.answer if isinstance(ended, WrongAnswer) else None
        function = answer.function if answer is not None else ""
        self.wrong[check] = Suspicion(ended.why, function, tuple(filter(_repeatable, trace)), slips)

    def cause(self, check: str) -> str:
        """Title of the slip that a failure is due to, or an empty string.

        Its function failed, here or, where this check compares several, in another one. It agrees with every right
        answer, and if there is such a one with all wrong ones, too: overflow in another precision, or a second
        mistake, may make a difference there.
        """
        failures = self.wrong.values()
        fair = [
            v
            for v in self.wrong[check].slips
            if any(s.due_to(v) for s in failures) and _same(_of(v, self.right), v.function)
        ]
        whole = (v for v in fair if all(_same(_of(v, s.answers), v.function) for s in failures))
        best = next(whole, fair[0] if fair else None)
        return best.title if best is not None else ""


def caused(why: str, slip: str) -> str:
    """The message of a failed check, with its cause where one is known."""
    return f'{why} (same as the known slip "{slip}")' if slip else why


def _of(variant: Variant, trace: Sequence[Answer]) -> list[Answer]:
    return [a for a in trace if a.function == variant.of and not a.part]


def _explains(variant: Variant, answers: Sequence[Answer]) -> bool:
    return bool(answers) and all(map(_repeatable, answers)) and _same(answers, variant.function)


def _repeatable(answer: Answer) -> bool:
    return not isinstance(answer.value, Expression | ExpressionMatrix) and not any(
        isinstance(a, Rng) for a in answer.arguments
    )


def _same(answers: Sequence[Answer], slip: Callable[..., Any]) -> bool:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return all(_answers_alike(slip, a) for a in answers)
        except Exception:  # noqa: BLE001 - a slip that fails where the student answered is another slip
            return False


def _answers_alike(slip: Callable[..., Any], answer: Answer) -> bool:
    if slip not in answer.alike:  # asked for a check's suspects, for causes, and for all causes of a topic
        value = _known(slip, answer, "slip", lambda: _asked(slip, answer)[0])
        answer.alike[slip] = _alike(value, answer.value) and (bool(answer.mutated) or not _changed(slip, answer))
    return answer.alike[slip]


def _changes(slip: Callable[..., Any], answer: Answer) -> bool:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return _changed(slip, answer)


def _changed(slip: Callable[..., Any], answer: Answer) -> bool:
    def compare() -> bool:
        return replace(answer, arguments=_asked(slip, answer)[1]).text != answer.text

    return bool(_known(slip, answer, "slip changes", compare))


def _asked(slip: Callable[..., Any], answer: Answer) -> tuple[object, tuple[object, ...]]:
    """What the slip answers, and its arguments afterwards."""
    arguments = copy.deepcopy(answer.arguments)
    value = slip(*arguments) if answer.through is None else answer.through(slip, *arguments)
    return value, arguments


def _known(slip: Callable[..., Any], answer: Answer, about: str, compute: Callable[[], object]) -> object:
    """The same for all hand-ins that were asked the same, and so computed once."""
    if answer.asked is None:
        return compute()
    return answer.student.memo.recall(slip, answer.arguments, about, compute, asked=answer.asked)


def _alike(mine: object, theirs: object) -> bool:
    if isinstance(mine, tuple):
        if not isinstance(theirs, list | tuple) or len(theirs) != len(mine):
            return False
        return all(_alike(m, t) for m, t in zip(mine, theirs, strict=True))
    if isinstance(mine, str) or isinstance(theirs, str):
        return mine == theirs
    want = np.asarray(mine.detach() if hasattr(mine, "detach") else mine)
    try:
        got = judge.as_array(theirs, want.shape, finite=False, complex_ok=want.dtype.kind == "c").array
    except judge.Mismatch:
        return _both_undefined(want, theirs)
    scale = max(1.0, float(np.max(np.abs(want[np.isfinite(want)]), initial=0.0)))
    return bool(np.allclose(got, want, rtol=_CLOSE, atol=_CLOSE * scale, equal_nan=True))


def _both_undefined(want: np.ndarray, theirs: object) -> bool:
    """NaN is no number for the judge, but a slip may well produce it, as `log` of a negative product does."""
    try:
        got = np.asarray(theirs, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    return got.size == want.size and bool(np.allclose(got.ravel(), want.ravel(), rtol=_CLOSE, equal_nan=True))
