"""The objective J of `gaussian_sgd` in closed form, and its minima: where a run may end, and how far off it is."""

from __future__ import annotations

import math
from typing import NamedTuple


class Minimum(NamedTuple):
    """A local minimum of J."""

    name: str
    mu: float
    sigma: float
    objective: float

    def __str__(self) -> str:
        return f"{self.name} minimum ({self.mu:.3f}, {self.sigma:.3f}), J = {self.objective:.4f}"


MINIMA = (
    Minimum("local", 0.442297488321, 0.606495024932, 1.696168235849),
    Minimum("global", 1.366699295171, 1.962198228142, 1.664400756410),
)


def objective(mu: float, tau: float) -> float:
    """J in closed form: E[X sin X] = exp(-sigma^2 / 2) (mu sin mu + sigma^2 cos mu)."""
    s = math.exp(2 * tau)
    return math.exp(-s / 2) * (mu * math.sin(mu) + s * math.cos(mu)) + (mu - 1) ** 2 / 2 + math.exp(tau) - tau


def nearest_minimum(mu: float, sigma: float) -> Minimum:
    """The minimum of J closest to a point."""
    return min(MINIMA, key=lambda minimum: math.hypot(minimum.mu - mu, minimum.sigma - sigma))
