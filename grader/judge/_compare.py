"""Entry by entry: does the answer lie within its tolerance of what is expected?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from grader.judge._canonical import Canonical


@dataclass(frozen=True)
class Comparison:
    """The outcome of one comparison; the worst entry speaks for all."""

    ok: bool
    difference: float
    """|got - expected| at the worst entry; infinite where one of the two is no finite number; 0 for empty arrays."""
    where: tuple[int, ...]
    """Index of the worst entry, the one furthest beyond its tolerance; () for a scalar or an empty array."""
    tolerance: float
    """What that entry was allowed."""
    share: float
    """The largest difference in units of what its entry was allowed: 1 is the border."""


def compare(got: Canonical, expected: ArrayLike, tolerance: ArrayLike) -> Comparison:
    """Compare arrays of one shape; `tolerance` is a number or broadcasts to that shape.

    Infinities match infinities of the same sign only, NaN matches nothing. Raises ValueError when the shapes
    differ (canonicalise first) or a tolerance is negative or NaN: both are mistakes of the caller.
    """
    due = np.asarray(expected)
    due = due.astype(np.complex128 if due.dtype.kind == "c" else np.float64, copy=False)
    if got.array.shape != due.shape:
        raise ValueError(f"shapes differ: {got.array.shape} came, {due.shape} is expected")
    allowed = np.asarray(tolerance, dtype=np.float64)
    if allowed.shape != due.shape:
        allowed = np.broadcast_to(allowed, due.shape)
    if not (allowed >= 0).all():
        raise ValueError("a tolerance is a number that is not negative")
    if due.size == 0:
        return Comparison(True, 0.0, (), 0.0, 0.0)
    if (got.array == due).all():  # most right answers equal the expected ones to the last bit
        first = (0,) * due.ndim
        return Comparison(True, 0.0, first, float(allowed[first]), 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        difference = np.abs(got.array - due)
        if not np.isfinite(difference).all():
            finite = np.isfinite(got.array) & np.isfinite(due)
            difference = np.where(finite, difference, np.where(got.array == due, 0.0, np.inf))
        within = difference <= allowed
        ok = bool(within.all() and not np.isinf(difference).any())
        excess = difference if ok else np.where(within, 0.0, difference - np.where(np.isfinite(allowed), allowed, 0.0))
        worst = int(np.argmax(excess)) if excess.any() else int(np.argmax(difference))
        where = tuple(int(i) for i in np.unravel_index(worst, due.shape))
        share = float(np.max(np.where(difference == 0, 0.0, difference / allowed)))
    return Comparison(ok, float(difference[where]), where, float(allowed[where]), share)
