"""The reference of `iwae_refined` in exact fractions, by its other definition, and the order of the bounds."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from reference.iwae_refined import bound, refined_proposal

TABLES = [
    ([Fraction(1, 8), Fraction(3, 8)], [Fraction(1, 2), Fraction(1, 2)]),
    ([Fraction(1, 4), Fraction(1, 8), Fraction(1, 16)], [Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)]),
    ([Fraction(1, 64), Fraction(1, 4), Fraction(1, 8)], [Fraction(1, 2), Fraction(3, 8), Fraction(1, 8)]),
]


def resampled(joint: list[Fraction], q: list[Fraction], K: int) -> list[Fraction]:
    """The law of one of K draws from q, chosen in proportion to the weights: the same law, defined otherwise."""
    law = [Fraction(0)] * len(q)
    for cells in product(range(len(q)), repeat=K):
        weights = [joint[z] / q[z] for z in cells]
        chance = math.prod(q[z] for z in cells)
        for z, weight in zip(cells, weights, strict=True):
            law[z] += chance * weight / sum(weights)
    return law


def arrays(table: tuple[list[Fraction], list[Fraction]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(table[0], dtype=float), np.array(table[1], dtype=float)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("K", [1, 2, 3, 4])
def test_it_is_the_law_of_importance_resampling(table: tuple[list[Fraction], list[Fraction]], K: int) -> None:
    due = resampled(*table, K)
    assert sum(due) == 1
    assert refined_proposal(*arrays(table), K) == pytest.approx(np.array(due, dtype=float), abs=1e-15)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("K", [2, 3, 4])
def test_the_bounds_stand_in_the_order_of_the_problem(
    table: tuple[list[Fraction], list[Fraction]], K: int
) -> None:
    joint, q = arrays(table)
    evidence = math.log(joint.sum())
    refined = bound(joint, refined_proposal(joint, q, K))
    assert bound(joint, q) < bound(joint, q, K) < refined < evidence


def test_one_sample_gives_q_many_give_the_posterior_and_the_posterior_stays() -> None:
    joint, q = arrays(TABLES[1])
    posterior = joint / joint.sum()
    assert refined_proposal(joint, q, 1) == pytest.approx(q, abs=1e-15)
    apart = [np.abs(refined_proposal(joint, q, K) - posterior).max() for K in (1, 2, 4, 7)]
    assert apart == sorted(apart, reverse=True)
    assert apart[-1] < 0.25 * apart[0]
    assert refined_proposal(joint, posterior, 3) == pytest.approx(posterior, abs=1e-15)
    assert bound(joint, posterior, 2) == pytest.approx(math.log(joint.sum()), abs=1e-15)
