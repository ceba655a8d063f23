"""Checks for `log_derivative`: any estimator that is right on average is right.

One sample cannot tell: constant and leave-one-out baselines change single estimates, not their mean. So the
mean is computed exactly, over all samples of a random variable with few values.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from grader import Student, Topic, WrongAnswer, cases, check, forall, unchanged
from grader.judge import SINGLE, all_samples
from grader.strategies import arrays, reals, vectors

topic = Topic(
    "log_derivative",
    source="Homework 10 (2024), problem 1",
    functions={
        "score_gradient(score, log_h, log_q)": (
            "Monte Carlo estimate (p,) of the gradient of E log(h(Z)/q(Z)), Z ~ q, from n samples: score (n, p) "
            "holds the gradients of log q at the samples, log_h and log_q (n,) the values there. n is at least 2."
        ),
    },
)

SAFETY = 64
"""Roundings (in single precision) of the largest term that a mean over samples of estimates may differ by."""
Table = dict[str, NDArray[np.float64]]


@st.composite
def tables(draw: Any, m: int, p: int, heights: SearchStrategy[float] | None = None) -> Table:
    """A variable on m cells: dyadic probabilities q (m,), scores (m, p) of mean zero, log h (m,)."""
    counts = draw(st.permutations([(8, 8), (4, 4, 8), (2, 4, 2, 8)][m - 2]))
    q = np.array(counts) / 16.0
    free = draw(arrays((m - 1, p)))
    score = np.vstack([free, -(q[:-1] @ free) / q[-1]])
    return {"q": q, "score": score, "log_h": draw(vectors(m, heights))}


def judge_mean(student: Student, reference: ModuleType, z: Table, n: int) -> None:
    """The mean estimate over all samples of n values is the gradient."""
    samples = list(all_samples(z["q"], n))
    answers = student.score_gradient.rows([arguments(z, cells) for _, cells in samples])
    p = z["score"].shape[1]
    weights = np.array([weight for weight, _ in samples])
    estimates = np.array([answer.array(p) for answer in answers])
    got, want = weights @ estimates, reference.exact_gradient(z["q"], z["score"], z["log_h"])
    largest = np.max(np.abs(z["score"])) * (np.max(np.abs(z["log_h"] - np.log(z["q"]))) + 1.0)
    largest = max(largest, float(np.max(weights @ np.abs(estimates))))
    tolerance = SAFETY * SINGLE * largest
    student.certainty("exact: the mean over all samples, each with its probability")
    difference = float(np.max(np.abs(got - want)))
    student.measured(difference, tolerance)
    if not difference <= tolerance:
        raise WrongAnswer(
            f"averaged over all {len(samples)} samples of size {n} with their probabilities, the estimate is biased",
            answer=answers[0],
            expected=f"{np.round(want, 6).tolist()} on average",
            got=f"{np.round(got, 6).tolist()} on average over samples like this",
            difference=difference,
            tolerance=tolerance,
            slip=known_slip(student) if student.tracing else "",
        )


def arguments(z: Table, cells: list[int]) -> tuple[NDArray[np.float64], ...]:
    """score, log_h and log_q of a sample."""
    return z["score"][cells], z["log_h"][cells], np.log(z["q"][cells])


def known_slip(student: Student) -> str:
    """The known mistake that has the student's means on all probes, whatever baseline stands beside it."""
    candidates = list(student.slips("score_gradient"))
    same_estimates = set(candidates)
    for z, n in probes():
        samples = list(all_samples(z["q"], n))
        weights = np.array([weight for weight, _ in samples])
        rows = [arguments(z, cells) for _, cells in samples]
        mine = np.array([answer.array(z["score"].shape[1]) for answer in student.score_gradient.rows(rows)])
        close = 1e-5 * (1 + np.max(np.abs(mine)))
        for variant in list(candidates):
            apart = np.array([variant.function(*row) for row in rows]) - mine
            if np.max(np.abs(apart)) > close:
                same_estimates.discard(variant)
            if np.max(np.abs(weights @ apart)) > close:
                candidates.remove(variant)
    candidates.sort(key=lambda variant: variant not in same_estimates)
    return candidates[0].title if candidates else ""


def table(q: list[float], score: list[list[float]], log_h: list[float]) -> Table:
    """A table from lists; the scores must have mean zero under q."""
    return {"q": np.array(q), "score": np.array(score), "log_h": np.array(log_h)}


def four_values(p: int) -> Table:
    """A variable with four values and p = 1 to 4 parameters."""
    score = [[2.0, -3.0, 1.0, -6.0], [1.0, 0.25, 0.0, 0.5], [-2.0, 0.5, 0.0, 1.0], [-2.0, 1.0, -1.0, 2.0]]
    return table([0.125, 0.5, 0.25, 0.125], [row[:p] for row in score], [0.5, -1.0, 2.0, 3.0])


def probes() -> list[tuple[Table, int]]:
    """Variables and sample sizes on which no two known mistakes have the same mean."""
    return [(four_values(2), 2), (four_values(3), 3), (four_values(1), 3)]


@check(points=1)
@cases(
    {"z": table([0.5, 0.5], [[1.0], [-1.0]], [1.0, 0.0]), "n": 2},
    {"z": table([0.25, 0.75], [[3.0, -0.75], [-1.0, 0.25]], [1.5, -0.5]), "n": 2},
)
def check_two_values(student: Student, reference: ModuleType, z: Table, n: int) -> None:
    """Right on average for a variable with two values, two samples at a time"""
    judge_mean(student, reference, z, n)


@check(points=3)
@forall(z=tables(3, 2), n=st.integers(2, 4), examples=16)
def check_unbiased(student: Student, reference: ModuleType, z: Table, n: int) -> None:
    """Right on average for any variable with three values"""
    judge_mean(student, reference, z, n)


@check(points=2)
@cases(*({"z": four_values(p), "n": n} for p in (1, 2, 3, 4) for n in (2, 3, 4)))
def check_shapes(student: Student, reference: ModuleType, z: Table, n: int) -> None:
    """Right for one parameter and for several, for as many samples as parameters, more and fewer"""
    judge_mean(student, reference, z, n)


@check(points=1)
@forall(z=tables(2, 2, reals(-40.0, 40.0)), n=st.integers(2, 3), examples=16)
def check_far_apart(student: Student, reference: ModuleType, z: Table, n: int) -> None:
    """Right where h is far larger or smaller than q"""
    judge_mean(student, reference, z, n)


@check(points=1, kind="input")
@cases({"score": [[1.0, 0.5], [-1.0, 0.25]], "log_h": [0.5, -1.0], "log_q": [-0.5, -1.0]})
def check_input_unchanged(student: Student, score: object, log_h: object, log_q: object) -> None:
    """The call leaves the samples as they were"""
    unchanged(student.score_gradient(np.array(score), np.array(log_h), np.array(log_q)))
