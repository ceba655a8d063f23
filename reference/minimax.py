"""Rock paper scissors as a minimax problem (Homework 11 (2022), problem 4).

A minimises and B maximises the expected points for B. The matrix that the official sheet prints pays A; here, as in
the problem's text, all payoffs are B's.
"""

from __future__ import annotations

import numpy as np
import sympy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Strategy = tuple[float, float, float]


def payoff_matrix() -> Floats:
    """Points for B (3, 3): row i is A's play, column j is B's, in the order rock, paper, scissors."""
    return np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])


def expected_payoff(p_a: Floats, p_b: Floats) -> float:
    """Expected points for B where A plays by p_a (3,) and B by p_b (3,)."""
    return float(np.asarray(p_a) @ payoff_matrix() @ np.asarray(p_b))


def best_response(p_a: Floats) -> Floats:
    """A strategy (3,) of B with the largest expected payoff against p_a (3,): one pure play."""
    play: Floats = np.eye(3)[int(np.argmax(np.asarray(p_a) @ payoff_matrix()))]
    return play


def exploitability(p_a: Floats) -> float:
    """What B's best response earns against p_a (3,): max over p_b of the expected payoff."""
    return float(np.max(np.asarray(p_a) @ payoff_matrix()))


def solve() -> tuple[Floats, Floats]:
    """The solution (p_a, p_b) of min over p_a, max over p_b: both uniform."""
    return np.full(3, 1 / 3), np.full(3, 1 / 3)


def saddle_points() -> tuple[list[Strategy], list[Strategy]]:
    """All solutions for p_a and for p_b, found exactly.

    Against a solution with no zero entry, every play that the other side uses must earn the value of the game; the
    equations have one solution each, and it has no zero entry, so there is no other.
    """
    p, value = sympy.symbols("p1:4"), sympy.Symbol("v")
    matrix = sympy.Matrix(payoff_matrix().astype(int).tolist())
    found = []
    for payoffs in (matrix.T * sympy.Matrix(p), matrix * sympy.Matrix(p)):
        equations = [payoff - value for payoff in payoffs] + [sum(p) - 1]
        solutions = sorted(sympy.linsolve(equations, [*p, value]), key=str)
        found.append([(float(row[0]), float(row[1]), float(row[2])) for row in solutions])
    return found[0], found[1]
