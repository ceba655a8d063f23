"""The evidence lower bound on finite tables (Assignment 3 (2020), question 3).

For one observed x: `joint` (m,) holds p(x, z) for the m values of z, `q` (m,) a law of z. 0 log 0 is 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

Floats = NDArray[np.float64]


def elbo(joint: Floats, q: Floats) -> float:
    """E_q log(p(x, z) / q(z)); -inf where q has mass on a z that p(x, .) lacks (question 3.1)."""
    return -float(np.sum(rel_entr(q, joint)))


def posterior_gap(joint: Floats, q: Floats) -> float:
    """KL(q || p(z|x)) = log p(x) - elbo; +inf where q has mass on a z that p(x, .) lacks (question 3.2)."""
    return -elbo(joint / np.sum(joint), q)


def larger_gap() -> str:
    """Whose optimal gap is at least as large on each x: "amortized" (questions 3.2 and 3.3a).

    One encoder for all x chooses from laws that an optimum of its own for x may choose from as well.
    """
    return "amortized"
