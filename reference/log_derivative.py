"""The log-derivative estimator of a bound's gradient (Homework 10 (2024), problem 1)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Estimator = Callable[[Floats, Floats, Floats], Floats]


def score_gradient(score: Floats, log_h: Floats, log_q: Floats) -> Floats:
    """Monte Carlo estimate (p,) of the gradient in phi of E log(h(Z) / q(Z)), Z ~ q = q_phi, from n samples.

    score (n, p): gradients in phi of log q at the samples; log_h, log_q (n,): values there. The gradient of
    log q inside the expectation contributes nothing, for the score has mean zero.
    """
    weights = np.asarray(log_h) - np.asarray(log_q)
    return np.asarray(score).T @ weights / len(weights)


def exact_gradient(q: Floats, score: Floats, log_h: Floats) -> Floats:
    """The gradient (p,) itself, for Z with probabilities q (m,), scores (m, p) and log h (m,) on m cells."""
    return score.T @ (q * (log_h - np.log(q)))
