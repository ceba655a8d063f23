"""Gambler's ruin by importance sampling: Homework 10 (2024), problem 5; Homework 8 (2021), problem 6.

A gambler with `start` dollars bets one dollar a game, wins it with probability p, and leaves at 0 or `goal`
dollars or after `n_games` games. Wanted is the probability of leaving with `goal`. Besides the two functions
that students write, this file has the exact probability and the exact laws by which their answers are judged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Masses = list[tuple[float, float]]
"""Pairs (value, probability)."""


def log_likelihood_ratio(x: Sequence[float] | NDArray[np.float64], p: float, q: float) -> float:
    """log(p-law / q-law) of a sequence x (n,) of 0 and 1, each 1 with probability p or q; 0.0 when x is empty."""
    wins = float(np.sum(x))
    return wins * math.log(p / q) + (len(x) - wins) * math.log((1 - p) / (1 - q))


def win_probability(
    n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: np.random.Generator
) -> float:
    """Estimate of the probability to reach `goal` before 0 within `n_games` games won with probability p.

    Simulates `n_sims` times with winning probability q and averages the likelihood ratios, stopped where
    `goal` is reached, of the paths that get there before ruin.
    """
    steps = np.where(rng.random((n_sims, n_games)) < q, 1, -1)
    balance = start + np.cumsum(steps, axis=1)
    ended = (balance == 0) | (balance == goal)
    last = np.where(ended.any(axis=1), ended.argmax(axis=1), n_games - 1)
    won = balance[np.arange(n_sims), last] == goal
    wins = (last + 1 + goal - start) / 2
    log_weight = wins * math.log(p / q) + (last + 1 - wins) * math.log((1 - p) / (1 - q))
    return float(np.mean(np.where(won, np.exp(log_weight), 0.0)))


def exact_win_probability(n_games: int, p: float, start: int, goal: int) -> float:
    """The probability that `win_probability` estimates, by dynamic programming over the balance."""
    return math.fsum(_first_hits(n_games, p, start, goal)[0])


def contribution_law(n_games: int, p: float, q: float, start: int, goal: int, *, full: bool) -> Masses:
    """Law, under q, of what one path contributes: 0, or its likelihood ratio where it reaches `goal`.

    full: the ratio of all `n_games` games, which go on after the goal is reached; else of the games until then.
    """
    wins = _first_hits(n_games, q, start, goal)[0]
    reached = [(games, mass) for games, mass in enumerate(wins) if mass > 0]
    up = goal - start
    law: Masses = [(0.0, 1.0 - math.fsum(mass for _, mass in reached))]
    weight = _weight(p, q)
    for games, mass in reached:
        won = (games + up) // 2
        rest = n_games - games if full else 0
        law += [(weight(won + w, games - won + rest - w), mass * c) for w, c in enumerate(_binomial(rest, q))]
    return law


def ratio_law(n_games: int, p: float, q: float, start: int, goal: int, *, full: bool) -> Masses:
    """Law, under q, of a path's likelihood ratio, whether it reaches the goal or not (its mean is 1)."""
    weight = _weight(p, q)
    if full:
        return [(weight(w, n_games - w), c) for w, c in enumerate(_binomial(n_games, q))]
    law: Masses = []
    won, lost, playing = _first_hits(n_games, q, start, goal)
    for end, masses in ((goal, won), (0, lost)):
        law += [
            (weight((t + end - start) // 2, (t - end + start) // 2), mass)
            for t, mass in enumerate(masses)
            if mass > 0
        ]
    for balance, mass in enumerate(playing):
        if mass > 0:
            wins = (n_games + balance - start) // 2
            law.append((weight(wins, n_games - wins), mass))
    return law


def _weight(p: float, q: float) -> Callable[[int, int], float]:
    win, loss = math.log(p / q), math.log((1 - p) / (1 - q))
    return lambda wins, losses: math.exp(wins * win + losses * loss)


def _binomial(n: int, q: float) -> list[float]:
    """Probabilities of 0..n wins in n games."""
    return [
        math.exp(math.lgamma(n + 1) - math.lgamma(w + 1) - math.lgamma(n - w + 1)) * q**w * (1 - q) ** (n - w)
        for w in range(n + 1)
    ]


def _first_hits(
    n_games: int, p: float, start: int, goal: int
) -> tuple[list[float], list[float], list[float]]:
    """Probabilities of reaching the goal, and 0, first after 0..n_games games; and of still playing, by balance."""
    at = np.zeros(goal + 1)
    at[start] = 1.0
    won, lost = [0.0], [0.0]
    for _ in range(n_games):
        moved = np.zeros(goal + 1)
        moved[1:] += p * at[:-1]
        moved[:-1] += (1 - p) * at[1:]
        won.append(float(moved[goal]))
        lost.append(float(moved[0]))
        moved[0] = moved[goal] = 0.0
        at = moved
    return won, lost, [float(mass) for mass in at]
