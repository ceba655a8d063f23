"""Checks for `gaussian_sgd`: gradient estimates in exact expectation, SGD by the exact law of its iterates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, cast

import numpy as np
import sympy
from numpy.typing import NDArray

from grader import RNG, Answer, Student, Topic, WrongAnswer, cases, check, judge, proves, support, unchanged
from grader.exam import CallEnded
from grader.records import Verdict

topic = Topic(
    "gaussian_sgd",
    source="Homework 10 (2024), problem 6; Homework 8 (2021), problem 7",
    functions={
        "score_formula(x, mu, tau)": "6a: derivatives by mu and by tau of the log-density at x of N(mu, sigma^2), "
        "sigma = exp(tau); two SymPy expressions.",
        "grad_log_derivative(mu, tau, x)": "6a: estimate (2,) of the gradient by (mu, tau) of the whole objective "
        "E[X sin X] + (mu - 1)^2 / 2 + sigma - log sigma, from samples x (B,) of N(mu, sigma^2), by the "
        "log-derivative trick.",
        "grad_reparameterization(mu, tau, z)": "6b: the same by the reparameterization trick, from z (B,) of N(0, 1).",
        "sgd_log_derivative(mu0, tau0, lr, batch_size, n_steps, rng)": "6a: (mu, sigma) after n_steps of SGD on "
        "(mu, tau) from (mu0, tau0), with batch_size samples a step and the gradient of the log-derivative trick.",
        "sgd_reparameterization(mu0, tau0, lr, batch_size, n_steps, rng)": "6b: the same with the gradient of the "
        "reparameterization trick.",
    },
)

Floats = NDArray[np.float64]
POINTS = ({"mu": 0.5, "tau": 0.0}, {"mu": -1.0, "tau": -0.75}, {"mu": 1.5, "tau": 0.5})
NODES = 16
"""Gauss-Hermite with 16 nodes gives these expectations to 2e-13."""
ROUNDING = 256
"""Roundoffs of single precision that a weighted sum of answers may accumulate, relative to its largest terms."""
STARTS = ((-0.25, -1.5), (-1.75, -0.5), (2.0, 0.5))
"""Where the gradient is large against its noise, with sigma on both sides of 1."""
closed = support(__file__, "gaussian_objective")
objective, nearest_minimum = closed.ship("objective"), closed.ship("nearest_minimum")
MINIMA: Any = closed.ship("MINIMA").made
LR, BATCH, CALLS = 0.08, 4000, 21
GRID, NEAR = np.linspace(-6, 6, 4801), 5e-3
REUSED = "samples are drawn once, before the loop"
TRICKS = ("log-derivative", "reparameterization")
SLACK = 2.0
"""Other unbiased estimates, with a baseline say, may have this times the standard deviation of the plain one."""
RUN, RUNS = (0.0, 0.0, 0.05, 128, 160), 11
"""mu0, tau0, lr, batch_size and n_steps of a long run; how many of them."""


@check(points=2, part="a", kind="symbolic")
def check_score_formula(student: Student, reference: ModuleType) -> None:
    """The formula for the score is right for all real x, mu and tau."""
    proves(student.score_formula(*sympy.symbols("x mu tau", real=True)), reference.score_formula)


@check(points=3, part="a")
@cases(*POINTS)
def check_gradient_log_derivative(student: Student, reference: ModuleType, mu: float, tau: float) -> None:
    """The log-derivative estimate has the gradient of the whole objective as its exact expectation."""
    nodes, weights = reference.gauss_hermite(NODES)
    answers = student.grad_log_derivative.rows(_pairs(mu, tau, mu + math.exp(tau) * nodes))
    _judge_expectation(answers, reference, weights)
    other = reference.sample_gradients(mu, tau, nodes, log_derivative=False)
    _refuse_other_trick(answers, other, "the reparameterization trick")


@check(points=3, part="b")
@cases(*POINTS)
def check_gradient_reparameterization(student: Student, reference: ModuleType, mu: float, tau: float) -> None:
    """The reparameterization estimate has the gradient of the whole objective as its exact expectation."""
    nodes, weights = reference.gauss_hermite(NODES)
    answers = student.grad_reparameterization.rows(_pairs(mu, tau, nodes))
    _judge_expectation(answers, reference, weights)
    other = reference.sample_gradients(mu, tau, nodes, log_derivative=True)
    _refuse_other_trick(answers, other, "the log-derivative trick")


@check(points=1, part="a", kind="input")
def check_samples_unchanged_log_derivative(student: Student) -> None:
    """The call leaves the samples x as they were."""
    unchanged(student.grad_log_derivative(0.5, 0.25, np.array([0.5, -1.0, 2.0])))


@check(points=1, part="b", kind="input")
def check_samples_unchanged_reparameterization(student: Student) -> None:
    """The call leaves the samples z as they were."""
    unchanged(student.grad_reparameterization(0.5, 0.25, np.array([0.5, -1.0, 2.0])))


@check(points=3, part="a", kind="statistical")
def check_step_log_derivative(student: Student, reference: ModuleType) -> None:
    """One step of sgd_log_derivative moves (mu, tau) by -lr times the gradient on average."""
    _judge_iterates(student, reference, "sgd_log_derivative", STARTS, n_steps=1)
    _refuse_other_steps(student, reference, "sgd_log_derivative")


@check(points=3, part="b", kind="statistical")
def check_step_reparameterization(student: Student, reference: ModuleType) -> None:
    """One step of sgd_reparameterization moves (mu, tau) by -lr times the gradient on average."""
    _judge_iterates(student, reference, "sgd_reparameterization", STARTS, n_steps=1)
    _refuse_other_steps(student, reference, "sgd_reparameterization")


@check(points=1, part="a", kind="statistical", hidden=True)
def check_path_log_derivative(student: Student, reference: ModuleType) -> None:
    """A few steps of sgd_log_derivative follow the path of gradient descent."""
    _judge_iterates(student, reference, "sgd_log_derivative", STARTS[1:2], n_steps=4)


@check(points=1, part="b", kind="statistical", hidden=True)
def check_path_reparameterization(student: Student, reference: ModuleType) -> None:
    """A few steps of sgd_reparameterization follow the path of gradient descent."""
    _judge_iterates(student, reference, "sgd_reparameterization", STARTS[1:2], n_steps=4)


@check(points=2, part="a", kind="statistical")
def check_minimum_log_derivative(student: Student, reference: ModuleType) -> None:
    """A long run of sgd_log_derivative ends near a minimum, as near as its learning rate and batch allow."""
    _judge_end(student, reference, "sgd_log_derivative")


@check(points=2, part="b", kind="statistical")
def check_minimum_reparameterization(student: Student, reference: ModuleType) -> None:
    """A long run of sgd_reparameterization ends near a minimum, as near as its learning rate and batch allow."""
    _judge_end(student, reference, "sgd_reparameterization")


def _pairs(mu: float, tau: float, samples: Floats) -> list[tuple[float, float, Floats]]:
    """Arguments with all pairs: a leave-one-out baseline needs two samples, one hides a division by their number."""
    return [(mu, tau, np.array([first, second])) for first in samples for second in samples]


def _judge_expectation(answers: tuple[Answer, ...], reference: ModuleType, weights: Floats) -> None:
    """The estimates of all pairs, weighted with their probabilities, sum to the gradient."""
    mu, tau = cast("tuple[float, float]", answers[0].arguments[:2])
    estimates, masses = np.array([answer.array(2) for answer in answers]), np.outer(weights, weights).ravel()
    mean, due = masses @ estimates, reference.exact_gradient(mu, tau)
    if np.ptp(estimates, axis=0).max() == 0:
        answers[0].student.note(
            f"{answers[0].function} does not depend on its samples: it is computed in closed form"
        )
    scale = 1 + float(np.max(masses @ np.abs(estimates)))
    tolerance = (1e-10 + ROUNDING * judge.SINGLE) * scale
    difference = float(np.max(np.abs(mean - due)))
    answers[0].student.measured(difference, tolerance)
    if not difference <= tolerance:
        raise WrongAnswer(
            f"averaged over all pairs of samples with their probabilities, the estimate is {_pair(mean)}; "
            f"the gradient at mu={mu:g}, tau={tau:g} is {_pair(due)}",
            answer=answers[int(np.argmax(masses))],
            expected=f"{_pair(due)} on average",
            difference=difference,
            tolerance=tolerance,
        )


def _refuse_other_trick(answers: tuple[Answer, ...], other: Floats, name: str) -> None:
    """Are these the averages over all pairs of the other trick's estimates (2, n) from single samples?"""
    theirs = (other[:, :, None] + other[:, None, :]).reshape(2, -1).T / 2
    if np.allclose([answer.array(2) for answer in answers], theirs, rtol=1e-4, atol=1e-4):
        raise WrongAnswer(f"the estimate is unbiased, but it is that of {name}", answer=answers[0])


def _iterate(answer: Answer, reference: ModuleType) -> tuple[float, float]:
    """(mu, tau) from a returned (mu, sigma)."""
    mu, sigma = (part.scalar() for part in answer.parts(2))
    if sigma <= 0:
        slip = _cause(answer.student, reference, answer.function)
        raise WrongAnswer("sigma is not positive", answer=answer, slip=slip)
    return mu, math.log(sigma)


def _judge_iterates(
    student: Student,
    reference: ModuleType,
    function: str,
    starts: Sequence[tuple[float, float]],
    n_steps: int,
) -> None:
    """The median of many runs lies where the exact gradient leads, within a bound that needs their variance only."""
    radius = judge.median_radius(CALLS, judge.FALSE_REJECT / (4 * len(starts))) * SLACK
    off: list[Floats] = []
    for start in starts:
        law = reference.sgd_law(*start, LR, BATCH, n_steps, log_derivative=function == "sgd_log_derivative")
        answers = getattr(student, function).repeat(CALLS, *start, LR, BATCH, n_steps, RNG)
        _certify(student, CALLS * len(starts))
        iterates = np.array([_iterate(answer, reference) for answer in answers])
        middle, due = np.median(iterates, axis=0), np.array([law.mu, law.tau])
        spread = np.sqrt(np.diag(law.covariance))
        off.extend(np.abs(iterates - due) / spread)
        if (np.abs(middle - due) > radius * spread).any():
            raise WrongAnswer(
                f"n_steps={n_steps} with lr={LR} and batch_size={BATCH} from (mu, tau) = {_pair(start)} lead to "
                f"{_pair(middle)}, the median of {CALLS} runs; gradient descent leads to {_pair(due)}, and right "
                f"medians differ from it by {_pair(radius * spread)} at most",
                answer=answers[0],
                expected=f"about {_pair((law.mu, math.exp(law.tau)))}",
                slip=_cause(student, reference, function),
            )
        student.record(sees=f"(mu, tau) off by {_pair(radius * spread)}")
    # The mean of a batch has a kurtosis close to 3; a Gaussian's typical |error| is 0.67 standard deviations.
    typical = judge.median_radius(len(off), judge.FALSE_REJECT / 4, order=4) * SLACK * 3.5**0.25
    if np.median(np.array(off), axis=0).max() > typical:
        raise WrongAnswer(f"the runs vary more than batch_size={BATCH} samples make them", answer=answers[0])


def _judge_end(student: Student, reference: ModuleType, function: str) -> None:
    """The median of J over several long runs exceeds the nearest minimum by little."""
    law = reference.sgd_law(*RUN, log_derivative=function == "sgd_log_derivative")
    due = nearest_minimum(law.mu, math.exp(law.tau))
    spread = SLACK**2 * np.trace(reference.hessian(due.mu, math.log(due.sigma)) @ law.covariance)
    # The gap e'He/2 of a Gaussian error e has a second moment of at most 3/4 trace(H Cov)^2.
    noise = judge.median_radius(RUNS) * math.sqrt(0.75) * spread
    allowed = float(objective(law.mu, law.tau) - due.objective + noise)
    answers = getattr(student, function).repeat(RUNS, *RUN, RNG)
    _certify(student, RUNS)
    ends = []
    for answer in answers:
        mu, tau = _iterate(answer, reference)
        found = nearest_minimum(mu, math.exp(tau))
        near = abs(tau) < 100 and abs(mu) < 1e100  # beyond, J overflows
        gap = objective(mu, tau) - found.objective if near else math.inf
        ends.append((gap, mu, found, answer))
    gap, mu, found, answer = sorted(ends, key=lambda end: end[:2])[RUNS // 2]
    student.record(estimate=gap, accepted=(0.0, allowed))
    if gap > allowed:
        raise WrongAnswer(
            f"the median of {RUNS} runs ends {gap:.3g} above the nearest minimum in J; right runs with this "
            f"learning rate and batch end within {allowed:.2g}",
            answer=answer,
            expected=f"(mu, sigma) near {_pair((found.mu, found.sigma))}",
            difference=gap,
            slip=_cause(student, reference, function),
        )
    best = MINIMA[-1]
    student.note(f"converged to the {found}" + ("" if found == best else f"; there is also the {best}"))


def _refuse_other_steps(student: Student, reference: ModuleType, function: str) -> None:
    """With a batch of one, a step tells its sample, and with it which of the two estimates was used."""
    (mu, tau), by_score = STARTS[1], function == "sgd_log_derivative"
    try:
        answers = getattr(student, function).repeat(CALLS, mu, tau, LR, 1, 1, RNG)
        steps = (np.array([mu, tau]) - [_iterate(answer, reference) for answer in answers]) / LR
    except (CallEnded, WrongAnswer) as ended:  # a leave-one-out baseline needs two samples
        if ended.verdict not in (Verdict.ERROR, Verdict.FAILED):
            raise
        return
    if np.ptp(steps, axis=0).max() < 1e-9:
        student.note(f"{function} does not vary with batch_size=1: are samples drawn?")
        return
    if np.var(steps[:, 0]) < reference.gradient_covariance(mu, tau, log_derivative=by_score)[0, 0] / 100:
        raise WrongAnswer("with batch_size=1 the steps vary as if it were over 100", answer=answers[0])
    if reference.come_from_one_sample(mu, tau, steps, log_derivative=not by_score).all():
        own, other = TRICKS if by_score else TRICKS[::-1]
        slip = f"the {other} trick instead of the {own} trick"
        raise WrongAnswer(
            "the steps are right on average, but not by this trick", answer=answers[0], slip=slip
        )
    curve = reference.reused_sample_path(mu, tau, LR, 2, GRID, log_derivative=by_score)
    answers = getattr(student, function).repeat(CALLS, mu, tau, LR, 1, 2, RNG)
    apart = [np.abs(curve - _iterate(answer, reference)).max(axis=1).min() for answer in answers]
    if max(apart) < NEAR:
        raise WrongAnswer("every step uses the samples of the first", answer=answers[0], slip=REUSED)


def _cause(student: Student, reference: ModuleType, function: str) -> str:
    """Title of the known slip whose short runs have the law of the student's, or an empty string."""
    if not student.tracing or not student.slips(function):
        return ""
    probes = [(*start, LR, BATCH, n_steps) for start in STARTS[1:] for n_steps in (1, 4)]
    run = getattr(student, function)
    try:
        seen = [[[part.scalar() for part in a.parts(2)] for a in run.repeat(CALLS, *p, RNG)] for p in probes]
    except (CallEnded, WrongAnswer):
        return ""

    def repeats(function: Callable[..., tuple[float, float]]) -> Callable[[int], list[tuple[float, float]]]:
        generator = np.random.default_rng(0)
        return lambda probe: [function(*probes[probe], generator) for _ in range(CALLS)]

    known = [("", repeats(getattr(reference, function)))]
    known += [(slip.title, repeats(slip.function)) for slip in student.slips(function)]
    return judge.closest_law(seen, known)


def _certify(student: Student, samples: int) -> None:
    student.record(false_reject=judge.FALSE_REJECT, samples=samples)
    student.certainty(f"a right answer is rejected with probability below {judge.FALSE_REJECT:g}")


def _pair(values: Sequence[float] | Floats) -> str:
    return f"({values[0]:.4g}, {values[1]:.4g})"
