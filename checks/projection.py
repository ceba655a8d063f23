"""Checks for `projection`: the projection of a point onto a segment."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import numpy as np
import sympy
from hypothesis import strategies as st

from grader import Student, Topic, agree, cases, check, forall, holds, proves, unchanged
from grader.judge import Case, Claim, Domain
from grader.strategies import reals, vectors

topic = Topic(
    "projection",
    source="Homework 10 (2024), problem 2",
    functions={
        "project(y, a)": "The point of C = {x : x1 = a, 0 <= x2 <= 1} closest to y (2,), as an array (2,).",
        "projection_formula(y1, y2, a)": "The same for SymPy symbols: two expressions.",
    },
)

ROUNDING = 16 * 2.0**-24
"""Enough for single precision; the inputs are multiples of 1/16."""
numbers = st.one_of(reals(), st.sampled_from([-0.0, 1.0, 1000.0, -1000.0, 2.0**20, -(2.0**20)]))


@check(points=1)
@cases(
    {"y": [0.0, 2.0], "a": 1.0},
    {"y": [3.0, 0.5], "a": -2.0},
    {"y": [1.0, -2.0], "a": 0.0},
)
def check_examples(student: Student, reference: ModuleType, y: Sequence[float], a: float) -> None:
    """Above, beside and below the segment"""
    agree(student.project(np.array(y), a), reference.project)


@check(points=3)
@forall(y=vectors(2, numbers), a=numbers)
def check_closest(student: Student, reference: ModuleType, y: np.ndarray, a: float) -> None:
    """The result lies in C, and no point of C is closer to y"""
    answer = student.project(y, a)
    x1, x2 = answer.array(2)
    holds(
        abs(x1 - a) <= ROUNDING * max(1.0, abs(a), abs(y[0])),
        f"the result leaves C: x1 = {x1:g} is not a = {a:g}",
        answer=answer,
        expected=reference.project(y, a),
    )
    holds(-ROUNDING <= x2 <= 1 + ROUNDING, f"the result leaves C: x2 = {x2:g}", answer=answer, expected=reference.project(y, a))
    grid = np.linspace(0.0, 1.0, 17)
    nearest = grid[np.argmin(np.abs(grid - y[1]))]
    closer = abs(nearest - y[1]) + ROUNDING < abs(x2 - y[1])
    holds(not closer, f"(a, {nearest:g}) is closer to y", answer=answer, expected=reference.project(y, a))
    agree(answer, reference.project)


@check(points=1)
@forall(y=vectors(2, numbers), a=numbers)
def check_idempotent(student: Student, y: np.ndarray, a: float) -> None:
    """Projecting twice is projecting once"""
    once = student.project(y, a).array(2)
    agree(student.project(once, a), once, why="a point of C is moved")


@check(points=1)
@forall(y=vectors(2, numbers), z=vectors(2, numbers), a=numbers)
def check_nonexpansive(student: Student, y: np.ndarray, z: np.ndarray, a: float) -> None:
    """Two projections are never further apart than the two points"""
    first, second = student.project.rows([(y, a), (z, a)])
    apart = np.linalg.norm(first.array(2) - second.array(2))
    allowed = np.linalg.norm(y - z) * (1 + ROUNDING) + ROUNDING
    holds(apart <= allowed, f"with z = {z.tolist()} the projections are {apart:g} apart", answer=first)


def optimality(
    formulas: Sequence[sympy.Expr], y1: sympy.Symbol, y2: sympy.Symbol, a: sympy.Symbol
) -> list[Claim]:
    """What makes P the projection of y: P in C, and <y - P, x - P> <= 0 at both ends x of C."""
    p1, p2 = formulas

    def towards(x2: int) -> sympy.Expr:
        return (y1 - p1) * (a - p1) + (y2 - p2) * (x2 - p2)

    return [
        Claim(p1, "==", a, "the formula leaves C: its first component is not a"),
        Claim(p2, ">=", sympy.S.Zero, "the formula leaves C: its second component is negative"),
        Claim(p2, "<=", sympy.S.One, "the formula leaves C: its second component exceeds 1"),
        Claim(towards(0), "<=", sympy.S.Zero, "points of C towards (a, 0) are closer to y"),
        Claim(towards(1), "<=", sympy.S.Zero, "points of C towards (a, 1) are closer to y"),
    ]


@check(points=3, kind="symbolic")
def check_formula(student: Student) -> None:
    """The formula is the projection for all real y and a"""
    y1, y2, a = sympy.symbols("y1 y2 a", real=True)
    by_height = [
        Case("y2 < 0", {y2: Domain(high=0, high_open=True)}),
        Case("0 <= y2 <= 1", {y2: Domain(low=0, high=1)}),
        Case("y2 > 1", {y2: Domain(low=1, low_open=True)}),
    ]
    proves(student.projection_formula(y1, y2, a), satisfies=optimality, count=2, cases=by_height)


@check(points=1, kind="input")
@cases({"y": [0.5, -1.0], "a": 2.0}, {"y": [0.5, 0.25], "a": 2.0}, {"y": [2.0, 3.0], "a": 2.0})
def check_input_unchanged(student: Student, y: Sequence[float], a: float) -> None:
    """The call leaves y as it was"""
    unchanged(student.project(np.array(y), a))
