"""Strategies for the values that checks draw. All shrink towards zero, small sizes and small dyadic numbers.

Numbers are multiples of 1/16, so that float32 and float64 hold them exactly: a right answer in single
precision is then judged on the same input.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STEP = 16


def reals(low: float = -4.0, high: float = 4.0) -> SearchStrategy[float]:
    """Multiples of 1/16 in [low, high]; shrinks towards 0 (or the bound nearest to it)."""
    return st.integers(int(np.ceil(low * _STEP)), int(np.floor(high * _STEP))).map(lambda k: k / _STEP)


def positive(high: float = 4.0, low: float = 1 / _STEP) -> SearchStrategy[float]:
    """Positive multiples of 1/16 up to `high`; shrinks towards 1."""
    around_one = st.integers(int(np.ceil(low * _STEP)) - _STEP, int(np.floor(high * _STEP)) - _STEP)
    return around_one.map(lambda k: (k + _STEP) / _STEP)


def nonzero(high: float = 4.0) -> SearchStrategy[float]:
    """Non-zero multiples of 1/16 of either sign up to `high`; shrinks towards 1."""
    return st.tuples(positive(high), st.sampled_from([1.0, -1.0])).map(lambda pair: pair[0] * pair[1])


def vectors(
    n: int | SearchStrategy[int], elements: SearchStrategy[float] | None = None
) -> SearchStrategy[Floats]:
    """Arrays (n,); `n` a number or a strategy for it."""
    items = reals() if elements is None else elements
    if isinstance(n, int):
        return st.lists(items, min_size=n, max_size=n).map(lambda row: np.array(row, dtype=np.float64))
    return n.flatmap(lambda size: vectors(size, items))


def arrays(
    shape: tuple[int, ...], elements: SearchStrategy[float] | None = None
) -> SearchStrategy[Floats]:
    """Arrays of a fixed shape."""
    size = int(np.prod(shape))
    return vectors(size, elements).map(lambda flat: flat.reshape(shape))


def bits(min_size: int = 0, max_size: int = 12) -> SearchStrategy[NDArray[np.int64]]:
    """Sequences of 0 and 1, as int64 arrays (n,)."""
    return st.lists(st.integers(0, 1), min_size=min_size, max_size=max_size).map(
        lambda row: np.array(row, dtype=np.int64)
    )


def probabilities() -> SearchStrategy[float]:
    """Multiples of 1/16 strictly between 0 and 1; shrinks towards 1/2."""
    return st.integers(-7, 7).map(lambda k: float(Fraction(k + 8, 16)))


def permutations(n: int | SearchStrategy[int]) -> SearchStrategy[tuple[int, ...]]:
    """Permutations of 0..n-1, 0-based; shrinks towards the identity."""
    if isinstance(n, int):
        return st.permutations(range(n)).map(tuple)
    return n.flatmap(permutations)


def permutation_matrices(n: int | SearchStrategy[int]) -> SearchStrategy[Floats]:
    """Permutation matrices (n, n)."""
    return permutations(n).map(lambda order: np.eye(len(order))[list(order)])
