"""The game's reference against the rules of the game, and the theorem of problem 4a by SymPy's inequalities."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy

from reference.minimax import (
    best_response,
    expected_payoff,
    exploitability,
    payoff_matrix,
    saddle_points,
    solve,
)

BEATS = {("paper", "rock"), ("rock", "scissors"), ("scissors", "paper")}
NAMES = ("rock", "paper", "scissors")


def test_the_matrix_follows_the_rules_from_b_s_side() -> None:
    for (i, a), (j, b) in product(enumerate(NAMES), repeat=2):
        assert payoff_matrix()[i, j] == ((b, a) in BEATS) - ((a, b) in BEATS)


@pytest.mark.parametrize("p_a", [(16, 0, 0), (8, 8, 0), (4, 4, 8), (5, 5, 6), (1, 2, 13)])
def test_no_strategy_of_a_grid_earns_more_than_the_best_response(p_a: tuple[int, ...]) -> None:
    p = np.array(p_a) / 16
    grid = [np.array([i, j, 16 - i - j]) / 16 for i in range(17) for j in range(17 - i)]
    most = max(expected_payoff(p, q) for q in grid)
    assert exploitability(p) == most == expected_payoff(p, best_response(p))


def test_only_the_uniform_strategy_cannot_be_exploited() -> None:
    p1, p2 = sympy.symbols("p1 p2", real=True)
    p = sympy.Matrix([p1, p2, 1 - p1 - p2])
    payoffs = sympy.Matrix(payoff_matrix().astype(int)).T * p
    # They add up to 0, so that none is positive only where all are 0.
    assert sympy.expand(sum(payoffs)) == 0
    assert sympy.solve(list(payoffs), [p1, p2]) == {p1: sympy.Rational(1, 3), p2: sympy.Rational(1, 3)}


def test_the_solution_is_that_of_the_equations_and_no_exact_grid_point_is_another() -> None:
    assert saddle_points() == ([(1 / 3,) * 3],) * 2
    assert [p.tolist() for p in solve()] == [[1 / 3] * 3] * 2
    rows = payoff_matrix().astype(int)
    for i, j in product(range(13), repeat=2):
        p = [Fraction(i, 12), Fraction(j, 12), Fraction(12 - i - j, 12)]
        if p[2] >= 0:
            largest = max(sum(p[k] * int(rows[k, b]) for k in range(3)) for b in range(3))
            assert (largest <= 0) == (p == [Fraction(1, 3)] * 3)
