"""Checks for `minimax`: rock paper scissors between A, who minimises B's expected points, and B, who maximises them."""

from __future__ import annotations

from types import ModuleType

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from grader import Answer, Student, Topic, agree, cases, check, forall, holds, unchanged
from grader.judge import SINGLE

Array = NDArray[np.float64]

topic = Topic(
    "minimax",
    source="Homework 11 (2022), problem 4",
    functions={
        "payoff_matrix()": (
            "Expected points for B (3, 3): rows are A's plays, columns B's, both in the order rock, paper, scissors; "
            "1 for a win of B, -1 for a loss, 0 for a draw."
        ),
        "expected_payoff(p_a, p_b)": "Expected points for B where A plays by p_a (3,) and B by p_b (3,); a number.",
        "best_response(p_a)": "A strategy (3,) of B that earns most against p_a (3,); any such where there are several.",
        "exploitability(p_a)": "The expected points that B's best response earns against p_a (3,); a number.",
        "solve()": "The solution (p_a, p_b) of: minimise over p_a the maximum over p_b of B's expected points.",
    },
)

PLAYS = ("rock", "paper", "scissors")
ROUNDING = 64 * SINGLE
PURE = np.eye(3)
TIES = np.array([[2, 2, 2], [3, 1, 2], [2, 3, 1], [1, 2, 3]]) / 6
"""Against these B has several best plays: two earn B the same only where A plays the third in a third of all games."""
SOLVED = 1e-6
"""As close as a solver for linear programs or an iteration has to come to the solution."""


def strategies() -> SearchStrategy[Array]:
    """Distributions over the three plays in sixteenths, pure plays, equal shares and ties of B's best plays among them."""
    cuts = st.tuples(st.integers(0, 16), st.integers(0, 16)).map(sorted)
    mixed = cuts.map(lambda c: np.array([c[0], c[1] - c[0], 16 - c[1]]) / 16.0)
    equal = [
        [0.5, 0.5, 0.0],
        [0.0, 0.5, 0.5],
        [0.5, 0.0, 0.5],
        [0.25, 0.25, 0.5],
        [0.5, 0.25, 0.25],
        [0.25, 0.5, 0.25],
    ]
    special = st.sampled_from([*PURE.tolist(), *equal, *TIES.tolist()]).map(np.array)
    return st.one_of(special, mixed)


@check(points=2)
def check_outcomes(student: Student, reference: ModuleType) -> None:
    """All nine outcomes pay B what B wins"""
    answer = student.payoff_matrix()
    matrix, due = answer.array(3, 3), reference.payoff_matrix()
    for i, j in np.argwhere(np.abs(matrix - due) > ROUNDING):
        why = f"A plays {PLAYS[i]}, B plays {PLAYS[j]}: B gets {due[i, j]:g}, but entry [{i}, {j}] is {matrix[i, j]:g}"
        holds(False, why, answer=answer, expected=due)


@check(points=1)
@cases(
    {"p_a": PURE[0], "p_b": PURE[1]},
    {"p_a": PURE[0], "p_b": PURE[2]},
    {"p_a": [0.5, 0.25, 0.25], "p_b": [0.0, 1.0, 0.0]},
)
def check_payoff_examples(student: Student, reference: ModuleType, p_a: Array, p_b: Array) -> None:
    """B's expected points in three games"""
    agree(student.expected_payoff.either(np.array(p_a), np.array(p_b)), reference.expected_payoff)


@check(points=1)
@forall(p_a=strategies(), p_b=strategies(), examples=30)
def check_payoff(student: Student, reference: ModuleType, p_a: Array, p_b: Array) -> None:
    """B's expected points are right for any two strategies"""
    agree(student.expected_payoff.either(p_a, p_b), reference.expected_payoff)


@check(points=2)
@forall(first=[{"p_a": row} for row in (*PURE, *TIES)], p_a=strategies(), examples=30)
def check_best_response(student: Student, reference: ModuleType, p_a: Array) -> None:
    """No strategy earns B more than the best response"""
    answer = student.best_response.either(p_a)
    p_b = distribution(answer)
    most, earned = reference.exploitability(p_a), float(p_a @ reference.payoff_matrix() @ p_b)
    holds(
        earned >= most - ROUNDING,
        f"it earns B {earned:.4g} against p_a, but {most:.4g} can be had",
        answer=answer,
        expected=reference.best_response(p_a),
    )


@check(points=2)
@forall(first=[{"p_a": np.array([0.5, 0.25, 0.25])}], p_a=strategies(), examples=30)
def check_exploitability(student: Student, reference: ModuleType, p_a: Array) -> None:
    """The exploitability is what B's best response earns"""
    agree(student.exploitability.either(p_a), reference.exploitability)


@check(points=2, kind="symbolic")
def check_solution(student: Student, reference: ModuleType) -> None:
    """The solution is the only pair of strategies from which neither side gains by deviating"""
    answer = student.solve()
    for name, part, found in zip("AB", answer.parts(2), reference.saddle_points(), strict=True):
        strategy = distribution(part)
        (only,) = found
        due, matrix = np.array(only), reference.payoff_matrix()
        earned = (strategy @ matrix).max() if name == "A" else -(matrix @ strategy).min()
        other = "A" if name == "B" else "B"
        why = f"{other} can earn {earned:.4g} a game against this strategy of {name}"
        holds(np.abs(strategy - due).max() <= SOLVED, why, answer=part, expected=due)
    student.certainty("exact: SymPy solves for all saddle points, and there is one")


def distribution(answer: Answer) -> Array:
    """A strategy (3,). Raises WrongAnswer where it is none."""
    p = answer.array(3)
    holds((p >= -ROUNDING).all(), "a probability is negative", answer=answer)
    holds(abs(p.sum() - 1) <= ROUNDING, f"the probabilities add up to {p.sum():.6g}", answer=answer)
    return p


@check(points=1, kind="input")
@cases({"p_a": [0.5, 0.25, 0.25], "p_b": [0.0, 0.25, 0.75]})
def check_input_unchanged(student: Student, p_a: list[float], p_b: list[float]) -> None:
    """The calls leave the strategies as they were"""
    unchanged(student.expected_payoff.either(np.array(p_a), np.array(p_b)))
    unchanged(student.best_response.either(np.array(p_a)))
    unchanged(student.exploitability.either(np.array(p_a)))
