"""The IWAE reference against exact enumeration and 50 digits."""

from __future__ import annotations

from itertools import product

import mpmath
import numpy as np
import pytest

from reference.iwae import exact_bound, iwae_bound


@pytest.mark.parametrize("scale", [1.0, 1e2, 1e4])
@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (2, 7)])
def test_the_bound_is_that_of_fifty_digits(shape: tuple[int, int], scale: float) -> None:
    log_w = np.random.default_rng(0).uniform(-scale, scale, shape)
    with mpmath.workdps(50):
        due = [float(mpmath.log(sum(mpmath.exp(mpmath.mpf(w)) for w in row) / len(row))) for row in log_w]
    assert iwae_bound(log_w) == pytest.approx(due, rel=1e-14)


@pytest.mark.parametrize("seed", range(4))
def test_bounds_rise_with_k_to_the_log_evidence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    joint, q = rng.uniform(0.05, 1, 3), rng.dirichlet(np.ones(3))
    bounds = [exact_bound(joint, q, K) for K in range(1, 6)]
    assert bounds[0] == pytest.approx(q @ np.log(joint / q))
    assert (np.diff(bounds) > 0).all()
    assert bounds[-1] < np.log(joint.sum())


def test_the_posterior_makes_every_bound_tight() -> None:
    joint = np.array([0.1, 0.3, 0.05])
    for K in (1, 2, 4):
        assert exact_bound(joint, joint / joint.sum(), K) == pytest.approx(np.log(joint.sum()))


def test_two_cells_by_hand() -> None:
    joint, q = np.array([0.2, 0.3]), np.array([0.5, 0.5])
    w = joint / q
    due = sum(np.log((a + b) / 2) for a, b in product(w, w)) / 4
    assert exact_bound(joint, q, 2) == pytest.approx(due)
