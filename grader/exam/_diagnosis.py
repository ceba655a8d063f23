"""Which known misconception a wrong answer is: the one that agrees with it on the whole corpus."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader import judge
from grader.bank import Rng, Variant
from grader.exam._student import Answer
from grader.sandbox import Expression, ExpressionMatrix

_CLOSE = 1e-5
"""Slips are recognised by their values, and students may compute in float32."""


def matching_slip(trace: Sequence[Answer], variants: Sequence[Variant]) -> str:
    """Title of the slip whose values equal all that the student answered, or an empty string.

    Only functions whose calls can be repeated here count: no generator, no symbolic answers. Where the answers
    are also those of a known right variant, the corpus cannot tell the slip from it, and none is named.
    """
    for slip in variants:
        if not slip.correct and _explains(slip, trace):
            right = (v for v in variants if v.correct and v.of == slip.of)
            if not any(_explains(variant, trace) for variant in right):
                return slip.title
    return ""


def _explains(variant: Variant, trace: Sequence[Answer]) -> bool:
    answers = [a for a in trace if a.function == variant.of and not a.part]
    return bool(answers) and all(map(_repeatable, answers)) and _same(answers, variant.function)


def _repeatable(answer: Answer) -> bool:
    return not isinstance(answer.value, Expression | ExpressionMatrix) and not any(
        isinstance(a, Rng) for a in answer.arguments
    )


def _same(answers: Sequence[Answer], slip: Callable[..., Any]) -> bool:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return all(_alike(_called(slip, a), a.value) for a in answers)
        except Exception:  # noqa: BLE001 - a slip that fails where the student answered is another slip
            return False


def _called(slip: Callable[..., Any], answer: Answer) -> object:
    arguments = copy.deepcopy(answer.arguments)
    return slip(*arguments) if answer.through is None else answer.through(slip, *arguments)


def _alike(mine: object, theirs: object) -> bool:
    if isinstance(mine, tuple):
        if not isinstance(theirs, list | tuple) or len(theirs) != len(mine):
            return False
        return all(_alike(m, t) for m, t in zip(mine, theirs, strict=True))
    if isinstance(mine, str) or isinstance(theirs, str):
        return mine == theirs
    want = np.asarray(mine)
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
