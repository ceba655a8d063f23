"""Permutations and their matrices against SymPy's, and the theorem of problem 4 over all small ones."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from sympy.combinatorics import Permutation

from reference.permutations import inverse_permutation, permutation_matrix


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_every_small_permutation(n: int) -> None:
    vector = np.array([0.5, -1.0, 2.0, 7.0, 11.0])[:n]
    for sigma in permutations(range(1, n + 1)):
        theirs = Permutation([k - 1 for k in sigma])
        inverse = inverse_permutation(sigma)
        assert inverse == [k + 1 for k in (~theirs).array_form]
        assert [sigma[k - 1] for k in inverse] == list(range(1, n + 1))
        P = permutation_matrix(sigma)
        assert (P @ vector).tolist() == [vector[k - 1] for k in sigma]
        assert np.array_equal(P.T, permutation_matrix(inverse))
        assert np.array_equal(P @ P.T, np.eye(n))
        assert round(float(np.linalg.det(P))) == theirs.signature()


def test_the_permutation_of_the_homework() -> None:
    assert inverse_permutation([1, 4, 6, 5, 3, 2]) == [1, 6, 5, 2, 4, 3]


def test_the_empty_permutation() -> None:
    assert inverse_permutation([]) == []
    assert permutation_matrix([]).shape == (0, 0)
