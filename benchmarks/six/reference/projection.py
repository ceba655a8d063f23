"""Projection onto a segment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def project(y: NDArray[np.float64], a: float) -> NDArray[np.float64]:
    """The point of {x : x1 = a, 0 <= x2 <= 1} closest to y (2,)."""
    return np.array([a, min(max(y[1], 0.0), 1.0)])
