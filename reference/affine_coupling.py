"""An affine coupling layer on a set of coordinates: Homework 8 (2021), problem 5.

For a set omega of k coordinates with 0 < k < n, z keeps x on omega, and on the other coordinates
z = exp(s(x_omega)) * x + t(x_omega). Both index sets are taken in ascending order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import sympy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Conditioner = Callable[[Floats], Floats]
"""Takes x on omega (k,), returns one number for each other coordinate (n-k,)."""


def coupling(x: Floats, omega: Sequence[int], s: Conditioner, t: Conditioner) -> tuple[Floats, float]:
    """z (n,) and log |det dz/dx| for x (n,); omega are ascending indices that count from 1.

    With the coordinates of omega first, dz/dx is block triangular with the identity and diag(exp(s)) on its
    diagonal; reordering the coordinates of x and z alike does not change the determinant.
    """
    kept = np.asarray(omega, dtype=np.int64) - 1
    others = np.setdiff1d(np.arange(len(x)), kept)
    scale = np.asarray(s(x[kept]))
    z = np.array(x, dtype=np.float64)
    z[others] = np.exp(scale) * x[others] + np.asarray(t(x[kept]))
    return z, float(np.sum(scale))


def log_abs_det_formula(s_values: Sequence[sympy.Symbol]) -> sympy.Expr:
    """log |det dz/dx| where s(x_omega) has the real values s_values (n-k of them)."""
    return sympy.Add(*s_values)
