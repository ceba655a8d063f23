"""Maximising over both arguments or over a partial maximum: Homework 8 (2021), problem 2.

If f(theta) = g(theta, phi) + h(theta, phi) with h >= 0 and min over phi of h = 0 for every theta, then
f(theta) = max over phi of g, and theta maximises f exactly where (theta, phi) maximises g for some phi.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def maximizers_of_f(g: NDArray[np.float64]) -> list[int]:
    """All maximisers of f, as sorted 0-based row numbers of the table g (T, F); ties are exact equality."""
    return [int(theta) for theta in np.flatnonzero(np.max(g, axis=1) == np.max(g))]
