"""Projection onto the segment C = {x in R^2 : x1 = a, 0 <= x2 <= 1} (Homework 10 (2024), problem 2)."""

from __future__ import annotations

import numpy as np
import sympy
from numpy.typing import NDArray


def project(y: NDArray[np.float64], a: float) -> NDArray[np.float64]:
    """The point of C closest to y (2,), as an array (2,).

    An infinite y2 goes to the end of C on its side and a NaN in y2 stays NaN; y1 plays no part.
    """
    return np.array([a, np.minimum(np.maximum(y[1], 0.0), 1.0)])


def projection_formula(y1: sympy.Symbol, y2: sympy.Symbol, a: sympy.Symbol) -> tuple[sympy.Expr, sympy.Expr]:
    """Both components of the projection of (y1, y2), for real symbols."""
    return a, sympy.Min(sympy.Max(y2, 0), 1)
