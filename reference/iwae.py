"""The importance-weighted bound of the IWAE (Homework 11 (2022), problem 1)."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]


def iwae_bound(log_w: Floats) -> Floats:
    """log (1/K) sum_k exp(log_w[s, k]) as (S,), for log-weights log_w (S, K) of any size.

    log_w[s, k] is log p(x | z_k) p(z_k) / q(z_k | x) for the k-th of K independent samples z_k from q(. | x).
    """
    weights = np.asarray(log_w, dtype=np.float64)
    bound: Floats = logsumexp(weights, axis=1) - np.log(weights.shape[1])
    return bound


def exact_bound(joint: Floats, q: Floats, K: int) -> float:
    """VLB^(K) itself, where z has finitely many values: joint (m,) holds p(x, z), q (m,) the proposal, all positive."""
    samples = [list(cells) for cells in product(range(len(q)), repeat=K)]
    log_w = np.log(joint) - np.log(q)
    masses = np.array([np.prod(q[cells]) for cells in samples])
    return float(masses @ iwae_bound(np.array([log_w[cells] for cells in samples])))
