"""Checks for `ruin`."""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from grader import RNG, Student, Topic, agree, check, forall, holds
from grader.strategies import bits, probabilities

topic = Topic(
    "ruin",
    source="benchmarks",
    functions={
        "log_likelihood_ratio(x, p, q)": "log of p-law over q-law of a sequence x (n,) of 0 and 1, a number.",
        "win_probability(n_sims, n_games, p, q, start, goal, rng)": "Importance-sampling estimate, a number.",
    },
)
GAME = (4, 0.4, 0.55, 2, 4)
SIMS = 2000


@check(points=1)
@forall(x=bits(1, 40).map(lambda row: row.astype(np.float64)), p=probabilities(), q=probabilities())
def check_ratio(student: Student, reference: ModuleType, x: NDArray[np.float64], p: float, q: float) -> None:
    """The log-likelihood ratio"""
    agree(student.log_likelihood_ratio(x, p, q), reference.log_likelihood_ratio)


@check(points=2, kind="statistical")
def check_estimate(student: Student, reference: ModuleType) -> None:
    """An estimate from 2,000 simulations is near the exact probability"""
    answer = student.win_probability(SIMS, *GAME, RNG)
    n_games, p, _, start, goal = GAME
    due = reference.exact_win_probability(n_games, p, start, goal)
    spread = 7 * math.sqrt(due / SIMS)  # a weight is at most 1 here, so the variance is at most the mean
    student.record(samples=SIMS, false_reject=1e-9, estimate=answer.scalar())
    holds(abs(answer.scalar() - due) <= spread, f"further than {spread:.3g} from {due:.4g}", answer=answer)
