"""The bound's reference against SymPy's integrals, differences of exact expectations, and quadrature over eps."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy
import torch
from numpy.polynomial.hermite_e import hermegauss

from reference.trainable_prior import (
    exact_gradients,
    kl_diag_gaussians,
    kl_integral,
    vlb_gradients,
    vlb_reparameterized,
    vlb_sampled,
)


def test_the_formula_for_one_dimension_is_the_integral() -> None:
    mu, z = sympy.symbols("mu z", real=True)
    v, v0 = sympy.symbols("v v0", positive=True)

    def density(m: Any, var: Any) -> Any:
        return sympy.exp(-((z - m) ** 2) / (2 * var)) / sympy.sqrt(2 * sympy.pi * var)

    ratio = sympy.expand_log(sympy.log(v0 / v) / 2) - (z - mu) ** 2 / (2 * v) + z**2 / (2 * v0)
    integral = sympy.integrate(sympy.expand(density(mu, v) * ratio), (z, -sympy.oo, sympy.oo))
    assert sympy.simplify(integral - kl_integral(mu, v, sympy.S.Zero, v0)) == 0


@pytest.mark.parametrize("seed", range(4))
def test_several_dimensions_add_up_exact_integrals(seed: int) -> None:
    rng = np.random.default_rng(seed)
    given = [rng.normal(size=3), rng.uniform(0.2, 3, 3), rng.normal(size=3), rng.uniform(0.2, 3, 3)]
    due = sum(float(kl_integral(*map(sympy.Float, row))) for row in zip(*given, strict=True))
    assert kl_diag_gaussians(*given) == pytest.approx(due, rel=1e-10)
    normal = torch.distributions.Normal
    q, r = (normal(torch.tensor(m), torch.tensor(v).sqrt()) for m, v in (given[:2], given[2:]))
    assert kl_diag_gaussians(*given) == pytest.approx(float(torch.distributions.kl_divergence(q, r).sum()))


def vlb(phi: np.ndarray, theta: np.ndarray, lam: np.ndarray) -> float:
    """The bound where q, log p and log r have three cells: q a softmax, the others linear."""
    q = np.exp(phi) / np.exp(phi).sum()
    return float(q @ (theta * np.arange(1.0, 4.0) + lam**2 - np.log(q)))


def test_exact_gradients_are_differences_of_the_exact_bound_and_the_mean_of_estimates() -> None:
    rng = np.random.default_rng(1)
    phi, theta, lam = rng.normal(size=(3, 3))
    q = np.exp(phi) / np.exp(phi).sum()
    log_p, log_r = theta * np.arange(1.0, 4.0), lam**2
    score, by_theta, by_lambda = np.eye(3) - q, np.diag(np.arange(1.0, 4.0)), np.diag(2 * lam)
    found = exact_gradients(q, score, by_theta, by_lambda, log_p, log_r)
    for place in range(3):
        for i, step in enumerate(1e-6 * np.eye(3)):
            up, down = ([phi, theta, lam] for _ in range(2))
            up[place], down[place] = up[place] + step, down[place] - step
            assert found[place][i] == pytest.approx((vlb(*up) - vlb(*down)) / 2e-6, abs=1e-8)
    mean = [np.zeros(3) for _ in range(3)]
    for cells in map(list, product(range(3), repeat=2)):
        rows = (score[cells], by_theta[cells], by_lambda[cells], log_p[cells], log_r[cells], np.log(q[cells]))
        for total, part in zip(mean, vlb_gradients(*rows), strict=True):
            total += np.prod(q[cells]) * part
    for got, due in zip(mean, found, strict=True):
        assert got == pytest.approx(due, abs=1e-12)


def test_both_estimates_of_the_bound_have_the_same_mean_gradient() -> None:
    nodes, weights = hermegauss(20)
    x, mu, var, m0, v0 = (torch.tensor(a, dtype=torch.float64) for a in ([0.5], [0.3], [0.7], [-0.2], [1.4]))
    eps = torch.tensor(nodes[:, None])
    share = weights / weights.sum()
    found = []
    for bound in (vlb_reparameterized, vlb_sampled):
        leaves = [t.clone().requires_grad_() for t in (mu, var, m0, v0)]
        value = sum(
            w * bound(x, *leaves[:2], lambda z: torch.cat([torch.sin(z)], 1), 0.5, *leaves[2:], e[None])
            for w, e in zip(share, eps, strict=True)
        )
        assert isinstance(value, torch.Tensor)
        found.append(torch.cat(torch.autograd.grad(value, leaves)))
    assert torch.allclose(found[0], found[1], atol=1e-9)


def test_the_bound_differs_from_its_distributions_by_a_constant_of_sigma_and_dimensions() -> None:
    gaps = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        x, mu, m0, eps = torch.randn(2), torch.randn(3), torch.randn(3), torch.randn(4, 3)
        var, v0, A = torch.rand(3) + 0.2, torch.rand(3) + 0.2, torch.randn(2, 3)
        normal = torch.distributions.Normal
        full = normal((mu + var.sqrt() * eps) @ A.T, 0.5).log_prob(x).sum(1).mean()
        full = full - torch.distributions.kl_divergence(normal(mu, var.sqrt()), normal(m0, v0.sqrt())).sum()
        gaps.append(float(full - vlb_reparameterized(x, mu, var, lambda z, A=A: z @ A.T, 0.5, m0, v0, eps)))
    assert gaps[0] == pytest.approx(gaps[1], abs=1e-4)
