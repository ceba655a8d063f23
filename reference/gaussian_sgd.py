"""SGD over a Gaussian by two gradient estimators: Homework 10 (2024), problem 6; Homework 8 (2021), problem 7.

Minimised over mu and tau, with sigma = exp(tau), is
J = E[X sin X] + (mu - 1)^2 / 2 + sigma - log sigma for X ~ N(mu, sigma^2). Besides the functions that students
write, this file has the derivatives of J in closed form, and the law of SGD's iterates.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import sympy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Gradient = Callable[[float, float, Floats], Floats]
_NODES = 48


def score_formula(x: sympy.Expr, mu: sympy.Expr, tau: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """Derivatives by mu and by tau of the log-density at x of N(mu, exp(2 tau))."""
    return (x - mu) * sympy.exp(-2 * tau), (x - mu) ** 2 * sympy.exp(-2 * tau) - 1


def grad_log_derivative(mu: float, tau: float, x: Floats) -> Floats:
    """Estimate (2,) of the gradient of J by (mu, tau) from samples x (B,) of N(mu, exp(2 tau))."""
    z = (x - mu) * math.exp(-tau)
    score = np.stack([z * math.exp(-tau), z**2 - 1])
    return np.asarray(np.mean(x * np.sin(x) * score, axis=1) + _explicit(mu, tau))


def grad_reparameterization(mu: float, tau: float, z: Floats) -> Floats:
    """Estimate (2,) of the gradient of J by (mu, tau) from samples z (B,) of N(0, 1)."""
    x = mu + math.exp(tau) * z
    slope = np.sin(x) + x * np.cos(x)
    return np.asarray(np.mean(slope * np.stack([np.ones_like(z), x - mu]), axis=1) + _explicit(mu, tau))


def sgd_log_derivative(
    mu0: float, tau0: float, lr: float, batch_size: int, n_steps: int, rng: np.random.Generator
) -> tuple[float, float]:
    """(mu, sigma) after n_steps of SGD from (mu0, tau0) with the log-derivative estimate."""

    def gradient(mu: float, tau: float, z: Floats) -> Floats:
        return grad_log_derivative(mu, tau, mu + math.exp(tau) * z)

    return _sgd(gradient, mu0, tau0, lr, batch_size, n_steps, rng)


def sgd_reparameterization(
    mu0: float, tau0: float, lr: float, batch_size: int, n_steps: int, rng: np.random.Generator
) -> tuple[float, float]:
    """(mu, sigma) after n_steps of SGD from (mu0, tau0) with the reparameterization estimate."""
    return _sgd(grad_reparameterization, mu0, tau0, lr, batch_size, n_steps, rng)


def _sgd(
    gradient: Gradient,
    mu: float,
    tau: float,
    lr: float,
    batch_size: int,
    n_steps: int,
    rng: np.random.Generator,
) -> tuple[float, float]:
    for _ in range(n_steps):
        step = gradient(mu, tau, rng.standard_normal(batch_size))
        mu, tau = mu - lr * float(step[0]), tau - lr * float(step[1])
    return mu, math.exp(tau)


def _explicit(mu: float, tau: float) -> Floats:
    """Gradient (2,) of the part of J that is no expectation."""
    return np.array([mu - 1, math.exp(tau) - 1])


def exact_gradient(mu: float, tau: float) -> Floats:
    """Gradient (2,) of J by (mu, tau)."""
    s, sin, cos = math.exp(2 * tau), math.sin(mu), math.cos(mu)
    by_mu = sin + mu * cos - s * sin
    by_tau = s * (2 * cos - mu * sin - s * cos)
    return math.exp(-s / 2) * np.array([by_mu, by_tau]) + _explicit(mu, tau)


def hessian(mu: float, tau: float) -> Floats:
    """Second derivatives (2, 2) of J by (mu, tau)."""
    s, sin, cos = math.exp(2 * tau), math.sin(mu), math.cos(mu)
    bend = 2 * cos - mu * sin - s * cos
    mixed = s * (s * sin - 3 * sin - mu * cos)
    second = np.array([[bend, mixed], [mixed, 2 * s * ((1 - s / 2) * bend - s * cos)]])
    return math.exp(-s / 2) * second + np.diag([1.0, math.exp(tau)])


def gauss_hermite(n: int) -> tuple[Floats, Floats]:
    """Nodes (n,) and weights (n,) with sum w f(z) = E[f(Z)], Z ~ N(0, 1), for polynomials of degree below 2n."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(n)
    return nodes, weights / weights.sum()


def sample_gradients(mu: float | Floats, tau: float | Floats, z: Floats, *, log_derivative: bool) -> Floats:
    """Gradient estimates (2, n) from single samples mu + exp(tau) z, for z (n,) and (mu, tau) numbers or (n,)."""
    sigma = np.exp(tau)
    x = mu + sigma * z
    if log_derivative:
        terms = x * np.sin(x) * np.stack([z / sigma, z**2 - 1])
    else:
        terms = (np.sin(x) + x * np.cos(x)) * np.stack([np.ones_like(z), sigma * z])
    return np.asarray(terms + np.stack([np.zeros_like(z) + mu - 1, np.zeros_like(z) + sigma - 1]))


def gradient_covariance(
    mu: float, tau: float, *, log_derivative: bool, rule: tuple[Floats, Floats] | None = None
) -> Floats:
    """Covariance (2, 2) of the gradient estimate from one sample; `rule`: nodes and weights of a quadrature."""
    nodes, weights = rule or gauss_hermite(_NODES)
    terms = sample_gradients(mu, tau, nodes, log_derivative=log_derivative)
    centred = terms - (terms @ weights)[:, None]
    return np.asarray((weights * centred) @ centred.T)


def come_from_one_sample(
    mu: float, tau: float, gradients: Floats, *, log_derivative: bool
) -> NDArray[np.bool_]:
    """Which gradients (n, 2) are, to three digits, the estimate that some single sample gives.

    Solves the ratio of a gradient's components for z, the standardised sample (it is z for the
    reparameterization and (z^2 - 1) / z for the log-derivative, each times sigma), and puts z into the estimate.
    """
    part = gradients - _explicit(mu, tau)
    with np.errstate(all="ignore"):
        ratio = part[:, 1] / part[:, 0] / math.exp(tau)
        root = np.sqrt(ratio**2 + 4)
        candidates = ((ratio + root) / 2, (ratio - root) / 2) if log_derivative else (ratio,)
        found = [sample_gradients(mu, tau, z, log_derivative=log_derivative).T for z in candidates]
    return np.asarray(np.isclose(found, gradients, rtol=1e-3, atol=1e-3).all(axis=2).any(axis=0))


def reused_sample_path(
    mu: float, tau: float, lr: float, n_steps: int, z: Floats, *, log_derivative: bool
) -> Floats:
    """Where (n, 2) n_steps lead from (mu, tau) when every step uses the same single sample z, for each z of (n,)."""
    at = np.stack([np.full_like(z, mu), np.full_like(z, tau)])
    for _ in range(n_steps):
        at = at - lr * sample_gradients(at[0], at[1], z, log_derivative=log_derivative)
    return at.T


class Iterate(NamedTuple):
    """The law of SGD's last iterate, to first order in the noise."""

    mu: float
    tau: float
    covariance: Floats
    """(2, 2), of (mu, tau)."""


def sgd_law(
    mu0: float, tau0: float, lr: float, batch_size: int, n_steps: int, *, log_derivative: bool
) -> Iterate:
    """End of the path that SGD takes without noise, and the covariance that the noise adds to first order."""
    at, covariance, rule = np.array([mu0, tau0]), np.zeros((2, 2)), gauss_hermite(_NODES)
    for _ in range(n_steps):
        pull = np.eye(2) - lr * hessian(at[0], at[1])
        noise = gradient_covariance(at[0], at[1], log_derivative=log_derivative, rule=rule)
        covariance = pull @ covariance @ pull.T + lr**2 / batch_size * noise
        at = at - lr * exact_gradient(at[0], at[1])
    return Iterate(float(at[0]), float(at[1]), covariance)
