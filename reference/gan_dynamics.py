"""Simultaneous gradient descent and ascent on V(d, g) = d g (Assignment 3 (2020), question 6).

d ascends and g descends with one learning rate, both from the same point, so (d, g) is multiplied by a matrix.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray


def update_matrix(lr: float | sympy.Symbol) -> NDArray[Any]:
    """A (2, 2) with (d, g) after a step = A (d, g); dtype object where lr is a SymPy symbol (question 6.1)."""
    return np.array([[1, lr], [-lr, 1]])


def stationary_point() -> NDArray[np.float64]:
    """The (d, g), an array (2,), where both derivatives of V vanish (question 6.2)."""
    return np.zeros(2)


def eigenvalues(lr: float) -> NDArray[np.complex128]:
    """Both eigenvalues (2,) of `update_matrix(lr)` (question 6.3)."""
    return np.array([1 + 1j * lr, 1 - 1j * lr])


def radius(k: int, lr: float, d0: float, g0: float) -> float:
    """Distance of (d, g) from the stationary point after k steps from (d0, g0) (question 6.3)."""
    return math.hypot(d0, g0) * math.sqrt(1 + lr**2) ** k


def long_run() -> str:
    """What (d, g) does as the number of steps grows, for any lr > 0: "diverges" (question 6.3)."""
    return "diverges"
