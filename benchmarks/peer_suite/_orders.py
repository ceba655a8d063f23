"""Tests for permutations and their matrices."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np

import reference.permutations

from ._values import plain, same, seeded, untouched

_EXAMPLES = ([2, 1], [2, 3, 1], [1, 4, 6, 5, 3, 2])


def _small() -> list[list[int]]:
    return [list(p) for n in range(1, 6) for p in permutations(range(1, n + 1))]


def _large() -> list[list[int]]:
    rng = seeded()
    return [[int(k) + 1 for k in rng.permutation(n)] for n in (17, 64, 199, 200)]


def _drawn(count: int) -> list[list[int]]:
    rng = seeded()
    return [[int(k) + 1 for k in rng.permutation(1 + n % 9)] for n in range(count)]


def inverse_examples(work: Any) -> None:
    """Three permutations."""
    for sigma in _EXAMPLES:
        same(work.inverse_permutation(sigma), reference.permutations.inverse_permutation(sigma))


def inverse_all_small(work: Any) -> None:
    """All permutations of up to five numbers."""
    for sigma in _small():
        same(work.inverse_permutation(sigma), reference.permutations.inverse_permutation(sigma))


def inverse_large(work: Any) -> None:
    """Up to 200 numbers."""
    for sigma in _large():
        same(work.inverse_permutation(sigma), reference.permutations.inverse_permutation(sigma))


def inverse_undoes(work: Any) -> None:
    """The inverse of the inverse is sigma."""
    for sigma in _drawn(30):
        inverse = [int(k) for k in plain(work.inverse_permutation(sigma), len(sigma))]
        assert all(sigma[k - 1] == i for i, k in enumerate(inverse, start=1))
        same(work.inverse_permutation(inverse), sigma)


def matrix_examples(work: Any) -> None:
    """Three permutations."""
    for sigma in _EXAMPLES:
        same(work.permutation_matrix(sigma), reference.permutations.permutation_matrix(sigma))


def matrix_all_small(work: Any) -> None:
    """All permutations of up to five numbers."""
    for sigma in _small():
        same(work.permutation_matrix(sigma), reference.permutations.permutation_matrix(sigma))


def matrix_large(work: Any) -> None:
    """Up to 200 numbers."""
    for sigma in _large():
        same(work.permutation_matrix(sigma), reference.permutations.permutation_matrix(sigma))


def matrix_theorem(work: Any) -> None:
    """P of the inverse is the transpose and the inverse of P."""
    for sigma in _drawn(30):
        n = len(sigma)
        P = plain(work.permutation_matrix(sigma), n, n)
        Q = plain(work.permutation_matrix([int(i) + 1 for i in np.argsort(sigma)]), n, n)
        same(P @ Q, np.eye(n))
        same(Q, P.T)
        assert abs(abs(np.linalg.det(P)) - 1) < 0.5


def matrix_acts(work: Any) -> None:
    """P (1, ..., n) is sigma."""
    for sigma in _drawn(20):
        n = len(sigma)
        same(plain(work.permutation_matrix(sigma), n, n) @ np.arange(1.0, n + 1), sigma)


def inverse_input_unchanged(work: Any) -> None:
    """Inverting leaves sigma as it was."""
    for sigma in ([2, 1], [2, 3, 4, 1]):
        untouched(work.inverse_permutation, sigma)


def matrix_input_unchanged(work: Any) -> None:
    """Making the matrix leaves sigma as it was."""
    for sigma in ([2, 1], [2, 3, 4, 1]):
        untouched(work.permutation_matrix, sigma)


PERMUTATIONS = (
    inverse_examples,
    inverse_all_small,
    inverse_large,
    inverse_undoes,
    matrix_examples,
    matrix_all_small,
    matrix_large,
    matrix_theorem,
    matrix_acts,
    inverse_input_unchanged,
    matrix_input_unchanged,
)
