"""Tests for the gambler's ruin by importance sampling and for SGD over a Gaussian."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy

import reference.gaussian_sgd
import reference.ruin
from checks.support.gaussian_objective import nearest_minimum, objective

from ._values import Array, pair, plain, same, same_formula, seeded, untouched

_TINY = (
    (3, 0.3, 0.6, 2, 3),
    (2, 0.4, 0.65, 1, 3),
    (2, 0.45, 0.7, 2, 3),
    (9, 0.35, 0.6, 1, 2),
    (7, 0.45, 0.7, 3, 6),
)
_OTHERS = ((4, 0.4, 0.55, 2, 4), (6, 0.35, 0.6, 2, 4), (5, 0.48, 0.65, 1, 3))
_HOMEWORK = (600, 18 / 37, 0.55, 100, 200)
_SIMS = 5000


def ratio_examples(work: Any) -> None:
    """Three short sequences."""
    for x, p, q in (([1.0], 0.25, 0.5), ([0.0], 0.25, 0.5), ([1.0, 0.0, 1.0, 1.0], 18 / 37, 0.55)):
        due = reference.ruin.log_likelihood_ratio(x, p, q)
        same(work.log_likelihood_ratio(np.array(x), p, q), due)


def ratio(work: Any) -> None:
    """Sixty drawn sequences."""
    rng = seeded()
    for k in range(60):
        x = rng.integers(0, 2, 1 + k % 40).astype(np.float64)
        p, q = rng.uniform(0.05, 0.95, 2)
        same(work.log_likelihood_ratio(x, p, q), reference.ruin.log_likelihood_ratio(x, p, q), atol=1e-4)


def ratio_inputs(work: Any) -> None:
    """An empty sequence, and x is left as it was."""
    same(work.log_likelihood_ratio(np.empty(0), 0.25, 0.5), 0.0)
    untouched(work.log_likelihood_ratio, np.ones(3), 0.25, 0.5)


def _near_exact(work: Any, game: tuple[Any, ...]) -> None:
    """An estimate from many simulations is within six standard errors of the probability."""
    n_games, p, _, start, goal = game
    estimate = float(plain(work.win_probability(_SIMS, *game, seeded())))
    law = reference.ruin.contribution_law(*game, full=True)
    due = reference.ruin.exact_win_probability(n_games, p, start, goal)
    spread = math.sqrt(sum(mass * (value - due) ** 2 for value, mass in law))
    assert abs(estimate - due) <= 6 * spread / math.sqrt(_SIMS)


def tiny_games(work: Any) -> None:
    """Estimates of tiny games lie around the probability."""
    for game in _TINY:
        _near_exact(work, game)


def other_games(work: Any) -> None:
    """So do those of others."""
    for game in _OTHERS:
        _near_exact(work, game)


def homework(work: Any) -> None:
    """The game of the homework."""
    rng, (n_games, p, _, start, goal) = seeded(), _HOMEWORK
    estimates = [float(plain(work.win_probability(300, *_HOMEWORK, rng))) for _ in range(5)]
    due = reference.ruin.exact_win_probability(n_games, p, start, goal)
    assert due / 3 <= np.median(estimates) <= 3 * due


RUIN = (ratio_examples, ratio, ratio_inputs, tiny_games, other_games, homework)

_POINTS = ((0.5, 0.0), (-1.0, -0.75), (1.5, 0.5))
_STARTS = ((-0.25, -1.5), (-1.75, -0.5), (2.0, 0.5))
_LR, _BATCH, _RUNS = 0.08, 4000, 21


def score_formula(work: Any) -> None:
    """Both derivatives of the log-density."""
    symbols = sympy.symbols("x mu tau", real=True)
    found, due = work.score_formula(*symbols), reference.gaussian_sgd.score_formula(*symbols)
    domains = {"x": (-2.0, 0.5, 3.0), "mu": (-1.0, 0.25, 2.0), "tau": (-0.75, 0.0, 0.5)}
    for one, other in zip(list(found), due, strict=True):
        same_formula(one, other, domains)


def _unbiased(work: Any, function: str, *, by_score: bool) -> None:
    """Over all pairs of quadrature nodes the estimate averages to the gradient; it is not the other trick's."""
    nodes, weights = reference.gaussian_sgd.gauss_hermite(16)
    for mu, tau in _POINTS:
        samples = mu + math.exp(tau) * nodes if by_score else nodes
        pairs = [np.array([one, other]) for one in samples for other in samples]
        found = np.array([plain(getattr(work, function)(mu, tau, two), 2) for two in pairs])
        same(
            np.outer(weights, weights).ravel() @ found,
            reference.gaussian_sgd.exact_gradient(mu, tau),
            1e-3,
            1e-3,
        )
        other = reference.gaussian_sgd.sample_gradients(mu, tau, nodes, log_derivative=not by_score)
        theirs = (other[:, :, None] + other[:, None, :]).reshape(2, -1).T / 2
        assert not np.allclose(found, theirs, rtol=1e-4, atol=1e-4)


def gradient_log_derivative(work: Any) -> None:
    """The log-derivative estimate is unbiased."""
    _unbiased(work, "grad_log_derivative", by_score=True)


def gradient_reparameterization(work: Any) -> None:
    """The reparameterization estimate is unbiased."""
    _unbiased(work, "grad_reparameterization", by_score=False)


def samples_unchanged(work: Any) -> None:
    """Samples are left as they were."""
    untouched(work.grad_log_derivative, 0.5, 0.25, np.array([0.5, -1.0, 2.0]))
    untouched(work.grad_reparameterization, 0.5, 0.25, np.array([0.5, -1.0, 2.0]))


def _ends(work: Any, function: str, runs: int, *arguments: Any) -> Array:
    """(mu, tau) of some runs."""
    rng = seeded()
    found = [plain(pair(getattr(work, function)(*arguments, rng)), 2) for _ in range(runs)]
    assert all(sigma > 0 for _, sigma in found)
    return np.array([(mu, math.log(sigma)) for mu, sigma in found])


def _descends(work: Any, function: str, start: tuple[float, float], n_steps: int) -> None:
    by_score = function == "sgd_log_derivative"
    ends = _ends(work, function, _RUNS, *start, _LR, _BATCH, n_steps)
    law = reference.gaussian_sgd.sgd_law(*start, _LR, _BATCH, n_steps, log_derivative=by_score)
    allowed = 4 * np.sqrt(np.diag(law.covariance))
    assert (np.abs(np.median(ends, axis=0) - (law.mu, law.tau)) <= allowed).all()


def _other_trick(work: Any, function: str) -> None:
    """With a batch of one a step shows which estimate was used."""
    mu, tau = _STARTS[1]
    try:
        steps = ((mu, tau) - _ends(work, function, _RUNS, mu, tau, _LR, 1, 1)) / _LR
    except (ValueError, ZeroDivisionError, AssertionError):  # a baseline may need two samples
        return
    by_score = function == "sgd_log_derivative"
    assert not reference.gaussian_sgd.come_from_one_sample(mu, tau, steps, log_derivative=not by_score).all()


def step_log_derivative(work: Any) -> None:
    """One step of SGD from three starts."""
    for start in _STARTS:
        _descends(work, "sgd_log_derivative", start, 1)
    _other_trick(work, "sgd_log_derivative")


def step_reparameterization(work: Any) -> None:
    """One step of SGD from three starts."""
    for start in _STARTS:
        _descends(work, "sgd_reparameterization", start, 1)
    _other_trick(work, "sgd_reparameterization")


def path_log_derivative(work: Any) -> None:
    """Four steps of SGD."""
    _descends(work, "sgd_log_derivative", _STARTS[1], 4)


def path_reparameterization(work: Any) -> None:
    """Four steps of SGD."""
    _descends(work, "sgd_reparameterization", _STARTS[1], 4)


def _converges(work: Any, function: str) -> None:
    gaps = []
    for mu, tau in _ends(work, function, 11, 0.0, 0.0, 0.05, 128, 160):
        gaps.append(objective(mu, tau) - nearest_minimum(mu, math.exp(tau)).objective)
    assert np.median(gaps) <= 0.05


def minimum_log_derivative(work: Any) -> None:
    """Long runs end near a minimum."""
    _converges(work, "sgd_log_derivative")


def minimum_reparameterization(work: Any) -> None:
    """Long runs end near a minimum."""
    _converges(work, "sgd_reparameterization")


GAUSSIAN_SGD = (
    score_formula,
    gradient_log_derivative,
    gradient_reparameterization,
    samples_unchanged,
    step_log_derivative,
    step_reparameterization,
    path_log_derivative,
    path_reparameterization,
    minimum_log_derivative,
    minimum_reparameterization,
)
