"""The reference of `elbo` against exact logarithms, and the claim about amortization against an exhaustive search."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import mpmath
import numpy as np
import pytest

from reference.elbo import elbo, larger_gap, posterior_gap


def tables(seed: int) -> tuple[list[Fraction], list[Fraction]]:
    """p(x, .) and q of 1 to 5 values as fractions."""
    rng = np.random.default_rng(seed)
    m = 1 + seed % 5
    counts = [int(c) for c in rng.integers(1, 9, m)]
    return [Fraction(int(c), 64) for c in rng.integers(1, 12, m)], [Fraction(c, sum(counts)) for c in counts]


@pytest.mark.parametrize("seed", range(10))
def test_bound_and_gap_at_fifty_digits(seed: int) -> None:
    joint, q = tables(seed)
    with mpmath.workdps(50):
        bound = mpmath.fsum(w * mpmath.log(p / w) for p, w in zip(map(mpf, joint), map(mpf, q), strict=True))
        gap = mpmath.log(mpf(sum(joint))) - bound
        arrays = np.array(joint, dtype=float), np.array(q, dtype=float)
        assert elbo(*arrays) == pytest.approx(float(bound), abs=1e-13)
        assert posterior_gap(*arrays) == pytest.approx(float(gap), abs=1e-13)


def mpf(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator


def test_the_bound_is_tight_at_the_posterior_and_nowhere_else() -> None:
    joint = np.array([0.125, 0.25, 0.125])
    posterior = joint / joint.sum()
    assert posterior_gap(joint, posterior) == pytest.approx(0, abs=1e-15)
    assert elbo(joint, posterior) == pytest.approx(math.log(0.5), abs=1e-15)
    assert posterior_gap(joint, np.full(3, 1 / 3)) > 1e-2


def test_zero_masses() -> None:
    joint = np.array([0.5, 0.0, 0.25])
    assert elbo(joint, np.array([1.0, 0.0, 0.0])) == pytest.approx(math.log(0.5))
    assert elbo(joint, np.array([0.5, 0.5, 0.0])) == -math.inf
    assert posterior_gap(joint, np.array([0.5, 0.5, 0.0])) == math.inf


def test_the_gap_of_one_law_for_all_x_is_at_least_that_of_a_law_for_each() -> None:
    joints = [np.array([0.05, 0.35]), np.array([0.3, 0.1])]
    family = [np.array([w, 1 - w]) for w in np.linspace(0.05, 0.95, 19)]
    # The coarsest encoder that there is: the same law whatever x.
    shared = max(family, key=lambda q: sum(elbo(joint, q) for joint in joints))
    each = [max(family, key=lambda q: elbo(joint, q)) for joint in joints]
    for joint, own in zip(joints, each, strict=True):
        assert posterior_gap(joint, shared) > posterior_gap(joint, own)
    assert larger_gap() == "amortized"


@pytest.mark.parametrize("weights", list(product([0.0, 0.25, 0.75], repeat=2)))
def test_bound_and_gap_add_up_to_the_evidence(weights: tuple[float, float]) -> None:
    joint, q = np.array([0.2, 0.1, 0.4]), np.array([*weights, 2 - sum(weights)]) / 2
    assert elbo(joint, q) + posterior_gap(joint, q) == pytest.approx(math.log(0.7), abs=1e-14)
