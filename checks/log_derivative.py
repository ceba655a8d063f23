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
Rows = list[list[float]]


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
    answers = student.score_gradient.rows([arguments(z, cells) for _, cells in samples], same_seed=True)
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
    same_estimates, biased = set(candidates), set()
    for z, n in probes():
        samples = list(all_samples(z["q"], n))
        weights = np.array([weight for weight, _ in samples])
        rows = [arguments(z, cells) for _, cells in samples]
        answers = student.score_gradient.rows(rows, same_seed=True)
        mine = np.array([answer.array(z["score"].shape[1]) for answer in answers])
        right = (z["q"] * (z["log_h"] - np.log(z["q"]))) @ z["score"]
        close = 1e-5 * (1 + np.max(np.abs(mine)))
        for variant in list(candidates):
            theirs = np.array([variant.function(*row) for row in rows])
            if np.max(np.abs(theirs - mine)) > close:
                same_estimates.discard(variant)
            if np.max(np.abs(weights @ (theirs - mine))) > close:
                candidates.remove(variant)
            if np.max(np.abs(weights @ theirs - right)) > close:
                biased.add(variant)
    exact = [variant for variant in candidates if variant in same_estimates]
    alone = [variant for variant in candidates if variant in biased]
    # a mean that two mistakes share tells neither
    return exact[0].title if exact else alone[0].title if len(alone) == 1 else ""


def table(q: list[float], score: list[list[float]], log_h: list[float]) -> Table:
    """A table from lists; the scores must have mean zero under q."""
    return {"q": np.array(q), "score": np.array(score), "log_h": np.array(log_h)}


def four_values(p: int) -> Table:
    """A variable with four values and p = 1 to 4 parameters."""
    score = [[2.0, -3.0, 1.0, -6.0], [1.0, 0.25, 0.0, 0.5], [-2.0, 0.5, 0.0, 1.0], [-2.0, 1.0, -1.0, 2.0]]
    return table([0.125, 0.5, 0.25, 0.125], [row[:p] for row in score], [0.5, -1.0, 2.0, 3.0])


def skewed() -> Table:
    """A variable with two values, for samples so large that four values would give too many of them."""
    return table([0.75, 0.25], [[-1.0], [3.0]], [1.0, -2.0])


def probes() -> list[tuple[Table, int]]:
    """Variables and sample sizes that tell the means of known mistakes apart where anything can."""
    apart = table([0.5, 0.5], [[1.0], [-1.0]], [400.0, -300.0])
    return [(four_values(2), 2), (four_values(3), 3), (four_values(1), 3), (skewed(), 7), (apart, 2)]


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
@cases(
    *({"z": four_values(p), "n": n} for p in (1, 2, 3, 4) for n in (2, 3, 4)),
    {"z": skewed(), "n": 7},
)
def check_shapes(student: Student, reference: ModuleType, z: Table, n: int) -> None:
    """Right for one parameter and for several, for as many samples as parameters, more and fewer"""
    judge_mean(student, reference, z, n)


@check(points=1)
@cases(
    {"score": [[1.0, 3.0], [2.0, -1.0]], "log_h": [1.0, 2.0], "log_q": [-2.0, -1.0]},
    {
        "score": [[1.0], [-0.5], [2.0], [0.25], [-1.0], [3.0]],
        "log_h": [1.0, 2.5, -1.0, 4.0, 0.0, 3.0],
        "log_q": [-2.0, -1.0, -1.5, -4.0, -0.5, -2.5],
    },
)
def check_every_sample_counts(student: Student, score: Rows, log_h: list[float], log_q: list[float]) -> None:
    """The estimate depends on every one of the samples"""
    samples = [np.array(score), np.array(log_h), np.array(log_q)]
    rows = [samples]
    for i in range(len(log_h)):
        other = [part.copy() for part in samples]
        other[0][i] = 5.0 - other[0][i]  # both factors change, so that a sample may also serve a baseline alone
        other[1][i] += 3.0
        rows.append(other)
    first, *others = student.score_gradient.rows(rows, same_seed=True)
    p = samples[0].shape[1]
    for i, answer in enumerate(others):
        if np.array_equal(first.array(p), answer.array(p)):
            raise WrongAnswer(
                f"the estimate stays the same when sample {i + 1} of {len(log_h)} changes",
                answer=answer,
                expected="a mean over all samples",
                got=f"{np.round(answer.array(p), 6).tolist()}, with sample {i + 1} changed and without",
            )


@check(points=1)
@forall(z=tables(2, 2, reals(-1000.0, 1000.0)), n=st.integers(2, 3), examples=16)
def check_far_apart(student: Student, reference: ModuleType, z: Table, n: int) -> None:
    """Right where h is far larger or smaller than q"""
    judge_mean(student, reference, z, n)


@check(points=1, kind="input")
@cases({"score": [[1.0, 0.5], [-1.0, 0.25]], "log_h": [0.5, -1.0], "log_q": [-0.5, -1.0]})
def check_input_unchanged(student: Student, score: object, log_h: object, log_q: object) -> None:
    """The call leaves the samples as they were"""
    unchanged(student.score_gradient(np.array(score), np.array(log_h), np.array(log_q)))
