"""Stochastic gradient descent for least squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sgd(A: Array, b: Array, order: list[int], x: Array, lr: float) -> Array:
    """x (d,) after a step of size lr along the gradient of (A[i] x - b[i])^2 / 2 for each i in order; A (n, d), b (n,)."""
    x = np.array(x, dtype=np.float64)
    for i in order:
        x -= lr * (A[i] @ x - b[i]) * A[i]
    return x
