"""Permutations of 1..n and their matrices: Homework 8 (2021), problems 3 and 4.

A permutation sigma is its one-line notation [sigma(1), ..., sigma(n)], with values from 1. Its matrix has the
rows e_sigma(1)^T, ..., e_sigma(n)^T, so that (P x)_i = x_sigma(i).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def inverse_permutation(sigma: Sequence[int]) -> list[int]:
    """One-line notation of the inverse: entry sigma(i) is i, both counted from 1 (problem 3)."""
    inverse = [0] * len(sigma)
    for i, value in enumerate(sigma, start=1):
        inverse[value - 1] = i
    return inverse


def permutation_matrix(sigma: Sequence[int]) -> NDArray[np.float64]:
    """The matrix (n, n) whose i-th row has its 1 in column sigma(i), both counted from 1 (problem 4)."""
    matrix = np.zeros((len(sigma), len(sigma)))
    matrix[np.arange(len(sigma)), np.asarray(sigma, dtype=np.int64) - 1] = 1.0
    return matrix
