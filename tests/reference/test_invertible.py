"""The reference of `invertible` against mpmath, autograd, SymPy and round trips."""

from __future__ import annotations

import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
import sympy
import torch

from reference.invertible import (
    log_odds_mixture,
    log_odds_mixture_derivative,
    radial_inverse,
    radius_derivative_formula,
    relu_witness,
    residual_inverse,
)

MIXTURE = np.array([0.25, 0.5, 0.25]), np.array([2.0, 0.5, 1.25]), np.array([0.0, -1.0, 3.0])


@pytest.mark.parametrize("a", [-2.0, 0.0, 1.0])
@pytest.mark.parametrize("b", [-4.0, 0.0, 0.5])
@pytest.mark.parametrize("c", [-1.0, 0.0, 3.0])
def test_two_numbers_with_one_image(a: float, b: float, c: float) -> None:
    z1, z2 = relu_witness(a, b, c)
    assert z1 != z2
    assert a * max(0.0, b * z1 + c) == a * max(0.0, b * z2 + c)


def log_odds(z: mpmath.mpf) -> mpmath.mpf:
    """g at many digits, as the problem defines it."""
    parts = [w / (1 + mpmath.exp(-(a * z + b))) for w, a, b in zip(*MIXTURE, strict=True)]
    f = mpmath.fsum(parts)
    return mpmath.log(f / (1 - f))


@pytest.mark.parametrize("z", [-700.0, -40.0, -1.5, 0.0, 0.25, 6.0, 700.0])
def test_log_odds_and_their_derivative_at_a_thousand_digits(z: float) -> None:
    with mpmath.workdps(1000):
        value, slope = log_odds(mpmath.mpf(z)), mpmath.diff(log_odds, mpmath.mpf(z))
    assert log_odds_mixture(z, *MIXTURE) == pytest.approx(float(value), rel=1e-13)
    assert log_odds_mixture_derivative(z, *MIXTURE) == pytest.approx(float(slope), rel=1e-12)
    assert slope > 0


RESIDUALS: list[Callable[[float], float]] = [
    lambda z: 0.0,
    lambda z: -0.949 * z,
    lambda z: 50 * math.tanh(z),
    lambda z: -0.9 * math.sin(z),
    lambda z: z**3 / 4,
]


@pytest.mark.parametrize("f", RESIDUALS)
@pytest.mark.parametrize("z", [-30.0, -0.5, 0.0, 1.25, 12.0])
def test_residual_round_trip(f: Callable[[float], float], z: float) -> None:
    assert residual_inverse(f, z + f(z)) == pytest.approx(z, abs=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_radial_round_trip(seed: int) -> None:
    rng = np.random.default_rng(seed)
    D, alpha = 1 + seed % 4, float(rng.uniform(0.1, 3))
    beta = float(rng.uniform(-0.999 * alpha, 4))
    z, z0 = rng.normal(size=D), rng.normal(size=D)
    y = z + beta / (alpha + np.linalg.norm(z - z0)) * (z - z0)
    assert radial_inverse(y, z0, alpha, beta) == pytest.approx(z, abs=1e-10)


def test_the_centre_stays_where_it_is() -> None:
    centre = np.array([0.5, -2.0])
    for beta in (-0.999, 0.0, 3.0):
        assert np.array_equal(radial_inverse(centre, centre, 1.0, beta), centre)


def test_the_radius_derivative_is_that_of_the_radius() -> None:
    r = sympy.Symbol("r", nonnegative=True)
    alpha, beta = sympy.Symbol("alpha", positive=True), sympy.Symbol("beta", real=True)
    formula = radius_derivative_formula(r, alpha, beta)
    assert sympy.simplify(formula - sympy.diff(r + beta * r / (alpha + r), r)) == 0
    # The smallest value over r >= 0, at r = 0, is positive just for beta > -alpha.
    assert sympy.simplify(formula.subs(r, 0) - (1 + beta / alpha)) == 0


def test_the_radius_derivative_by_autograd() -> None:
    r = torch.tensor(0.75, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(r + -0.5 * r / (1.25 + r), r)
    due = radius_derivative_formula(sympy.Rational(3, 4), sympy.Rational(5, 4), sympy.Rational(-1, 2))
    assert float(slope) == pytest.approx(float(due), abs=1e-15)
