"""The log-derivative identity by SymPy, and the estimator's mean by exact enumeration."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy
import torch
from sympy import exp, log, oo, pi

from grader.judge import all_samples
from reference.log_derivative import exact_gradient, score_gradient

z = sympy.Symbol("z", real=True)
c0, c1, c2 = sympy.symbols("c0 c1 c2", real=True)
LOG_H = c0 + c1 * z + c2 * z**2


@pytest.mark.parametrize("law", ["exponential", "normal mean", "normal deviation"])
def test_the_identity_for_any_quadratic_log_h(law: str) -> None:
    rate, mean, sigma = (
        sympy.Symbol("l", positive=True),
        sympy.Symbol("mu", real=True),
        sympy.Symbol("s", positive=True),
    )
    phi, log_q, start = {
        "exponential": (rate, log(rate) - rate * z, sympy.S.Zero),
        "normal mean": (mean, -log(2 * pi) / 2 - (z - mean) ** 2 / 2, -oo),
        "normal deviation": (sigma, -log(2 * pi) / 2 - log(sigma) - z**2 / (2 * sigma**2), -oo),
    }[law]
    q = exp(log_q)

    def integral(polynomial: sympy.Expr) -> sympy.Expr:
        terms = sympy.expand(polynomial).as_ordered_terms()
        return sympy.Add(*(sympy.integrate(sympy.expand(t) * q, (z, start, oo)) for t in terms))

    bound = integral(LOG_H - log_q)
    right = integral(sympy.diff(log_q, phi) * (LOG_H - log_q))
    assert sympy.simplify(integral(sympy.S.One)) == 1
    assert sympy.simplify(sympy.diff(bound, phi) - right) == 0


def test_the_identity_for_any_law_on_three_cells() -> None:
    phi = sympy.Symbol("phi", real=True)
    first, second = sympy.Function("q1")(phi), sympy.Function("q2")(phi)
    q = [first, second, 1 - first - second]
    h = sympy.symbols("h1:4", positive=True)
    bound = sympy.Add(*(p * (log(g) - log(p)) for p, g in zip(q, h, strict=True)))
    right = sympy.Add(*(p * sympy.diff(log(p), phi) * (log(g) - log(p)) for p, g in zip(q, h, strict=True)))
    assert sympy.expand(sympy.diff(bound, phi) - right) == 0


def softmax_table(seed: int, m: int) -> tuple[torch.Tensor, np.ndarray, np.ndarray, np.ndarray]:
    """phi (m,), and q (m,), scores (m, m), log h (m,) of the softmax law."""
    rng = np.random.default_rng(seed)
    phi = torch.tensor(rng.normal(size=m), requires_grad=True)
    q = torch.softmax(phi, dim=0).detach().numpy()
    return phi, q, np.eye(m) - q, rng.normal(size=m)


@pytest.mark.parametrize("m", [2, 3, 4])
def test_the_exact_gradient_is_that_of_autograd(m: int) -> None:
    phi, q, score, log_h = softmax_table(m, m)
    law = torch.softmax(phi, dim=0)
    bound = (law * (torch.tensor(log_h) - torch.log(law))).sum()
    (gradient,) = torch.autograd.grad(bound, phi)
    assert exact_gradient(q, score, log_h) == pytest.approx(gradient.numpy(), abs=1e-12)


@pytest.mark.parametrize(("m", "n"), list(product((2, 3, 4), (1, 2, 3, 4))))
def test_the_estimator_is_right_on_average(m: int, n: int) -> None:
    _, q, score, log_h = softmax_table(10 * m + n, m)
    samples = list(all_samples(q, n))
    assert len(samples) == m**n
    assert sum(weight for weight, _ in samples) == pytest.approx(1, abs=1e-12)
    mean = sum(weight * score_gradient(score[i], log_h[i], np.log(q[i])) for weight, i in samples)
    assert mean == pytest.approx(exact_gradient(q, score, log_h), abs=1e-12)


def test_a_mean_over_the_batch_as_baseline_shrinks_the_gradient_exactly() -> None:
    """Why the checks enumerate: with dyadic numbers the bias (n - 1)/n is exact in fractions."""
    q, score, weight = (
        [Fraction(1, 4), Fraction(3, 4)],
        [Fraction(3), Fraction(-1)],
        [Fraction(5), Fraction(-2)],
    )
    gradient = sum(p * s * w for p, s, w in zip(q, score, weight, strict=True))
    for n in (2, 3, 4):
        mean = Fraction(0)
        for cells in product(range(2), repeat=n):
            average = sum(weight[i] for i in cells) / n
            estimate = sum(score[i] * (weight[i] - average) for i in cells) / n
            mean += np.prod([q[i] for i in cells]) * estimate
        assert mean == gradient * Fraction(n - 1, n)
