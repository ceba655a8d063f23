"""Evidence that is drawn: what is too large to be read as numbers is plain to see as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from grader.exam._outcomes import CheckEnded, WrongAnswer

LEAST, MOST_ROWS = 25, 40
"""Fewer entries are shown in full as text; more rows or columns are too small to be seen, and too large to be kept."""
MOST_VALUES = 300
"""Of a group in a histogram, evenly taken; more would show the same."""
MOST_POINTS = 120
"""Of a curve."""


def images(caption: str, **named: ArrayLike) -> dict[str, object]:
    """Evidence for `student.record`: arrays (H, W), at most 40 by 40, drawn side by side on one scale."""
    rows = {name: _rows(np.asarray(value, dtype=np.float64)) for name, value in named.items()}
    return {"picture": {"kind": "images", "caption": caption, "images": rows}}


def histogram(
    caption: str,
    groups: Mapping[str, ArrayLike],
    *,
    label: str = "",
    curve: tuple[ArrayLike, ArrayLike] | None = None,
    curve_name: str = "density",
    threshold: float | None = None,
    least: float | None = None,
) -> dict[str, object]:
    """Evidence for `student.record`: one or two groups of numbers (n,), a curve (x, y) and a threshold over them.

    Values below `least` are drawn there. Three digits are kept, since no eye sees more.
    """
    picture: dict[str, object] = {"kind": "histogram", "caption": caption, "label": label}
    picture["groups"] = {name: _values(values, least) for name, values in groups.items()}
    if curve is not None:
        x, y = (np.asarray(part, dtype=np.float64) for part in curve)
        pairs = np.column_stack([x, y])[:: max(1, len(x) // MOST_POINTS)]
        picture |= {"curve": [_rounded(pair) for pair in pairs], "curve_name": curve_name}
    if threshold is not None:
        picture["threshold"] = float(f"{threshold:.4g}")
    return {"picture": picture}


def drawn(ended: CheckEnded) -> Mapping[str, object]:
    """The evidence `picture` for an answer that is a matrix of the shape expected, else nothing."""
    if not isinstance(ended, WrongAnswer) or ended.answer is None:
        return {}
    got = _matrix(ended.answer.value if ended.got is None else ended.got)
    expected = _matrix(ended.expected)
    if got is None or expected is None or got.shape != expected.shape:
        return {}
    return images("Expected and yours; the stronger, the larger", expected=expected, yours=got)


def _matrix(value: object) -> NDArray[np.float64] | None:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "bif" or value.size < LEAST:
        return None
    rows: NDArray[np.float64] = np.asarray(value, dtype=np.float64)
    while rows.ndim > 2 and rows.shape[0] == 1:
        rows = rows[0]
    if rows.ndim != 2 or not 2 <= min(rows.shape) <= max(rows.shape) <= MOST_ROWS:
        return None
    return rows


def _rows(value: NDArray[np.float64]) -> list[list[float | None]]:
    """What is not finite has no shade."""
    return [[float(f"{v:.6g}") if np.isfinite(v) else None for v in row] for row in value.tolist()]


def _values(values: ArrayLike, least: float | None) -> list[float]:
    every = np.sort(np.asarray(values, dtype=np.float64).ravel())
    kept = every if least is None else np.maximum(every, least)
    return _rounded(kept[:: -(-len(kept) // MOST_VALUES) or 1])


def _rounded(values: Sequence[float] | NDArray[np.float64]) -> list[float]:
    return [float(f"{v:.3g}") for v in values]
