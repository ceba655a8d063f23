"""Checks for `iwae_refined`: the refined proposal by exact enumeration, and the bounds between which it lies."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import Student, Topic, agree, cases, check, forall, holds, unchanged
from grader.judge import SINGLE

Array = NDArray[np.float64]
Table = tuple[Array, Array]
"""p(x, z) (m,) of one x, and q (m,), all positive."""

topic = Topic(
    "iwae_refined",
    source="Assignment 3 (2020), question 4",
    functions={
        "refined_proposal(joint, q, K)": "The law q_K (m,) of z, exactly: for joint (m,), the p(x, z) > 0 of one x and all z, "
        "and a law q (m,) > 0, the expectation over independent z_2..z_K ~ q of p(x, z) / ((w(z) + w(z_2) + ... + "
        "w(z_K)) / K), where w(z) = p(x, z) / q(z). m^(K-1) stays below 5,000.",
    },
)

ROUNDING = 64 * SINGLE
"""Of a probability: a sum of up to 5,000 positive terms, each of K weights, in single precision."""


@st.composite
def tables(draw: Any, most: int = 4) -> Table:
    """p(x, .) and q on 2 to `most` values of z."""
    m = draw(st.integers(2, most))
    joint = np.array([draw(st.integers(1, 16)) for _ in range(m)]) / 64
    counts = np.ones(m, dtype=int)
    np.add.at(counts, [draw(st.integers(0, m - 1)) for _ in range(16 - m)], 1)
    return joint, counts / 16


def table(joint: list[float], q: list[float]) -> Table:
    """A table from lists."""
    return np.array(joint), np.array(q)


SMALL = table([0.125, 0.375], [0.5, 0.5]), table([0.25, 0.125, 0.0625], [0.25, 0.25, 0.5])


@check(points=1, part="1")
@cases({"tables": SMALL[0], "K": 2}, {"tables": SMALL[1], "K": 2}, {"tables": SMALL[1], "K": 3})
def check_examples(student: Student, reference: ModuleType, tables: Table, K: int) -> None:
    """The refined proposal for two small tables, with 2 and 3 samples"""
    agree(student.refined_proposal(*tables, K), reference.refined_proposal, tolerance=ROUNDING)


@check(points=3, part="1")
@forall(tables=tables(), K=st.integers(2, 4), examples=30)
def check_refined(student: Student, reference: ModuleType, tables: Table, K: int) -> None:
    """The refined proposal for any table and 2 to 4 samples"""
    agree(student.refined_proposal(*tables, K), reference.refined_proposal, tolerance=ROUNDING)


@check(points=1, part="1")
@forall(tables=tables(), examples=10)
def check_one_sample(student: Student, tables: Table) -> None:
    """With one sample the refined proposal is q itself"""
    agree(student.refined_proposal(*tables, 1), tables[1], tolerance=ROUNDING)


@check(points=1, part="1")
@forall(joint=tables().map(lambda found: found[0]), K=st.integers(1, 3), examples=10)
def check_posterior_stays(student: Student, joint: Array, K: int) -> None:
    """The posterior is refined to itself"""
    posterior = joint / np.sum(joint)
    agree(student.refined_proposal(joint, posterior, K), posterior, tolerance=ROUNDING)


@check(points=1, part="1", kind="input")
@cases({"tables": SMALL[1], "K": 3}, {"tables": SMALL[0], "K": 1})
def check_input_unchanged(student: Student, tables: Table, K: int) -> None:
    """The call leaves both tables as they were"""
    unchanged(student.refined_proposal(*tables, K))


@check(points=2, part="2")
@forall(tables=tables(), K=st.integers(2, 4), examples=20)
def check_normalised(student: Student, tables: Table, K: int) -> None:
    """The refined proposal is a law: positive, with sum 1"""
    answer = student.refined_proposal(*tables, K)
    refined = answer.array(len(tables[1]))
    total, allowed = float(np.sum(refined)), len(refined) * ROUNDING
    holds(bool(np.all(refined > 0)), "every z keeps a positive mass", answer=answer)
    holds(
        abs(total - 1) <= allowed,
        f"the masses sum to {total:.6g}, not to 1",
        answer=answer,
        difference=abs(total - 1),
        tolerance=allowed,
    )


@check(points=2, part="2", requires="normalised")
@forall(tables=tables(), K=st.integers(2, 4), examples=20)
def check_bounds(student: Student, reference: ModuleType, tables: Table, K: int) -> None:
    """L_1 of the refined proposal is at least L_K[q] and at most log p(x)"""
    joint, q = tables
    answer = student.refined_proposal(joint, q, K)
    refined = answer.array(len(q))
    law = refined / np.sum(refined)
    tightened = float(law @ np.log(joint / law))
    lower, upper = reference.bound(joint, q, K), float(np.log(np.sum(joint)))
    slack = 8 * ROUNDING
    why = f"L_1[q_K] = {tightened:.6g} is below L_K[q] = {lower:.6g}"
    holds(tightened >= lower - slack, why, answer=answer, difference=lower - tightened, tolerance=slack)
    holds(tightened <= upper + slack, f"L_1[q_K] = {tightened:.6g} exceeds log p(x)", answer=answer)


@check(points=2, part="2")
@cases({"tables": table([0.0625, 0.25], [0.75, 0.25]), "K": 12}, {"tables": SMALL[1], "K": 7})
def check_many_samples(student: Student, reference: ModuleType, tables: Table, K: int) -> None:
    """With many samples the refined proposal comes near the posterior as it should"""
    agree(student.refined_proposal(*tables, K), reference.refined_proposal, tolerance=ROUNDING)
