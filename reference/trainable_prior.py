"""The variational bound of a VAE with a trainable prior (Homework 11 (2022), problem 2).

The official sheet drops a constant from the Gaussian log-likelihood and then turns the sign of the squared error; here
the bound is the bound: -1/(2 sigma^2) E|x - f(z)|^2 - KL, up to a constant of the dimensions and of sigma.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def vlb_gradients(
    score_phi: Floats,
    grad_theta_log_p: Floats,
    grad_lambda_log_r: Floats,
    log_p: Floats,
    log_r: Floats,
    log_q: Floats,
) -> tuple[Floats, Floats, Floats]:
    """2b: Monte Carlo estimates of the bound's gradients in phi (p,), theta (t,), lambda (l,) from n samples of q_phi.

    score_phi (n, p), grad_theta_log_p (n, t), grad_lambda_log_r (n, l): gradients of log q_phi(z | x),
    log p_theta(x | z) and log r_lambda(z) at the samples; log_p, log_r, log_q (n,): the values there.
    """
    weights = np.asarray(log_p) + np.asarray(log_r) - np.asarray(log_q)
    by_phi: Floats = np.asarray(score_phi).T @ weights / len(weights)
    return by_phi, np.mean(grad_theta_log_p, axis=0), np.mean(grad_lambda_log_r, axis=0)


def exact_gradients(
    q: Floats, score: Floats, by_theta: Floats, by_lambda: Floats, log_p: Floats, log_r: Floats
) -> tuple[Floats, Floats, Floats]:
    """The gradients themselves where z has m values with probabilities q (m,); the others hold one row a value."""
    return score.T @ (q * (log_p + log_r - np.log(q))), by_theta.T @ q, by_lambda.T @ q


def kl_diag_gaussians(mu: Floats, var: Floats, prior_mean: Floats, prior_var: Floats) -> float:
    """2c: KL(N(mu, diag var) || N(prior_mean, diag prior_var)), all (k,), variances positive."""
    m, v, m0, v0 = (np.asarray(a, dtype=np.float64) for a in (mu, var, prior_mean, prior_var))
    return float(np.sum(v / v0 + (m - m0) ** 2 / v0 - 1 + np.log(v0) - np.log(v)) / 2)


def vlb_reparameterized(
    x: torch.Tensor,
    mu: torch.Tensor,
    var: torch.Tensor,
    decoder: Callable[[torch.Tensor], torch.Tensor],
    sigma: float,
    prior_mean: torch.Tensor,
    prior_var: torch.Tensor,
    eps: torch.Tensor,
) -> torch.Tensor:
    """2c: estimate of the bound, a scalar that torch can differentiate, up to a constant of sigma and dimensions.

    x (d,); mu, var, prior_mean, prior_var (k,); decoder maps (n, k) to (n, d); eps (n, k) from N(0, I).
    """
    errors = ((x - decoder(mu + torch.sqrt(var) * eps)) ** 2).sum(dim=1)
    kl = (var / prior_var + (mu - prior_mean) ** 2 / prior_var + torch.log(prior_var / var)).sum() / 2
    return -errors.mean() / (2 * sigma**2) - kl


def vlb_sampled(
    x: torch.Tensor,
    mu: torch.Tensor,
    var: torch.Tensor,
    decoder: Callable[[torch.Tensor], torch.Tensor],
    sigma: float,
    prior_mean: torch.Tensor,
    prior_var: torch.Tensor,
    eps: torch.Tensor,
) -> torch.Tensor:
    """The same with the divergence estimated from the same eps: its gradients are unbiased as well."""
    z = mu + torch.sqrt(var) * eps
    errors = ((x - decoder(z)) ** 2).sum(dim=1) / sigma**2
    log_r = -((z - prior_mean) ** 2 / prior_var + torch.log(prior_var)).sum(dim=1)
    return (log_r - errors).mean() / 2 + torch.log(var).sum() / 2


def vlb_along_paths(
    x: torch.Tensor,
    mu: torch.Tensor,
    var: torch.Tensor,
    decoder: Callable[[torch.Tensor], torch.Tensor],
    sigma: float,
    prior_mean: torch.Tensor,
    prior_var: torch.Tensor,
    eps: torch.Tensor,
) -> torch.Tensor:
    """The sampled bound with log q differentiated through z only: what is left out is the score, of mean zero."""
    z = mu + torch.sqrt(var) * eps
    log_q = -((z - mu.detach()) ** 2 / var.detach()).sum(dim=1).mean() / 2
    entropy = torch.log(var).sum() / 2
    sampled = vlb_sampled(x, mu, var, decoder, sigma, prior_mean, prior_var, eps)
    return sampled - entropy - log_q


WAYS = (vlb_sampled, vlb_along_paths, vlb_reparameterized)


def bound_gradients(driver: Callable[..., torch.Tensor], way: int, *given: object) -> Floats:
    """What `driver` makes of the bound, written in one of the `WAYS`: its gradients, where the driver differentiates."""
    return np.asarray(driver(WAYS[way], *given).detach())


def kl_of(*numbers: str) -> tuple[str, float]:
    """`kl_integral` for exact numbers such as "5/4": as text, and as a float."""
    exact = kl_integral(*map(sympy.Rational, numbers))
    return str(exact), float(exact)


def kl_integral(mu: sympy.Expr, var: sympy.Expr, prior_mean: sympy.Expr, prior_var: sympy.Expr) -> sympy.Expr:
    """The integral of q log(q / r) for k = 1: log(q / r) is quadratic in z = mu + sqrt(var) t, and E t^2 = 1."""
    t = sympy.Symbol("t", real=True)
    z = mu + sympy.sqrt(var) * t

    def log_density(m: sympy.Expr, v: sympy.Expr) -> sympy.Expr:
        return -sympy.log(2 * sympy.pi * v) / 2 - (z - m) ** 2 / (2 * v)

    ratio = sympy.Poly(sympy.expand(log_density(mu, var) - log_density(prior_mean, prior_var)), t)
    constant, _, square = (ratio.coeff_monomial(t**power) for power in range(3))
    return sympy.expand(constant + square)
