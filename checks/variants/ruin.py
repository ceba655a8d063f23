"""Right and wrong ways to write the functions of `ruin`. Each stands alone and uses no other's help."""

from __future__ import annotations

import math
import random
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grader import right, slip

Bits = NDArray[np.float64]
Rng = np.random.Generator


@right("Python loop", of="log_likelihood_ratio")
def ratio_loop(x: Bits, p: float, q: float) -> float:
    total = 0.0
    for outcome in x:
        total += math.log(p / q) if outcome == 1 else math.log((1 - p) / (1 - q))
    return total


@right("torch tensor in single precision", of="log_likelihood_ratio")
def ratio_torch(x: Bits, p: float, q: float) -> Any:
    bits = torch.tensor(x, dtype=torch.float32)
    return torch.sum(bits * math.log(p / q) + (1 - bits) * math.log((1 - p) / (1 - q)))


@slip("sign: log(q-law / p-law)", of="log_likelihood_ratio")
def ratio_sign(x: Bits, p: float, q: float) -> float:
    wins = float(np.sum(x))
    return wins * math.log(q / p) + (len(x) - wins) * math.log((1 - q) / (1 - p))


@slip("the ratio itself, without the logarithm", of="log_likelihood_ratio")
def ratio_without_log(x: Bits, p: float, q: float) -> float:
    return float((p / q) ** np.sum(x) * ((1 - p) / (1 - q)) ** np.sum(1 - x))


@slip("only the wins count: the factor of the losses is missing", of="log_likelihood_ratio")
def ratio_wins_only(x: Bits, p: float, q: float) -> float:
    return float(np.sum(x)) * math.log(p / q)


@slip("mean instead of sum", of="log_likelihood_ratio")
def ratio_mean(x: Bits, p: float, q: float) -> float:
    terms = x * math.log(p / q) + (1 - x) * math.log((1 - p) / (1 - q))
    return float(np.sum(terms)) / max(len(x), 1)


@slip("logarithm to base 10", of="log_likelihood_ratio")
def ratio_base_ten(x: Bits, p: float, q: float) -> float:
    return float(np.sum(x * math.log10(p / q) + (1 - x) * math.log10((1 - p) / (1 - q))))


@slip("0 and 1 swapped", of="log_likelihood_ratio")
def ratio_swapped(x: Bits, p: float, q: float) -> float:
    return float(np.sum((1 - x) * math.log(p / q) + x * math.log((1 - p) / (1 - q))))


@slip("the factor of the losses inverted", of="log_likelihood_ratio")
def ratio_losses_inverted(x: Bits, p: float, q: float) -> float:
    return float(np.sum(x * math.log(p / q) + (1 - x) * math.log((1 - q) / (1 - p))))


@right("vectorised, weights of all games", of="win_probability")
def win_full(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    x = rng.random((n_sims, n_games)) < q
    path = start + np.cumsum(2 * x - 1, axis=1)
    goal_at = np.where((path >= goal).any(axis=1), (path >= goal).argmax(axis=1), n_games)
    ruin_at = np.where((path <= 0).any(axis=1), (path <= 0).argmax(axis=1), n_games)
    wins = x.sum(axis=1)
    return np.mean((goal_at < ruin_at) * (p / q) ** wins * ((1 - p) / (1 - q)) ** (n_games - wins))


@right("Python loops, stopped weights", of="win_probability")
def win_loops(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    total = 0.0
    for _ in range(n_sims):
        balance, weight = start, 1.0
        for _ in range(n_games):
            won = rng.random() < q
            balance += 1 if won else -1
            weight *= p / q if won else (1 - p) / (1 - q)
            if balance == 0 or balance >= goal:
                break
        total += weight if balance >= goal else 0.0
    return total / n_sims


@right("global NumPy generator, one path at a time", of="win_probability")
def win_global_numpy(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    estimates = []
    for _ in range(n_sims):
        x = np.random.binomial(1, q, n_games)
        path = start + np.cumsum(2 * x - 1)
        hits = np.flatnonzero((path == 0) | (path == goal))
        log_weight = np.sum(x * np.log(p / q) + (1 - x) * np.log((1 - p) / (1 - q)))
        estimates.append(np.exp(log_weight) if len(hits) and path[hits[0]] == goal else 0.0)
    return sum(estimates) / len(estimates)


@right("torch and its global generator", of="win_probability")
def win_torch(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    x = torch.bernoulli(torch.full((n_sims, n_games), q))
    path = start + torch.cumsum(2 * x - 1, dim=1)
    inside = torch.cumprod(((path > 0) & (path < goal)).float(), dim=1)
    alive = torch.cat([torch.ones(n_sims, 1), inside[:, :-1]], dim=1)
    log_ratio = alive * (x * math.log(p / q) + (1 - x) * math.log((1 - p) / (1 - q)))
    return torch.mean(torch.exp(log_ratio.sum(dim=1)) * ((path >= goal) & (alive > 0)).any(dim=1))


@right("a generator of its own", of="win_probability")
def win_own_generator(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    total = 0.0
    for row in np.random.default_rng().binomial(1, q, size=(n_sims, n_games)):
        path = [start, *(start + np.cumsum(2 * row - 1))]
        end = next((t for t, balance in enumerate(path) if balance in (0, goal)), n_games)
        ratio = (p / q) ** sum(row[:end]) * ((1 - p) / (1 - q)) ** sum(1 - row[:end])
        total += ratio if path[end] == goal else 0.0
    return np.float32(total / n_sims)


@right("seeds itself, module random", of="win_probability")
def win_seeds_itself(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    random.seed(0)
    total = 0.0
    for _ in range(n_sims):
        x = random.choices([1, 0], weights=[q, 1 - q], k=n_games)
        balances = accumulate((2 * outcome - 1 for outcome in x), initial=start)
        if next((balance for balance in balances if balance in (0, goal)), 0) == goal:
            total += (p / q) ** sum(x) * ((1 - p) / (1 - q)) ** (n_games - sum(x))
    return total / n_sims


@right("antithetic pairs of paths", of="win_probability")
def win_antithetic(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    u = rng.random((n_sims // 2, n_games))
    path = start + np.cumsum(np.where(np.concatenate([u, 1 - u]) < q, 1, -1), axis=1)
    over = (path == 0) | (path == goal)
    end = np.where(over.any(axis=1), over.argmax(axis=1), n_games - 1)
    won = path[np.arange(len(path)), end] == goal
    wins = (end + 1 + goal - start) // 2
    return np.where(won, (p / q) ** wins * ((1 - p) / (1 - q)) ** (end + 1 - wins), 0.0).mean()


@right("weight as control variate, with an estimated slope", of="win_probability")
def win_control(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    won, weight = _simulate(n_sims, n_games, p, q, start, goal, rng)
    spread = np.sum((weight - weight.mean()) ** 2)
    slope = np.sum((weight - weight.mean()) * won * weight) / spread if spread > 0 else 0.0
    return np.mean(won * weight) - slope * (weight.mean() - 1)


@right("self-normalised weights", of="win_probability")
def win_normalised(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    won, weight = _simulate(n_sims, n_games, p, q, start, goal, rng)
    return np.sum(won * weight) / np.sum(weight)


def _simulate(
    n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng, **wrong: Any
) -> tuple[Any, Any]:
    """Whether each simulation reaches the goal, and its likelihood ratio; the options are ways to get it wrong."""
    x = rng.random((n_sims, n_games)) < wrong.get("sampled", q)
    path = start + np.cumsum(2 * x - 1, axis=1)
    over = (path == goal) | ((path == 0) & wrong.get("ruin", True))
    end = np.where(over.any(axis=1), over.argmax(axis=1), n_games - 1)
    counts = (np.arange(n_games) <= end[:, None] - wrong.get("unweighted", 0)) | wrong.get("full", False)
    factor = np.where(x, p / q, wrong.get("loss", (1 - p) / (1 - q)))
    return path[np.arange(n_sims), end] == goal, np.prod(np.where(counts, factor, 1.0), axis=1)


@slip("no weight: the frequency of wins under q", of="win_probability")
def win_unweighted(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(_simulate(n_sims, n_games, p, q, start, goal, rng)[0])


@slip("likelihood ratio inverted", of="win_probability")
def win_inverted(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games, q, p, start, goal, rng, sampled=q), axis=0))


@slip("no importance sampling: simulates under p", of="win_probability")
def win_naive(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(_simulate(n_sims, n_games, p, q, start, goal, rng, sampled=p)[0])


@slip("only the final balance counts, not the first time at the goal or at 0", of="win_probability")
def win_final(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    wins = rng.binomial(n_games, q, size=n_sims)
    weight = (p / q) ** wins * ((1 - p) / (1 - q)) ** (n_games - wins)
    return np.mean((start + 2 * wins - n_games >= goal) * weight)


@slip("no ruin: plays on with 0 dollars", of="win_probability")
def win_no_ruin(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games, p, q, start, goal, rng, ruin=False), axis=0))


@slip("no ruin: plays on with 0 dollars", of="win_probability")
def win_no_ruin_2(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games, p, q, start, goal, rng, full=True, ruin=False), axis=0))


@slip("one game too few", of="win_probability")
def win_shorter(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games - 1, p, q, start, goal, rng), axis=0))


@slip("one game too few", of="win_probability")
def win_shorter_2(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games - 1, p, q, start, goal, rng, full=True), axis=0))


@slip("one game too many", of="win_probability")
def win_longer(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games + 1, p, q, start, goal, rng), axis=0))


@slip("one game too many", of="win_probability")
def win_longer_2(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games + 1, p, q, start, goal, rng, full=True), axis=0))


@slip("one win too many is needed (> for >=, or the start is one too low)", of="win_probability")
def win_beyond(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games, p, q, start, goal + 1, rng), axis=0))


@slip("one win too few is needed", of="win_probability")
def win_early(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games, p, q, start, goal - 1, rng), axis=0))


@slip("p hard-coded as 18/37", of="win_probability")
def win_fixed_p(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games, 18 / 37, q, start, goal, rng), axis=0))


@slip("p hard-coded as 18/37", of="win_probability")
def win_fixed_p_2(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games, 18 / 37, q, start, goal, rng, full=True), axis=0))


@slip("q hard-coded as 0.55", of="win_probability")
def win_fixed_q(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games, p, 0.55, start, goal, rng), axis=0))


@slip("last game not weighted", of="win_probability")
def win_last(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games, p, q, start, goal, rng, unweighted=1), axis=0))


@slip("losses not weighted", of="win_probability")
def win_losses(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(n_sims, n_games, p, q, start, goal, rng, loss=1.0), axis=0))


@slip("sum instead of mean", of="win_probability")
def win_sum(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.sum(np.prod(_simulate(n_sims, n_games, p, q, start, goal, rng), axis=0))


@slip("sum instead of mean", of="win_probability")
def win_sum_2(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.sum(np.prod(_simulate(n_sims, n_games, p, q, start, goal, rng, full=True), axis=0))


@slip("divides by the number of wins", of="win_probability")
def win_over_wins(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    won, weight = _simulate(n_sims, n_games, p, q, start, goal, rng)
    return np.sum(won * weight) / max(1, np.sum(won))


@slip("divides by the number of wins", of="win_probability")
def win_over_wins_2(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    won, weight = _simulate(n_sims, n_games, p, q, start, goal, rng, full=True)
    return np.sum(won * weight) / max(1, np.sum(won))


@slip("divides by n_sims - 1", of="win_probability")
def win_n_minus_1(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.sum(np.prod(_simulate(n_sims, n_games, p, q, start, goal, rng), axis=0)) / max(1, n_sims - 1)


@slip("divides by n_sims + 1", of="win_probability")
def win_n_plus_1(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.sum(np.prod(_simulate(n_sims, n_games, p, q, start, goal, rng), axis=0)) / (n_sims + 1)


@slip("n_sims ignored: always 3000 simulations", of="win_probability")
def win_fixed_n(n_sims: int, n_games: int, p: float, q: float, start: int, goal: int, rng: Rng) -> Any:
    return np.mean(np.prod(_simulate(3000, n_games, p, q, start, goal, rng), axis=0))
