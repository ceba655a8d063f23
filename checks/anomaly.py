"""Checks for `anomaly`: a threshold on log-likelihoods, and its two kinds of errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import load_file
from scipy.stats import norm

from grader import Answer, Student, Topic, agree, cases, check, forall, holds, pictures, support, unchanged
from grader.judge import SINGLE, binomial_interval, perturbation_tolerance
from grader.strategies import positive, reals, vectors

Array = NDArray[np.float64]

topic = Topic(
    "anomaly",
    source="Homework 11 (2022), problem 3",
    functions={
        "anomaly_threshold(log_likelihoods)": (
            "mean - 3 standard deviations of the validation data's log-likelihoods, a torch tensor (n,), n >= 2; a number. "
            "The deviation may divide by n or by n - 1."
        ),
        "type1_error(log_likelihoods, threshold)": (
            "The type I error rate on ordinary data with these log-likelihoods, a torch tensor (n,): the share that counts "
            "as anomalous, because it lies below the threshold; a number in [0, 1]."
        ),
        "type2_error(log_likelihoods, threshold)": (
            "The type II error rate on anomalies with these log-likelihoods, a torch tensor (n,): the share that does not "
            "count as anomalous; a number in [0, 1]."
        ),
    },
)

CLOSE = 64 * SINGLE


def tensor(values: Any) -> torch.Tensor:
    """In the precision that torch is used in."""
    return torch.tensor(np.asarray(values), dtype=torch.float32)


def threshold_of(student: Student, values: Array) -> Answer:
    """One call, with a tensor or, where that raises, with an array."""
    return student.anomaly_threshold.either(tensor(values))


def thresholds(values: Any) -> Array:
    """mean - 3 sd with the deviation divided by n - 1, and by n."""
    exact = np.asarray(values, dtype=np.float64)
    return np.array([exact.mean() - 3 * exact.std(ddof=ddof) for ddof in (1, 0)])


def agree_threshold(answer: Answer, values: Array) -> float:
    """The answer is one of the two, which it gives."""
    got, due = answer.scalar(), thresholds(values)
    allowed = np.asarray(perturbation_tolerance(thresholds, [values], SINGLE))
    gap = float(np.min(np.abs(got - due)))
    answer.student.measured(gap, float(allowed.min()))
    why = f"{got:.6g} is not mean - 3 sd, {due[0]:.6g} (or {due[1]:.6g} with division by n)"
    holds(
        (np.abs(got - due) <= allowed).any(),
        why,
        answer=answer,
        expected=float(due[0]),
        difference=gap,
        tolerance=float(allowed.max()),
    )
    return got


def agree_rate(answer: Answer, values: Array, threshold: float, *, below: bool) -> float:
    """The answer is the share of values below (or not below) the threshold; those at it may count either way."""
    got, exact = answer.scalar(), np.asarray(values, dtype=np.float64)
    shares = [float(np.mean(exact < threshold)), float(np.mean(exact <= threshold))]
    due = shares if below else [1 - share for share in shares]
    off = min(abs(got - share) for share in due)
    answer.student.measured(off, CLOSE)
    why = f"{got:.6g} is not the share of the log-likelihoods {'below' if below else 'above'} {threshold:g}"
    holds(off <= CLOSE, why, answer=answer, expected=due[0], difference=off, tolerance=CLOSE)
    return got


@check(points=1)
@cases({"values": [1.0, 3.0]}, {"values": [-10.0, -12.0, -11.0, -15.0]}, {"values": [2.0, 2.0, 2.0]})
def check_threshold_examples(student: Student, values: list[float]) -> None:
    """The threshold of three short lists"""
    agree_threshold(threshold_of(student, np.array(values)), np.array(values))


@st.composite
def samples(draw: Any) -> Array:
    """Log-likelihoods (n,), n from 2, far from zero or near it."""
    n, offset = draw(st.integers(2, 12)), draw(st.sampled_from([0.0, -100.0, 60.0, -1000.0]))
    values: Array = draw(vectors(n, reals(-8.0, 8.0))) + offset
    return values


@check(points=2)
@forall(values=samples(), examples=40)
def check_threshold(student: Student, values: Array) -> None:
    """The threshold is the mean less three standard deviations"""
    agree_threshold(threshold_of(student, values), values)


@check(points=1)
@forall(values=samples(), scale=positive(4.0, low=0.25), shift=reals(-50.0, 50.0), examples=20)
def check_equivariance(student: Student, values: Array, scale: float, shift: float) -> None:
    """Scaling and shifting the log-likelihoods scales and shifts the threshold"""
    first, moved = threshold_of(student, values), threshold_of(student, scale * values + shift)
    slack = CLOSE * (scale * np.max(np.abs(values)) + abs(shift) + 1)
    why = f"for {scale:g} times these values plus {shift:g} the threshold is not {scale:g} times as large plus {shift:g}"
    agree(moved, scale * first.scalar() + shift, tolerance=float(slack), why=why)


@st.composite
def decisions(draw: Any) -> tuple[Array, float]:
    """Log-likelihoods and a threshold among them, at one of them, or beyond all."""
    values = draw(samples())
    middle = float(np.median(values))
    at = st.sampled_from(
        [*values.tolist(), middle + 1 / 32, float(values.min()) - 1.0, float(values.max()) + 1.0]
    )
    return values, draw(at)


@check(points=1)
@cases(
    {"values": [1.0, 2.0, 3.0, 4.0], "threshold": 1.5},
    {"values": [-5.0, -7.0, -9.0], "threshold": -6.0},
    {"values": [1.0, 2.0], "threshold": 0.0},
)
def check_error_examples(student: Student, values: list[float], threshold: float) -> None:
    """Both error rates of short lists"""
    given = np.array(values)
    agree_rate(student.type1_error.either(tensor(given), threshold), given, threshold, below=True)
    agree_rate(student.type2_error.either(tensor(given), threshold), given, threshold, below=False)


@check(points=2)
@forall(given=decisions(), examples=30)
def check_type1(student: Student, given: tuple[Array, float]) -> None:
    """The type I error rate is the share of ordinary data below the threshold"""
    agree_rate(student.type1_error.either(tensor(given[0]), given[1]), *given, below=True)


@check(points=2)
@forall(given=decisions(), examples=30)
def check_type2(student: Student, given: tuple[Array, float]) -> None:
    """The type II error rate is the share of anomalies that are not below the threshold"""
    agree_rate(student.type2_error.either(tensor(given[0]), given[1]), *given, below=False)


@check(points=1)
@forall(values=samples(), examples=10)
def check_monotone(student: Student, values: Array) -> None:
    """A higher threshold gives no fewer false alarms and no more misses, both between 0 and 1"""
    last = (0.0, 1.0)
    for threshold in sorted([*(values + 1 / 32), values.min() - 1.0, values.max() + 1.0]):
        answers = [
            f.either(tensor(values), float(threshold)) for f in (student.type1_error, student.type2_error)
        ]
        alarms, misses = (answer.scalar() for answer in answers)
        at = f"at the threshold {threshold:g} the type"
        holds(0 <= alarms <= 1, f"{at} I error rate {alarms:g} is no share", answer=answers[0])
        holds(0 <= misses <= 1, f"{at} II error rate {misses:g} is no share", answer=answers[1])
        holds(alarms >= last[0] - CLOSE, f"{at} I error rate falls to {alarms:g}", answer=answers[0])
        holds(misses <= last[1] + CLOSE, f"{at} II error rate rises to {misses:g}", answer=answers[1])
        last = alarms, misses


@check(points=1, kind="statistical")
def check_gaussian(student: Student) -> None:
    """Of ordinary data with Gaussian log-likelihoods about one in 740 is a false alarm"""
    stream, n = np.random.default_rng(3), 20_000
    validation, test = stream.normal(-80.0, 12.0, (2, n)).astype(np.float32).astype(np.float64)
    threshold = agree_threshold(threshold_of(student, validation), validation)
    answer = student.type1_error.either(tensor(test), threshold)
    rate = agree_rate(answer, test, threshold, below=True)
    # The threshold itself varies by about sd * sqrt(1/n + 9/(2n)): allowed are 7 of its deviations.
    margin = 7 * np.sqrt(5.5 / n)
    low, high = (binomial_interval(n, float(norm.cdf(-3 + side * margin))) for side in (-1, 1))
    student.record(samples=n, false_reject=1e-9)
    right = f"{rate:.5f} of {n} values are false alarms; right are {low.low / n:.5f} to {high.high / n:.5f}"
    holds(low.low <= rate * n <= high.high, right, answer=answer)


def digits() -> dict[str, Array]:
    """Log-likelihoods by the flow that is trained on 8x8 digits: validation, test, anomalies (n,)."""
    return load_file(support(__file__, "nice").path.with_name("nice_digits_samples.safetensors"))


@check(points=2)
def check_digits(student: Student) -> None:
    """With a flow trained on digits, few digits and nearly all patches of photographs count as anomalies"""
    found = {
        name: np.asarray(digits()[name], dtype=np.float64) for name in ("validation", "test", "anomalies")
    }
    threshold = agree_threshold(threshold_of(student, found["validation"]), found["validation"])
    groups = {"digits": found["test"], "patches of photographs": found["anomalies"]}
    label = "log-likelihood (below -300 drawn there)"
    caption = "Log-likelihoods by the flow, and your threshold"
    student.record(**pictures.histogram(caption, groups, label=label, threshold=threshold, least=-300.0))
    alarms = student.type1_error.either(tensor(found["test"]), threshold)
    misses = student.type2_error.either(tensor(found["anomalies"]), threshold)
    rates = (
        agree_rate(alarms, found["test"], threshold, below=True),
        agree_rate(misses, found["anomalies"], threshold, below=False),
    )
    student.record(type1_error=round(rates[0], 4), type2_error=round(rates[1], 4))


@check(points=1, kind="input")
@cases({"values": [3.0, -1.0, 2.0, 0.5]})
def check_input_unchanged(student: Student, values: list[float]) -> None:
    """The calls leave the log-likelihoods as they were"""
    unchanged(threshold_of(student, np.array(values)))
    unchanged(student.type1_error.either(tensor(values), 1.0))
    unchanged(student.type2_error.either(tensor(values), 1.0))
