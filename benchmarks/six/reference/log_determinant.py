"""The log-determinant of a matrix that is given by factors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def plu_log_abs_det(P: Array, L: Array, U: Array, s: Array) -> float:
    """log |det P L (U + diag s)| for a permutation P, unit lower triangular L, strictly upper triangular U, all (C, C)."""
    return float(np.log(np.abs(s)).sum())
