"""Ingredients of Glow: PLU-parametrised 1x1 convolutions and couplings (Homework 10 (2024), problem 4).

Throughout A = P L (U + diag s) with P a permutation matrix, L unit lower triangular and U strictly upper
triangular, all (C, C), and s (C,) without zeros. Arrays of SymPy expressions (dtype object) work as well
wherever no logarithm is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

Array = NDArray[Any]
Conditioner = Callable[[Array], Array]
"""Takes the first half (C, m, n) of the input, may read every pixel of it."""


def plu_log_abs_det(P: Array, L: Array, U: Array, s: Array) -> float:
    """log |det A|: P and L contribute a factor of absolute value 1 (problem 4a)."""
    return float(np.sum(np.log(np.abs(s))))


def plu_log_abs_det_formula(s: Sequence[sympy.Symbol]) -> sympy.Expr:
    """The same for nonzero real symbols s (problem 4a)."""
    return sympy.Add(*(sympy.log(sympy.Abs(x)) for x in s))


def reorder_jacobian(J: Array, order: Sequence[int]) -> Array:
    """The Jacobian J (n, n) of a map, for the vectorisation w[i] = v[order[i]] of input and output (problem 4b)."""
    return J[np.ix_(order, order)]


def conv1x1(x: Array, P: Array, L: Array, U: Array, s: Array) -> Array:
    """A applied to the channels of every pixel of x (C, m, n); the result has the same shape (problem 4c)."""
    return np.tensordot(P @ L @ (U + np.diag(s)), x, axes=1)


def conv1x1_log_abs_det_formula(
    s: Sequence[sympy.Symbol], m: sympy.Expr | int, n: sympy.Expr | int
) -> sympy.Expr:
    """log |det| of the Jacobian of `conv1x1` on images of m x n pixels (problem 4c)."""
    return m * n * plu_log_abs_det_formula(s)


def coupling(x: Array, P: Array, L: Conditioner, U: Conditioner, s: Conditioner) -> tuple[Array, float]:
    """z (2C, m, n) and log |dz/dx|: `conv1x1` of the second half, its L, U, s read from the first (problem 4d).

    The Jacobian is block triangular over the two halves, whichever pixels L, U and s read: the second half
    of z depends on the second half of x through one matrix A, the first half not at all.
    """
    C = len(P)
    first, second = x[:C], x[C:]
    scale = s(first)
    z = np.concatenate([first, conv1x1(second, P, L(first), U(first), scale)])
    pixels = first[0].size
    return z, pixels * float(np.sum(np.log(np.abs(scale))))
