"""The reference of `gaussian_sgd` against SymPy, adaptive quadrature, autograd and simulated runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import sympy
import torch
from scipy import integrate, optimize, stats

from checks.support import gaussian_objective
from reference import gaussian_sgd as reference

POINTS = [(0.5, 0.0), (-1.0, -0.75), (1.5, 0.5), (3.25, -0.5), (0.0, 0.25)]
X, MU, TAU = sympy.symbols("x mu tau", real=True)
CLOSED = (
    sympy.exp(-sympy.exp(2 * TAU) / 2) * (MU * sympy.sin(MU) + sympy.exp(2 * TAU) * sympy.cos(MU))
    + (MU - 1) ** 2 / 2
    + sympy.exp(TAU)
    - TAU
)


def expectation(f: Any, mu: float, tau: float) -> float:
    """E[f(X)] by adaptive quadrature."""
    density = stats.norm(mu, math.exp(tau)).pdf
    reach = 12 * math.exp(tau)
    return float(
        integrate.quad(lambda x: f(x) * density(x), mu - reach, mu + reach, epsabs=1e-13, limit=400)[0]
    )


def test_the_score_is_the_derivative_of_the_log_density() -> None:
    log_density = -sympy.log(2 * sympy.pi) / 2 - TAU - (X - MU) ** 2 * sympy.exp(-2 * TAU) / 2
    for formula, symbol in zip(reference.score_formula(X, MU, TAU), (MU, TAU), strict=True):
        assert sympy.expand(sympy.diff(log_density, symbol) - formula) == 0


@pytest.mark.parametrize(("mu", "tau"), POINTS)
def test_the_closed_form_of_the_objective_is_its_integral(mu: float, tau: float) -> None:
    due = expectation(lambda x: x * math.sin(x), mu, tau) + (mu - 1) ** 2 / 2 + math.exp(tau) - tau
    assert gaussian_objective.objective(mu, tau) == pytest.approx(due, abs=1e-10)


@pytest.mark.parametrize(("mu", "tau"), POINTS)
def test_first_and_second_derivatives_are_those_of_the_closed_form(mu: float, tau: float) -> None:
    at = {MU: mu, TAU: tau}
    gradient = [float(sympy.diff(CLOSED, s).evalf(30, subs=at)) for s in (MU, TAU)]
    second = [[float(sympy.diff(CLOSED, a, b).evalf(30, subs=at)) for a in (MU, TAU)] for b in (MU, TAU)]
    assert reference.exact_gradient(mu, tau) == pytest.approx(gradient, abs=1e-12)
    assert reference.hessian(mu, tau) == pytest.approx(np.array(second), abs=1e-12)


def test_the_minima_are_those_that_an_optimizer_finds() -> None:
    for minimum, start in zip(gaussian_objective.MINIMA, ([0.0, 0.0], [2.0, 0.5]), strict=True):
        found = optimize.minimize(
            lambda at: gaussian_objective.objective(*at), start, method="BFGS", options={"gtol": 1e-10}
        )
        assert found.x[0] == pytest.approx(minimum.mu, abs=1e-7)
        assert math.exp(found.x[1]) == pytest.approx(minimum.sigma, abs=1e-7)
        assert minimum.objective == pytest.approx(found.fun, abs=1e-11)
        assert np.abs(reference.exact_gradient(minimum.mu, math.log(minimum.sigma))).max() < 1e-11
        assert np.linalg.eigvalsh(reference.hessian(minimum.mu, math.log(minimum.sigma))).min() > 0
    saddle = np.linalg.eigvalsh(reference.hessian(0.862958, math.log(1.174332)))
    assert saddle[0] < 0 < saddle[1]
    assert gaussian_objective.nearest_minimum(0.5, 0.7).name == "local"
    assert gaussian_objective.nearest_minimum(1.2, 1.8).name == "global"


@pytest.mark.parametrize(("mu", "tau"), POINTS[:3])
@pytest.mark.parametrize("batch", [1, 3])
def test_estimates_equal_what_autograd_gives(mu: float, tau: float, batch: int) -> None:
    z = np.linspace(-1.5, 2.0, batch)
    theta = torch.tensor([mu, tau], dtype=torch.float64, requires_grad=True)
    rest = (theta[0] - 1) ** 2 / 2 + torch.exp(theta[1]) - theta[1]
    path = theta[0] + torch.exp(theta[1]) * torch.tensor(z)
    (by_path,) = torch.autograd.grad((path * torch.sin(path)).mean() + rest, theta, retain_graph=True)
    x = torch.tensor(mu + math.exp(tau) * z)
    normal: Any = torch.distributions.Normal(theta[0], torch.exp(theta[1]))
    (by_score,) = torch.autograd.grad((normal.log_prob(x) * x * torch.sin(x)).mean() + rest, theta)
    assert reference.grad_reparameterization(mu, tau, z) == pytest.approx(by_path.numpy(), abs=1e-12)
    assert reference.grad_log_derivative(mu, tau, x.numpy()) == pytest.approx(by_score.numpy(), abs=1e-12)
    for log_derivative, due in ((True, by_score), (False, by_path)):
        single = reference.sample_gradients(mu, tau, z, log_derivative=log_derivative)
        assert single.mean(axis=1) == pytest.approx(due.numpy(), abs=1e-12)


@pytest.mark.parametrize(("mu", "tau"), POINTS[:3])
def test_sixteen_nodes_give_the_gradient_to_twelve_digits(mu: float, tau: float) -> None:
    nodes, weights = reference.gauss_hermite(16)
    for log_derivative in (True, False):
        terms = reference.sample_gradients(mu, tau, nodes, log_derivative=log_derivative)
        assert terms @ weights == pytest.approx(reference.exact_gradient(mu, tau), abs=1e-12)


@pytest.mark.parametrize("log_derivative", [True, False])
def test_covariances_of_the_estimates_by_adaptive_quadrature(log_derivative: bool) -> None:
    mu, tau = -1.75, -0.5

    def term(x: float, i: int) -> float:
        z = np.array([(x - mu) * math.exp(-tau)])
        return float(reference.sample_gradients(mu, tau, z, log_derivative=log_derivative)[i, 0])

    mean = [expectation(lambda x, i=i: term(x, i), mu, tau) for i in (0, 1)]
    due = [
        [
            expectation(lambda x, i=i, j=j: (term(x, i) - mean[i]) * (term(x, j) - mean[j]), mu, tau)
            for i in (0, 1)
        ]
        for j in (0, 1)
    ]
    got = reference.gradient_covariance(mu, tau, log_derivative=log_derivative)
    assert got == pytest.approx(np.array(due), rel=1e-8)


@pytest.mark.parametrize("log_derivative", [True, False])
def test_the_law_of_the_last_iterate_is_that_of_simulated_runs(log_derivative: bool) -> None:
    sgd = reference.sgd_log_derivative if log_derivative else reference.sgd_reparameterization
    rng = np.random.default_rng(7)
    for start, lr, batch, n_steps in (((-1.75, -0.5), 0.08, 400, 4), ((0.0, 0.0), 0.05, 256, 100)):
        law = reference.sgd_law(*start, lr, batch, n_steps, log_derivative=log_derivative)
        ends = np.array([sgd(*start, lr, batch, n_steps, rng) for _ in range(400)])
        ends[:, 1] = np.log(ends[:, 1])
        spread = np.sqrt(np.diag(law.covariance))
        assert np.abs(ends.mean(axis=0) - [law.mu, law.tau]) == pytest.approx(0, abs=6 * spread.max() / 20)
        assert ends.std(axis=0) / spread == pytest.approx(1, abs=0.25)


def test_no_steps_stay_at_the_start() -> None:
    rng = np.random.default_rng(0)
    for sgd in (reference.sgd_log_derivative, reference.sgd_reparameterization):
        assert sgd(0.5, 0.25, 0.1, 8, 0, rng) == (0.5, math.exp(0.25))


def test_a_gradient_tells_from_which_estimate_of_one_sample_it_came() -> None:
    mu, tau = -1.75, -0.5
    z = np.random.default_rng(3).standard_normal(200)
    for mine in (True, False):
        gradients = reference.sample_gradients(mu, tau, z, log_derivative=mine).T
        assert reference.come_from_one_sample(mu, tau, gradients, log_derivative=mine).mean() > 0.98
        assert reference.come_from_one_sample(mu, tau, gradients, log_derivative=not mine).mean() < 0.1


@pytest.mark.parametrize("log_derivative", [True, False])
def test_reused_samples_lead_along_a_curve_that_contains_such_runs(log_derivative: bool) -> None:
    class Repeating:
        def __init__(self, draw: float) -> None:
            self.draw = draw

        def standard_normal(self, size: int) -> np.ndarray:
            return np.full(size, self.draw)

    sgd: Any = reference.sgd_log_derivative if log_derivative else reference.sgd_reparameterization
    z = np.array([-1.5, 0.25, 2.0])
    curve = reference.reused_sample_path(-1.75, -0.5, 0.08, 3, z, log_derivative=log_derivative)
    for draw, (mu, tau) in zip(z, curve, strict=True):
        assert sgd(-1.75, -0.5, 0.08, 1, 3, Repeating(draw)) == pytest.approx((mu, math.exp(tau)), abs=1e-12)
