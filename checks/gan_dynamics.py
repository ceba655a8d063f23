"""Checks for `gan_dynamics`: gradient descent and ascent on V(d, g) = d g, as a linear map and in the long run."""

from __future__ import annotations

import re
from types import ModuleType

import numpy as np
import sympy
from hypothesis import strategies as st

from grader import Answer, Student, Topic, agree, cases, check, forall, holds, proves
from grader.judge import SINGLE
from grader.strategies import positive, reals

topic = Topic(
    "gan_dynamics",
    source="Assignment 3 (2020), question 6",
    functions={
        "update_matrix(lr)": "6.1: the matrix A (2, 2) of a simultaneous step on V(d, g) = d g, in which d ascends and g "
        "descends with learning rate lr: (d, g) becomes A (d, g). lr may be a SymPy symbol.",
        "stationary_point()": "6.2: the (d, g) at which the steps stay, as an array (2,).",
        "eigenvalues(lr)": "6.3: both eigenvalues (2,) of A, complex, in any order.",
        "radius(k, lr, d0, g0)": "6.3: the distance of (d, g) from the stationary point after k steps from (d0, g0); a number.",
        "long_run()": '6.3: "diverges", "converges" or "cycles": what (d, g) does as the number of steps grows.',
    },
)

ROUNDING = 16 * SINGLE
"""Of an eigenvalue; A is normal, so that nothing is amplified."""
ROUNDING_PER_STEP = 4 * SINGLE
"""Of the radius; whoever multiplies step by step rounds in each."""


@check(points=1, part="1")
@cases({"lr": 0.5}, {"lr": 0.25})
def check_update_examples(student: Student, reference: ModuleType, lr: float) -> None:
    """The matrix of one step, for two learning rates"""
    agree(student.update_matrix(lr), reference.update_matrix)


@check(points=2, part="1")
@forall(lr=positive(3.0), examples=8)
def check_update(student: Student, reference: ModuleType, lr: float) -> None:
    """d and g take their steps at the same time, d upwards and g downwards"""
    agree(student.update_matrix(lr), reference.update_matrix)


@check(points=2, part="1", kind="symbolic")
def check_update_formula(student: Student, reference: ModuleType) -> None:
    """The matrix is right for a learning rate that is a symbol"""
    proves(student.update_matrix(sympy.Symbol("lr", positive=True)), reference.update_matrix)


@check(points=1, part="1", kind="input")
@cases({"lr": 0.0}, {"lr": 1})
def check_update_special_rates(student: Student, reference: ModuleType, lr: float) -> None:
    """A learning rate of 0 and one that is a whole number work as well"""
    agree(student.update_matrix(lr), reference.update_matrix)


@check(points=1, part="2")
def check_stationary_point(student: Student, reference: ModuleType) -> None:
    """A step from the stationary point stays there"""
    agree(student.stationary_point(), reference.stationary_point, tolerance=ROUNDING)


def agree_in_any_order(answer: Answer, reference: ModuleType) -> None:
    """Two complex numbers are the eigenvalues, whichever comes first; real ones count where they are real."""
    want = reference.eigenvalues(*answer.arguments)
    got = answer.canonical(2, complex_ok=True).array
    difference = min(float(np.max(np.abs(got - order))) for order in (want, want[::-1]))
    tolerance = ROUNDING * float(np.max(np.abs(want)))
    holds(
        difference <= tolerance,
        "these are not the eigenvalues of A",
        answer=answer,
        expected=want,
        difference=difference,
        tolerance=tolerance,
    )


@check(points=1, part="3")
@cases({"lr": 0.5}, {"lr": 2.0})
def check_eigenvalue_examples(student: Student, reference: ModuleType, lr: float) -> None:
    """The eigenvalues for two learning rates"""
    agree_in_any_order(student.eigenvalues(lr), reference)


@check(points=2, part="3")
@forall(lr=positive(3.0), examples=20, first=[{"lr": 0.0}])
def check_eigenvalues(student: Student, reference: ModuleType, lr: float) -> None:
    """The eigenvalues for any learning rate, 0 included"""
    agree_in_any_order(student.eigenvalues(lr), reference)


def agree_radius(answer: Answer, reference: ModuleType) -> None:
    """The distance is right, to what computing it step by step allows."""
    want, k = reference.radius(*answer.arguments), answer.arguments[0]
    assert isinstance(k, int)
    agree(answer, want, tolerance=(ROUNDING + ROUNDING_PER_STEP * k) * want)


@check(points=1, part="3")
@cases(
    {"k": 1, "lr": 0.5, "d0": 3.0, "g0": 4.0},
    {"k": 2, "lr": 1.0, "d0": 1.0, "g0": 0.0},
    {"k": 0, "lr": 0.5, "d0": 0.0, "g0": -2.0},
)
def check_radius_examples(
    student: Student, reference: ModuleType, k: int, lr: float, d0: float, g0: float
) -> None:
    """The distance from the stationary point after two, one and no steps"""
    agree_radius(student.radius(k, lr, d0, g0), reference)


@check(points=2, part="3")
@forall(
    k=st.integers(0, 24),
    lr=positive(2.0),
    d0=reals(),
    g0=reals(),
    examples=40,
    first=[{"k": 200, "lr": 0.25, "d0": 1.0, "g0": -2.0}],
)
def check_radius(student: Student, reference: ModuleType, k: int, lr: float, d0: float, g0: float) -> None:
    """The distance from the stationary point after any number of steps from anywhere"""
    agree_radius(student.radius(k, lr, d0, g0), reference)


@check(points=2, part="3")
def check_long_run(student: Student, reference: ModuleType) -> None:
    """What happens to (d, g) in the long run"""
    answer, due = student.long_run(), reference.long_run()
    why = f'"{answer.label()}" is not what happens: look at the absolute value of the eigenvalues'
    text = re.sub(r"^diverge(nt|nce)?$", "diverges", answer.label().casefold().strip(" .!'\"`"))
    holds(text == due, why, answer=answer, expected=due)
