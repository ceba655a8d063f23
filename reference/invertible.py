"""Invertible maps and their inverses (Assignment 3 (2020), question 5)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import sympy
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import log_expit, logsumexp

Floats = NDArray[np.float64]


def relu_witness(a: float, b: float, c: float) -> tuple[float, float]:
    """Two different z with the same a * max(0, b z + c) (question 5.1): where b z + c is -1 and -2."""
    if b == 0:
        return 0.0, 1.0
    return -(c + 1) / b, -(c + 2) / b


def log_odds_mixture(z: float, w: Floats, a: Floats, b: Floats) -> float:
    """g(z) = logit of sum_i w_i sigmoid(a_i z + b_i), for w (N,) > 0 of sum 1, a (N,) > 0, b (N,) (question 5.2)."""
    t = a * z + b
    return float(logsumexp(log_expit(t), b=w) - logsumexp(log_expit(-t), b=w))


def log_odds_mixture_derivative(z: float, w: Floats, a: Floats, b: Floats) -> float:
    """g'(z) > 0 of `log_odds_mixture` (question 5.2)."""
    t = a * z + b
    slope = logsumexp(log_expit(t) + log_expit(-t), b=w * a)
    return math.exp(slope - logsumexp(log_expit(t), b=w) - logsumexp(log_expit(-t), b=w))


def residual_inverse(f: Callable[[float], float], y: float) -> float:
    """The z with z + f(z) = y, for f of slope at least -0.95 (question 5.3).

    z + f(z) then rises with a slope of at least 1/20, and at y it is f(y) too large.
    """
    return float(brentq(lambda z: z + f(z) - y, y, y - 20 * f(y)))


def radial_inverse(y: Floats, z0: Floats, alpha: float, beta: float) -> Floats:
    """The z (D,) with z + beta (z - z0) / (alpha + r) = y (D,), r = |z - z0|, beta > -alpha (question 5.4).

    |y - z0| = r + beta r / (alpha + r) is a quadratic equation for r with one root that is not negative.
    """
    away = y - z0
    half = (float(np.linalg.norm(away)) - alpha - beta) / 2
    r = half + math.sqrt(half**2 + alpha * float(np.linalg.norm(away)))
    return np.asarray(z0 + away / (1 + beta / (alpha + r)))


def radius_derivative_formula(r: sympy.Expr, alpha: sympy.Expr, beta: sympy.Expr) -> sympy.Expr:
    """Derivative by r of |y - z0| = r + beta r / (alpha + r) (question 5.4)."""
    return 1 + alpha * beta / (alpha + r) ** 2
