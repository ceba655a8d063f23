"""Checks for `trainable_prior`: gradients of the bound of a VAE whose prior is learned."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import sympy
import torch
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import (
    Answer,
    Student,
    Topic,
    WrongAnswer,
    agree,
    cases,
    check,
    forall,
    holds,
    support,
    unchanged,
)
from grader.judge import SINGLE, all_samples, perturbation_tolerance
from grader.strategies import arrays, positive, reals, vectors

Array = NDArray[np.float64]
Table = dict[str, Array]

topic = Topic(
    "trainable_prior",
    source="Homework 11 (2022), problem 2",
    functions={
        "vlb_gradients(score_phi, grad_theta_log_p, grad_lambda_log_r, log_p, log_r, log_q)": (
            "2b: Monte Carlo estimates (p,), (t,), (l,) of the bound's gradients in phi, theta and lambda from n samples "
            "of q_phi: score_phi (n, p), grad_theta_log_p (n, t), grad_lambda_log_r (n, l) hold the gradients of log q, "
            "log p and log r at the samples, log_p, log_r, log_q (n,) the values there. n is at least 2."
        ),
        "kl_diag_gaussians(mu, var, prior_mean, prior_var)": (
            "2c: KL(N(mu, diag var) || N(prior_mean, diag prior_var)) for arrays (k,) of means and variances; a number."
        ),
        "vlb_reparameterized(x, mu, var, decoder, sigma, prior_mean, prior_var, eps)": (
            "2c: estimate of the bound for torch tensors x (d,), mu, var, prior_mean, prior_var (k,) and eps (n, k) from "
            "N(0, I), with the mean over n; decoder maps (n, k) to (n, d), sigma is a number. Returns a scalar tensor that "
            "can be differentiated; a constant that depends on sigma and the dimensions only may be left out."
        ),
    },
)

SAFETY = 64
"""Roundings (in single precision) of the largest term that a mean over samples of estimates may differ by."""
VARIABLES = ("phi", "theta", "lambda")
LEAVES = ("mu", "var", "prior_mean", "prior_var", "the decoder's parameters")


@st.composite
def tables(draw: Any, m: int, p: int, t: int, l: int) -> Table:  # noqa: E741 - the document's name
    """A variable on m cells: probabilities q (m,) in sixteenths, scores (m, p) of mean zero, gradients and logarithms."""
    q = np.array(draw(st.permutations([(8, 8), (4, 4, 8), (2, 4, 2, 8)][m - 2]))) / 16.0
    free = draw(arrays((m - 1, p)))
    return {
        "q": q,
        "score": np.vstack([free, -(q[:-1] @ free) / q[-1]]),
        "by_theta": draw(arrays((m, t))),
        "by_lambda": draw(arrays((m, l))),
        "log_p": draw(vectors(m)),
        "log_r": draw(vectors(m)),
    }


def sampled(z: Table, cells: list[int]) -> tuple[Array, ...]:
    """The arguments of `vlb_gradients` for a sample."""
    rows = [z[name][cells] for name in ("score", "by_theta", "by_lambda", "log_p", "log_r")]
    return (*rows, np.log(z["q"][cells]))


def judge_means(student: Student, reference: ModuleType, z: Table, n: int) -> None:
    """The mean estimates over all samples of n values are the gradients."""
    samples = list(all_samples(z["q"], n))
    answers = student.vlb_gradients.rows([sampled(z, cells) for _, cells in samples])
    masses = np.array([mass for mass, _ in samples])
    exact = reference.exact_gradients(
        *(z[name] for name in ("q", "score", "by_theta", "by_lambda", "log_p", "log_r"))
    )
    log_ratio = np.max(np.abs(z["log_p"] + z["log_r"] - np.log(z["q"]))) + 1.0
    sizes = [
        np.max(np.abs(z["score"])) * log_ratio,
        np.max(np.abs(z["by_theta"])),
        np.max(np.abs(z["by_lambda"])),
    ]
    student.certainty("exact: the mean over all samples, each with its probability")
    for place, (name, due, size) in enumerate(zip(VARIABLES, exact, sizes, strict=True)):
        parts = [answer.parts(3)[place] for answer in answers]
        estimates = np.array([part.array(len(due)) for part in parts])
        got = masses @ estimates
        tolerance = SAFETY * SINGLE * max(float(size), float(np.max(masses @ np.abs(estimates))))
        difference = float(np.max(np.abs(got - due)))
        student.measured(difference, tolerance)
        if not difference <= tolerance:
            raise WrongAnswer(
                f"averaged over all {len(samples)} samples of size {n}, the gradient in {name} is biased",
                answer=parts[0],
                expected=f"{np.round(due, 6).tolist()} on average",
                got=f"{np.round(got, 6).tolist()} on average over samples like this",
                difference=difference,
                tolerance=tolerance,
            )


def small_table(p: int, t: int, l: int) -> Table:  # noqa: E741 - the document's name
    """A variable with three values; up to three parameters each."""
    by = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0], [-2.0, 0.5, 4.0]])
    score = np.array([[2.0, -3.0, 1.0], [2.0, 1.0, -1.0], [-2.0, 1.0, 0.0]])
    return {
        "q": np.array([0.25, 0.25, 0.5]),
        "score": score[:, :p],
        "by_theta": by[:, :t],
        "by_lambda": by[::-1, :l],
        "log_p": np.array([0.5, -1.0, 2.0]),
        "log_r": np.array([-0.5, 1.5, 1.0]),
    }


@check(points=1, part="b")
@cases({"z": small_table(1, 1, 1), "n": 2}, {"z": small_table(2, 3, 1), "n": 2})
def check_gradient_examples(student: Student, reference: ModuleType, z: Table, n: int) -> None:
    """The three gradients are right on average for a variable with three values"""
    judge_means(student, reference, z, n)


@check(points=3, part="b")
@forall(
    z=st.tuples(st.integers(2, 3), *[st.integers(1, 3)] * 3).flatmap(lambda sizes: tables(*sizes)),
    n=st.integers(2, 3),
    examples=16,
)
def check_gradients(student: Student, reference: ModuleType, z: Table, n: int) -> None:
    """The three gradients are right on average, for any number of parameters"""
    judge_means(student, reference, z, n)


@check(points=1, part="b", kind="input")
@cases({"z": small_table(2, 3, 1)})
def check_gradients_input_unchanged(student: Student, z: Table) -> None:
    """Estimating gradients leaves the samples as they were"""
    unchanged(student.vlb_gradients(*sampled(z, [0, 2, 1])))


@check(points=1, part="c")
@cases(
    {"mu": [1.0], "var": [4.0], "prior_mean": [0.0], "prior_var": [1.0]},
    {"mu": [0.0, 1.0], "var": [1.0, 0.25], "prior_mean": [0.5, -1.0], "prior_var": [2.0, 0.5]},
    {"mu": [1.0, -2.0], "var": [0.5, 2.0], "prior_mean": [1.0, -2.0], "prior_var": [0.5, 2.0]},
)
def check_kl_examples(
    student: Student, reference: ModuleType, mu: Any, var: Any, prior_mean: Any, prior_var: Any
) -> None:
    """The divergence of three pairs of Gaussians, one of them equal"""
    given = [np.array(a) for a in (mu, var, prior_mean, prior_var)]
    agree_kl(student.kl_diag_gaussians.either(*given), reference, given)


@st.composite
def gaussians(draw: Any, k: int) -> list[Array]:
    """mu, var, prior_mean, prior_var, each (k,)."""
    return [
        draw(vectors(k, reals() if means else positive(4.0, low=0.25)))
        for means in (True, False, True, False)
    ]


@check(points=2, part="c")
@forall(given=st.integers(1, 4).flatmap(gaussians), examples=40)
def check_kl(student: Student, reference: ModuleType, given: list[Array]) -> None:
    """The divergence is right in any number of dimensions"""
    agree_kl(student.kl_diag_gaussians.either(*given), reference, given)


def agree_kl(answer: Answer, reference: ModuleType, given: list[Array]) -> None:
    """The value is right, up to the rounding of terms that may cancel."""
    mu, var, prior_mean, prior_var = given
    terms = (var + (mu - prior_mean) ** 2) / prior_var + 1 + np.abs(np.log([prior_var, var])).sum(axis=0)
    agree(answer, reference.kl_diag_gaussians(*given), tolerance=SAFETY * SINGLE * float(np.sum(terms)))


@check(points=1, part="c", kind="symbolic")
@cases(
    {"mu": "3/2", "var": "1/4", "prior_mean": "-1/2", "prior_var": "2"},
    {"mu": "-2", "var": "3", "prior_mean": "0", "prior_var": "1/2"},
    {"mu": "0", "var": "1", "prior_mean": "1", "prior_var": "5/4"},
)
def check_kl_integral(
    student: Student, reference: ModuleType, mu: str, var: str, prior_mean: str, prior_var: str
) -> None:
    """In one dimension the divergence is the integral of q log(q / r)"""
    numbers = [sympy.Rational(text) for text in (mu, var, prior_mean, prior_var)]
    answer = student.kl_diag_gaussians.either(*[np.array([float(x)]) for x in numbers])
    exact, due = reference.kl_of(mu, var, prior_mean, prior_var)
    agree(answer, due, tolerance=256 * SINGLE, why=f"the integral is {exact}")
    student.certainty("exact: SymPy's integral")


@check(points=1, part="c", kind="input")
@cases({"given": [[1.0, 0.0], [0.5, 2.0], [0.0, 1.0], [1.0, 0.25]]})
def check_kl_input_unchanged(student: Student, given: list[list[float]]) -> None:
    """Computing the divergence leaves means and variances as they were"""
    unchanged(student.kl_diag_gaussians.either(*map(np.array, given)))


def problem(n: int, k: int, d: int, sigma: float, numbers: Callable[..., Array]) -> tuple[Any, ...]:
    """Arguments of `vlb_reparameterized`; `numbers(*shape)` gives dyadic ones between -2 and 2."""
    h = k + 1
    decoder = support(__file__, "autoencoder").ship(
        "Decoder", numbers(h, k) / 2, numbers(d, h) / 2, numbers(d)
    )
    variances = [2.0 ** np.round(numbers(k)) for _ in range(2)]
    given = [numbers(d), numbers(k), variances[0], decoder, sigma, numbers(k), variances[1], numbers(n, k)]
    return tuple(torch.tensor(a, dtype=torch.float32) if isinstance(a, np.ndarray) else a for a in given)


@st.composite
def problems(draw: Any) -> tuple[Any, ...]:
    """Any sizes up to 3; sigma of both sides of 1."""
    n, k, d = draw(st.tuples(*[st.integers(1, 3)] * 3))
    sigma = draw(st.sampled_from([0.5, 1.0, 2.0]))
    return problem(n, k, d, sigma, lambda *shape: draw(arrays(shape, reals(-2.0, 2.0))))


def fixed_problem(n: int, k: int, d: int, sigma: float) -> tuple[Any, ...]:
    """The same numbers on every call."""
    stream = np.random.default_rng(7)
    return problem(n, k, d, sigma, lambda *shape: stream.integers(-32, 33, shape) / 16.0)


def judge_vlb(student: Student, reference: ModuleType, given: tuple[Any, ...]) -> None:
    """The gradients are those of the bound, with the divergence in closed form or from the same samples."""
    driver = support(__file__, "autoencoder").ship("vlb_gradients")
    answer = student.vlb_reparameterized.through(driver, *given)
    if isinstance(answer.value, str):
        raise WrongAnswer("the result is not one torch number that can be differentiated", answer=answer)
    k, decoder = len(given[1]), given[3]
    sizes = [k, k, k, k, sum(w.numel() for w in decoder.parameters)]
    got = answer.array(sum(sizes))
    if any(_close(got, partial(reference.bound_gradients, driver, way), given)[0].all() for way in (0, 1)):
        student.note("the divergence is estimated from the samples instead of computed")
        return
    close, due, tolerance = _close(got, partial(reference.bound_gradients, driver, 2), given)
    student.measured(float(np.max(np.abs(got - due) / tolerance)), 1.0)
    for name, at in zip(LEAVES, np.split(np.arange(len(got)), np.cumsum(sizes)[:-1]), strict=True):
        worst = at[np.argmax(np.abs(got[at] - due[at]) - tolerance[at])]
        holds(
            close[at].all(),
            f"the gradient in {name} is wrong: {got[worst]:.6g} where {due[worst]:.6g} is due",
            answer=answer,
            expected=due,
            difference=float(abs(got[worst] - due[worst])),
            tolerance=float(tolerance[worst]),
        )


def _close(
    got: Array, gradients_of: Callable[..., Array], given: tuple[Any, ...]
) -> tuple[NDArray[np.bool_], Array, Array]:
    """Which entries agree with the bound's gradients, these, and how far off they may be: terms that cancel round."""

    def gradients(*arguments: Any) -> Array:
        doubled = [a.double() if isinstance(a, torch.Tensor) else a for a in arguments]
        return gradients_of(*doubled)

    due = gradients(*given)
    allowed = np.asarray(perturbation_tolerance(gradients, given, SINGLE, patterns=12))
    allowed = allowed + 16 * SINGLE * (1 + float(np.max(np.abs(due))))
    return np.abs(got - due) <= allowed, due, allowed


@check(points=1, part="c")
@cases({"given": fixed_problem(1, 1, 1, 1.0)}, {"given": fixed_problem(2, 1, 2, 0.5)})
def check_vlb_examples(student: Student, reference: ModuleType, given: tuple[Any, ...]) -> None:
    """The bound of two small models has the right gradients"""
    judge_vlb(student, reference, given)


@check(points=4, part="c")
@forall(given=problems(), examples=20)
def check_vlb(student: Student, reference: ModuleType, given: tuple[Any, ...]) -> None:
    """The bound has the right gradients in encoder, prior and decoder, for any dimensions and numbers of samples"""
    judge_vlb(student, reference, given)


@check(points=1, part="c", kind="input")
@cases({"given": fixed_problem(3, 2, 3, 2.0)})
def check_vlb_input_unchanged(student: Student, given: tuple[Any, ...]) -> None:
    """Computing the bound leaves all tensors as they were"""
    unchanged(student.vlb_reparameterized(*given))
