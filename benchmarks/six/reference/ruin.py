"""The gambler's ruin by importance sampling."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def log_likelihood_ratio(x: NDArray[np.float64], p: float, q: float) -> float:
    """log of p-law over q-law for a sequence x (n,) of independent 0 and 1."""
    wins = float(np.sum(x))
    return wins * math.log(p / q) + (len(x) - wins) * math.log((1 - p) / (1 - q))


def win_probability(
    n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: np.random.Generator
) -> float:
    """Estimate of the probability to reach goal before 0 within n_games games won with p, from simulations with q."""
    total = 0.0
    for _ in range(n_sims):
        money, log_weight = start, 0.0
        for _ in range(n_games):
            won = rng.random() < q
            money += 1 if won else -1
            log_weight += math.log(p / q if won else (1 - p) / (1 - q))
            if money in (0, goal):
                break
        total += math.exp(log_weight) if money == goal else 0.0
    return total / n_sims


def exact_win_probability(n_games: int, p: float, start: int, goal: int) -> float:
    """The probability itself, by recursion over games."""
    chances = {start: 1.0}
    won = 0.0
    for _ in range(n_games):
        after: dict[int, float] = {}
        for money, chance in chances.items():
            for step, share in ((1, p), (-1, 1 - p)):
                after[money + step] = after.get(money + step, 0.0) + chance * share
        won += after.pop(goal, 0.0)
        after.pop(0, None)
        chances = after
    return won
