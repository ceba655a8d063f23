"""Checks for `iwae`: the bound of K importance weights, computed so that no weight over- or underflows."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from grader import Answer, Student, Topic, agree, cases, check, forall, holds, unchanged
from grader.judge import SINGLE, all_samples
from grader.strategies import arrays, reals, vectors

Array = NDArray[np.float64]
Table = dict[str, Array]

topic = Topic(
    "iwae",
    source="Homework 11 (2022), problem 1",
    functions={
        "iwae_bound(log_w)": (
            "log (1/K) sum_k exp(log_w[s, k]) for every row s of the log-weights log_w (S, K); returns (S,). The "
            "entries may be as large as 10000 and as small as -10000."
        ),
    },
)

ROUNDING = 64 * SINGLE
"""Of a sum of few terms in single precision, relative to the largest."""


@st.composite
def log_weights(draw: Any, entries: SearchStrategy[float], offsets: SearchStrategy[float]) -> Array:
    """log_w (S, K), each row with an offset of its own."""
    S, K = draw(st.integers(1, 5)), draw(st.integers(1, 12))
    rows: Array = draw(arrays((S, K), entries)) + draw(vectors(S, offsets))[:, None]
    return rows


@st.composite
def permuted(draw: Any) -> tuple[Array, list[int], float]:
    """log_w (S, K), an order of its columns, a shift."""
    log_w = draw(log_weights(reals(), reals(-20.0, 20.0)))
    return log_w, draw(st.permutations(range(log_w.shape[1]))), draw(reals(-50.0, 50.0))


def bound(student: Student, log_w: Array) -> Answer:
    """One call; students may compute with NumPy or with torch."""
    return student.iwae_bound.either(log_w)


@check(points=1)
@cases(
    {"log_w": [[0.0, 0.0]]},
    {"log_w": [[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]]},
    {"log_w": [[-2.0], [0.5], [3.0]]},
)
def check_examples(student: Student, reference: ModuleType, log_w: list[list[float]]) -> None:
    """The bound of a few rows of log-weights"""
    agree(bound(student, np.array(log_w)), reference.iwae_bound)


@check(points=3)
@forall(log_w=log_weights(reals(), reals(-20.0, 20.0)))
def check_values(student: Student, reference: ModuleType, log_w: Array) -> None:
    """The bound is the logarithm of the mean weight of every row, for any number of rows and of weights"""
    agree(bound(student, log_w), reference.iwae_bound)


@check(points=1)
@forall(given=permuted(), examples=30)
def check_properties(student: Student, given: tuple[Array, list[int], float]) -> None:
    """The bound ignores the order of the weights, moves with a shift, and lies between max - log K and max"""
    log_w, order, shift = given
    S, K = log_w.shape
    answer = bound(student, log_w)
    first = answer.array(S)
    slack = ROUNDING * (1 + np.max(np.abs(log_w)) + abs(shift))
    largest = log_w.max(axis=1)
    holds((first <= largest + slack).all(), "the bound exceeds the largest log-weight", answer=answer)
    holds((first >= largest - np.log(K) - slack).all(), "the bound is below max - log K", answer=answer)
    if K == 1:
        agree(answer, log_w[:, 0], why="for K = 1 the bound is log_w itself")
    other = bound(student, log_w[:, order])
    agree(other, first, tolerance=slack, why="the bound depends on the order of the weights")
    moved = bound(student, log_w + shift)
    agree(
        moved,
        first + shift,
        tolerance=slack,
        why=f"adding {shift:g} to all log-weights must add it to the bound",
    )


@check(points=2)
@forall(
    first=[
        {"log_w": np.array([[1000.0, 999.0], [-1000.0, -1001.0]])},
        {"log_w": np.array([[-1e4, 1e4, 1e4]])},
    ],
    log_w=log_weights(reals(-30.0, 30.0), st.sampled_from([0.0, 1000.0, -1000.0, 1e4 - 32, -1e4 + 32])),
    examples=30,
)
def check_stability(student: Student, reference: ModuleType, log_w: Array) -> None:
    """The bound is right where the weights themselves would over- or underflow"""
    agree(bound(student, log_w), reference.iwae_bound)


def table(joint: list[float], q: list[float]) -> Table:
    """A model with few values of z: joint = p(x, z), and the proposal q."""
    return {"joint": np.array(joint), "q": np.array(q)}


@check(points=2)
@cases(
    {"model": table([0.125, 0.25], [0.5, 0.5])},
    {"model": table([0.25, 0.0625, 0.125], [0.25, 0.25, 0.5])},
    {"model": table([0.03125, 0.5, 0.25], [0.625, 0.25, 0.125])},
)
def check_chain(student: Student, reference: ModuleType, model: Table) -> None:
    """Averaged over all samples, the bounds rise with K towards log p(x) and stay below it"""
    joint, q = model["joint"], model["q"]
    log_w, evidence = np.log(joint) - np.log(q), float(np.log(joint.sum()))
    slack, last = ROUNDING * float(np.max(np.abs(log_w))), -np.inf
    for K in (1, 2, 3, 4):
        samples = list(all_samples(q, K))
        answer = bound(student, np.array([log_w[cells] for _, cells in samples]))
        mean = float(np.array([mass for mass, _ in samples]) @ answer.array(len(samples)))
        due = reference.exact_bound(joint, q, K)
        facts = f"averaged over all samples of size {K} it is {mean:.6g}"
        holds(mean <= evidence + slack, f"{facts}, above log p(x) = {evidence:.6g}", answer=answer)
        holds(mean >= last - slack, f"{facts}, below that of K = {K - 1}, {last:.6g}", answer=answer)
        holds(abs(mean - due) <= slack, f"{facts}; VLB^({K}) is {due:.6g}", answer=answer)
        last = mean
    student.certainty("exact: the mean over all samples, each with its probability")


@check(points=1)
@cases({"joint": [0.125, 0.375, 0.25], "K": 3}, {"joint": [0.5, 0.25], "K": 4})
def check_posterior(student: Student, reference: ModuleType, joint: list[float], K: int) -> None:
    """Where q is the posterior, the bound is log p(x) whatever is drawn"""
    masses = np.array(joint)
    posterior = masses / masses.sum()
    log_w = np.log(masses) - np.log(posterior)
    samples = list(all_samples(posterior, K))
    answer = bound(student, np.array([log_w[cells] for _, cells in samples]))
    agree(answer, reference.iwae_bound, why=f"log p(x) = {np.log(masses.sum()):.6g} is due for every sample")


@check(points=1, kind="input")
@cases({"log_w": [[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]]})
def check_input_unchanged(student: Student, log_w: list[list[float]]) -> None:
    """The call leaves the log-weights as they were"""
    unchanged(bound(student, np.array(log_w)))
