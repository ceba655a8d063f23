"""Known right and wrong versions of `ruin`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grader import right, slip


@right("sum over the games", of="log_likelihood_ratio")
def by_sum(x: Any, p: Any, q: Any) -> Any:
    return sum(math.log(p / q) if won else math.log((1 - p) / (1 - q)) for won in x)


@slip("q over p", of="log_likelihood_ratio")
def upside_down(x: Any, p: Any, q: Any) -> Any:
    return float(np.sum(np.where(np.asarray(x) > 0, math.log(q / p), math.log((1 - q) / (1 - p)))))


@slip("no weights", of="win_probability")
def unweighted(n_sims: Any, n_games: Any, p: Any, q: Any, start: Any, goal: Any, rng: Any) -> Any:
    won = 0
    for _ in range(n_sims):
        money = start
        for _ in range(n_games):
            money += 1 if rng.random() < q else -1
            if money in (0, goal):
                break
        won += money == goal
    return won / n_sims
