"""Densities of reparameterized Gaussians (Assignment 3 (2020), question 2).

y = g(z0) for z0 ~ N(0, I) of K components, by the change of variables q(y) = q(z0) |det dg/dz0|^-1.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def diagonal_log_density(y: Floats, mu: Floats, sigma: Floats) -> float:
    """log-density at y (K,) of mu + sigma * z0, for mu (K,) and sigma (K,) > 0 (question 2.1)."""
    z = (y - mu) / sigma
    return _standard_log_density(z) - float(np.sum(np.log(sigma)))


def affine_log_density(y: Floats, mu: Floats, S: Floats) -> float:
    """log-density at y (K,) of mu + S z0, for mu (K,) and any non-singular S (K, K) (question 2.3).

    That of N(mu, S S^T). Raises numpy.linalg.LinAlgError where S is singular.
    """
    z = np.asarray(np.linalg.solve(S, y - mu), dtype=np.float64)
    return _standard_log_density(z) - float(np.linalg.slogdet(S)[1])


def jacobian_cost(structure: str) -> str:
    """Time of |det dg/dz0| for a "diagonal" (2.2) or "triangular" (2.4) Jacobian (K, K): a product of K numbers."""
    return "O(K)"


def _standard_log_density(z: Floats) -> float:
    return -0.5 * float(z @ z) - 0.5 * len(z) * math.log(2 * math.pi)
