"""The refined proposal behind the importance-weighted bound (Assignment 3 (2020), question 4).

For one observed x: `joint` (m,) holds p(x, z) > 0 for the m values of z, `q` (m,) > 0 a law of z.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def refined_proposal(joint: Floats, q: Floats, K: int) -> Floats:
    """q_K (m,) = E over z_2..z_K ~ q of p(x, z) / ((w(z) + w(z_2) + ... + w(z_K)) / K), w = p(x, .) / q.

    A law; by enumeration of all m**(K - 1) choices of the others.
    """
    weights = joint / q
    mean = sum(chance * joint / (weights + others) for chance, others in _sums(weights, q, K - 1))
    return np.asarray(K * mean)


def bound(joint: Floats, q: Floats, K: int = 1) -> float:
    """L_K[q], the importance-weighted bound on log p(x) with K samples; the evidence lower bound for K = 1."""
    every = _sums(joint / q, q, K)
    return float(sum(chance * np.log(total / K) for chance, total in every))


def _sums(weights: Floats, q: Floats, n: int) -> Iterator[tuple[float, float]]:
    """Probability and sum of weights of all choices of n independent values of z."""
    for cells in product(range(len(q)), repeat=n):
        yield float(np.prod(q[list(cells)])), float(np.sum(weights[list(cells)]))
