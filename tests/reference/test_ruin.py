"""The reference of `ruin` against enumeration and rational dynamic programming, and the numbers of the homework."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy import stats

from grader.judge import FiniteLaw, mean_interval
from reference.ruin import (
    contribution_law,
    exact_win_probability,
    log_likelihood_ratio,
    ratio_law,
    win_probability,
)

GAMES = [
    (6, "2/5", "3/5", 1, 3),
    (5, "3/10", "13/20", 2, 3),
    (7, "9/20", "7/10", 3, 6),
    (1, "1/4", "1/2", 1, 2),
]


def rational_win_probability(n_games: int, p: Fraction, start: int, goal: int) -> Fraction:
    """The same dynamic programme in exact arithmetic, over sets of states instead of arrays."""
    playing, won = {start: Fraction(1)}, Fraction(0)
    for _ in range(n_games):
        after: dict[int, Fraction] = defaultdict(Fraction)
        for balance, mass in playing.items():
            after[balance + 1] += mass * p
            after[balance - 1] += mass * (1 - p)
        won += after.pop(goal, Fraction(0))
        after.pop(0, None)
        playing = after
    return won


def test_the_homework_s_probability_in_exact_arithmetic() -> None:
    exact = rational_win_probability(600, Fraction(18, 37), 100, 200)
    assert float(exact) == pytest.approx(2.3883834506069570e-6, rel=1e-15)
    assert exact_win_probability(600, 18 / 37, 100, 200) == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize(
    ("n_games", "p", "start", "goal", "value"),
    [
        (21, 0.4, 3, 6, 0.220014),
        (22, 0.4, 3, 6, 0.220014),
        (20, 0.4, 3, 6, 0.216686),
        (5, 0.48, 2, 4, 0.345),
        (6, 0.48, 2, 4, 0.403),
    ],
)
def test_small_games_of_both_parities(n_games: int, p: float, start: int, goal: int, value: float) -> None:
    assert exact_win_probability(n_games, p, start, goal) == pytest.approx(
        value, abs=5e-4 if value > 0.3 else 5e-7
    )


def test_without_limit_it_is_the_classical_ruin_probability() -> None:
    r = 19 / 18
    assert exact_win_probability(60_000, 18 / 37, 100, 200) == pytest.approx(
        (r**100 - 1) / (r**200 - 1), rel=1e-9
    )
    assert (r**100 - 1) / (r**200 - 1) == pytest.approx(4.466e-3, rel=1e-3)


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("full", [False, True])
def test_laws_by_enumeration_of_all_sequences(game: tuple[int, str, str, int, int], full: bool) -> None:
    n_games, start, goal = game[0], game[3], game[4]
    p, q = Fraction(game[1]), Fraction(game[2])
    contributions: dict[float, Fraction] = defaultdict(Fraction)
    ratios: dict[float, Fraction] = defaultdict(Fraction)
    for x in product((0, 1), repeat=n_games):
        balance, end = start, n_games
        for t, outcome in enumerate(x):
            balance += 2 * outcome - 1
            if balance in (0, goal):
                end = t + 1
                break
        counted = x if full else x[:end]
        ratio = (p / q) ** sum(counted) * ((1 - p) / (1 - q)) ** (len(counted) - sum(counted))
        mass = q ** sum(x) * (1 - q) ** (n_games - sum(x))
        contributions[float(ratio) if balance == goal else 0.0] += mass
        ratios[float(ratio)] += mass
    arguments = (n_games, float(p), float(q), start, goal)
    for law, expected in ((contribution_law, contributions), (ratio_law, ratios)):
        got: dict[float, float] = defaultdict(float)
        for value, mass_ in law(*arguments, full=full):
            got[round(value, 12)] += mass_
        want: dict[float, float] = defaultdict(float)
        for value, exact in expected.items():
            want[round(value, 12)] += float(exact)
        got = {v: m for v, m in got.items() if m > 1e-15}  # type: ignore[assignment]
        assert got == pytest.approx({v: m for v, m in want.items() if m > 0}, abs=1e-12)


@pytest.mark.parametrize("full", [False, True])
def test_contributions_average_to_the_exact_probability_and_ratios_to_one(full: bool) -> None:
    homework = (600, 18 / 37, 0.55, 100, 200)
    law = FiniteLaw.of(contribution_law(*homework, full=full))
    assert law.mean == pytest.approx(2.3883834506069570e-6, rel=1e-12)
    assert math.sqrt(law.variance / 3000) / law.mean == pytest.approx(0.123 if full else 0.0705, rel=5e-3)
    assert FiniteLaw.of(ratio_law(*homework, full=full)).mean == pytest.approx(1, rel=1e-9)


def test_the_interval_of_the_homework_is_close_to_its_exact_one() -> None:
    """Exact (by FFT of the law of the sum of 3000): [1.611e-6, 3.255e-6] at 1e-6, for stopped weights."""
    law = FiniteLaw.of(contribution_law(600, 18 / 37, 0.55, 100, 200, full=False))
    interval = mean_interval(law, 3000, 1e-6)
    assert 1.5e-6 < interval.low < 1.611e-6
    assert 3.255e-6 < interval.high < 3.4e-6


def test_estimates_have_the_law_of_stopped_weights() -> None:
    rng = np.random.default_rng(1)
    for game in ((3, 0.3, 0.6, 2, 3), (6, 0.4, 0.55, 1, 3)):
        law = FiniteLaw.of(contribution_law(*game, full=False))
        values = np.array([win_probability(1, *game, rng) for _ in range(4000)])
        counts = [int(np.isclose(values, v, rtol=1e-12).sum()) for v in law.values]
        assert sum(counts) == 4000
        assert stats.chisquare(counts, 4000 * law.probabilities).pvalue > 1e-6
    game = (20, 0.48, 0.6, 3, 6)
    estimate = win_probability(200_000, *game, rng)
    assert estimate == pytest.approx(exact_win_probability(20, 0.48, 3, 6), rel=0.03)


def test_log_likelihood_ratio_against_the_laws_of_scipy() -> None:
    rng = np.random.default_rng(2)
    for p, q in ((18 / 37, 0.55), (0.1, 0.9), (0.5, 0.5)):
        x = rng.integers(0, 2, 600)
        expected = stats.bernoulli(p).logpmf(x).sum() - stats.bernoulli(q).logpmf(x).sum()
        assert log_likelihood_ratio(x, p, q) == pytest.approx(expected, rel=1e-12, abs=1e-11)
        assert log_likelihood_ratio(x.tolist(), p, q) == log_likelihood_ratio(x, p, q)
    assert log_likelihood_ratio([], 0.3, 0.6) == 0.0
