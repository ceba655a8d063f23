"""Checks for `elbo`: the bound and its gap on finite tables, zero masses included, and what amortization costs."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import Student, Topic, agree, cases, check, forall, holds, unchanged
from grader.judge import SINGLE

Array = NDArray[np.float64]
Table = tuple[Array, Array]
"""p(x, z) (m,) of one x, and q (m,)."""

topic = Topic(
    "elbo",
    source="Assignment 3 (2020), question 3",
    functions={
        "elbo(joint, q)": "3.1: E_q log(p(x, z) / q(z)) for joint (m,), the p(x, z) of one x and all z, and a law q (m,); a "
        "number, or -inf. Both may have zeros: 0 log 0 is 0.",
        "posterior_gap(joint, q)": "3.2: KL(q || p(z|x)) for the same tables; a number, or +inf.",
        "larger_gap()": '3.2, 3.3a: whose gap is at least as large at the optimum, "amortized" (one encoder for all x) or '
        '"per_instance" (a law for each x).',
    },
)


@st.composite
def tables(draw: Any, zeros: str = "none") -> Table:
    """p(x, .) and q on up to 6 values of z.

    zeros: `none`; `shared`: q is zero in places, p(x, .) in some of those at most; `lacking`: q has mass where
    p(x, .) has none.
    """
    m = draw(st.integers(1 if zeros == "none" else 2, 6))
    p = np.array([draw(st.integers(1, 10)) for _ in range(m)]) / 64
    counts = np.ones(m, dtype=int)
    np.add.at(counts, [draw(st.integers(0, m - 1)) for _ in range(16 - m)], 1)
    if zeros != "none":
        gone, heir = draw(st.permutations(range(m)))[:2]
        counts[heir] += counts[gone]
        counts[gone] = 0
        if zeros == "lacking":
            p[heir] = 0.0
        elif draw(st.booleans()):
            p[gone] = 0.0
    return p, counts / 16


def tolerance(table: Table) -> float:
    """What single precision may lose in a sum of the logarithms that either definition has."""
    logs = [abs(float(np.log(x))) for x in (*table[0], *table[1], float(np.sum(table[0]))) if x > 0]
    return 16 * SINGLE * (1 + max(logs))


TWO_VALUES = {"joint": [0.25, 0.25], "q": [0.5, 0.5]}, {"joint": [0.125, 0.5], "q": [0.75, 0.25]}
SHARED = {"joint": [0.25, 0.125, 0.0], "q": [0.5, 0.5, 0.0]}, {"joint": [0.25, 0.125], "q": [0.0, 1.0]}
LACKING = {"joint": [0.25, 0.0], "q": [0.5, 0.5]}


@check(points=1, part="1")
@cases(*TWO_VALUES)
def check_elbo_examples(student: Student, reference: ModuleType, joint: list[float], q: list[float]) -> None:
    """The bound for two small tables"""
    table = np.array(joint), np.array(q)
    agree(student.elbo(*table), reference.elbo, tolerance=tolerance(table))


@check(points=3, part="1")
@forall(table=tables())
def check_elbo(student: Student, reference: ModuleType, table: Table) -> None:
    """The bound for any table of positive masses"""
    agree(student.elbo(*table), reference.elbo, tolerance=tolerance(table))


@check(points=1, part="1")
@forall(
    table=tables("shared"),
    examples=30,
    first=[{"table": tuple(map(np.array, row.values()))} for row in SHARED],
)
def check_elbo_zeros(student: Student, reference: ModuleType, table: Table) -> None:
    """Where q is zero, 0 log 0 counts as 0"""
    agree(student.elbo(*table), reference.elbo, tolerance=tolerance(table))


@check(points=1, part="1")
@forall(table=tables("lacking"), examples=30, first=[{"table": tuple(map(np.array, LACKING.values()))}])
def check_elbo_infinite(student: Student, reference: ModuleType, table: Table) -> None:
    """Where q has mass and p(x, z) is zero, the bound is minus infinity"""
    agree(student.elbo(*table), reference.elbo)


@check(points=1, part="1", kind="input")
@cases(SHARED[0], LACKING)
def check_elbo_input_unchanged(student: Student, joint: list[float], q: list[float]) -> None:
    """Computing the bound leaves both tables as they were"""
    unchanged(student.elbo(np.array(joint), np.array(q)))


@check(points=1, part="2")
@cases(*TWO_VALUES)
def check_gap_examples(student: Student, reference: ModuleType, joint: list[float], q: list[float]) -> None:
    """The gap for two small tables"""
    table = np.array(joint), np.array(q)
    agree(student.posterior_gap(*table), reference.posterior_gap, tolerance=tolerance(table))


@check(points=2, part="2")
@forall(table=tables())
def check_gap(student: Student, reference: ModuleType, table: Table) -> None:
    """The gap for any table of positive masses"""
    agree(student.posterior_gap(*table), reference.posterior_gap, tolerance=tolerance(table))


@check(points=1, part="2")
@forall(
    table=tables("shared"),
    examples=30,
    first=[{"table": tuple(map(np.array, row.values()))} for row in SHARED],
)
def check_gap_zeros(student: Student, reference: ModuleType, table: Table) -> None:
    """Where q is zero, 0 log 0 counts as 0 in the gap too"""
    agree(student.posterior_gap(*table), reference.posterior_gap, tolerance=tolerance(table))


@check(points=1, part="2")
@forall(table=tables("lacking"), examples=30, first=[{"table": tuple(map(np.array, LACKING.values()))}])
def check_gap_infinite(student: Student, reference: ModuleType, table: Table) -> None:
    """Where q has mass and p(x, z) is zero, the gap is infinite"""
    agree(student.posterior_gap(*table), reference.posterior_gap)


@check(points=1, part="2", requires="elbo")
@forall(table=tables(), examples=20)
def check_identity(student: Student, table: Table) -> None:
    """The bound and the gap add up to log p(x), and the gap is never negative"""
    bound, gap = student.elbo(*table), student.posterior_gap(*table)
    allowed, evidence = 2 * tolerance(table), float(np.log(np.sum(table[0])))
    total = bound.scalar() + gap.scalar()
    why = f"together they are {total:g}, but log p(x) is {evidence:g}"
    holds(
        abs(total - evidence) <= allowed,
        why,
        answer=bound,
        difference=abs(total - evidence),
        tolerance=allowed,
    )
    holds(gap.scalar() >= -allowed, "a divergence is not negative", answer=gap)


@check(points=1, part="2", kind="input")
@cases(SHARED[0], LACKING)
def check_gap_input_unchanged(student: Student, joint: list[float], q: list[float]) -> None:
    """Computing the gap leaves both tables as they were"""
    unchanged(student.posterior_gap(np.array(joint), np.array(q)))


def judge_larger_gap(student: Student, reference: ModuleType, why: str) -> None:
    """The label is the right one, in either spelling of the word."""
    answer = student.larger_gap()
    text = re.sub(r"[\s-]+", "_", answer.label().casefold().strip(" .!'\"`")).replace("amortised", "amortized")
    holds(text == reference.larger_gap(), why, answer=answer, expected=reference.larger_gap())


@check(points=3, part="2")
def check_larger_gap(student: Student, reference: ModuleType) -> None:
    """Which of the two approaches has the larger divergence from the posterior"""
    why = "a law for each x can be chosen at least as well as one encoder chooses for all"
    judge_larger_gap(student, reference, why)


@check(points=1, part="3")
def check_larger_bias(student: Student, reference: ModuleType) -> None:
    """Which of the two approaches has the larger bias as an estimate of log p(x)"""
    why = "the bias of the bound is its gap, which a law for each x can only make smaller"
    judge_larger_gap(student, reference, why)
