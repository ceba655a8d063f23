"""Checks for `flow1d`: a flow whose parameters nobody knows is judged by the curve that it draws.

The module stays in the sandbox; support source moves its parameters at random and gives back z and dz/dx on a
grid. What a right flow is follows from these: with one component z is a scaled Gaussian CDF, dz/dx integrates to z.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import ndtr

from grader import (
    RNG,
    Answer,
    Shipped,
    Student,
    Topic,
    WrongAnswer,
    agree,
    cases,
    check,
    forall,
    holds,
    judge,
    pictures,
    support,
    unchanged,
)
from grader.strategies import positive, vectors

topic = Topic(
    "flow1d",
    source="Homework 8 (2021), problem 1",
    functions={
        "class Flow1d(n_components)": (
            "Flow1d(n_components) is a torch.nn.Module; its forward takes x (B,) and returns z (B,) and dz/dx (B,), "
            "where z is the sum over n_components of exp(w) (Phi((x - mu) / sigma) - 1/2) with trainable mu, w and "
            "sigma > 0 (Phi: the CDF of N(0, 1)). Names and initial values are free."
        ),
        "negative_log_likelihood(z, dz_dx)": (
            "Mean over the batch of -log p(x) as a tensor to be minimised, for z and dz_dx (B,) of a flow to N(0, 1)."
        ),
        "sample(flow, n, rng)": "n samples (n,) of x from any trained flow; the only thing it may use is flow(x).",
    },
)

flows = support(__file__, "flows")
curves_of = support(__file__, "flow_curves")
Curve: Any = curves_of.ship("Curve").made
Mixture = curves_of.ship("Mixture")
Floats = NDArray[np.float64]
SMALL = 2e-5
"""Relative to the range of z: far above the rounding of single precision, far below any slip."""
DRAWS = 600
DOCUMENT = ((-1.0, 0.2, 1.5), (0.25, 0.25, 0.25), (0.25, 0.25, 0.5))
OTHER = ((-1.75, -0.5, 1.0), (0.3, 0.2, 0.25), (0.375, 0.25, 0.375))
STRAIGHT = 5e-3
LAWS = (((0.5,), (2.0,), (12.0,)), ((-8.0, 0.0, 7.0), (1.0, 0.5, 0.5), (5.5, 1.0, 5.5)))
HIDDEN_LAWS = (((-4.0, -3.5, 6.0, 8.5), (0.5, 0.75, 1.0, 0.5), (1.0, 4.0, 4.0, 3.0)),)
"""Flows as means, deviations and weights: their range is (-6, 6), and N(0, 1) has 2e-9 outside."""


def curves(student: Student, reference: ModuleType, n_components: int, spread: float, n: int) -> list[Any]:
    """n flows with parameters moved at random, as (answer, Curve). Raises WrongAnswer where they have none."""
    x, found = Curve.grid(), []
    for answer in student.Flow1d.rows([(n_components,)] * n, through=flows.ship("Drawn", spread, x)):
        out, count, _ = answer.parts(3)
        numbers, due = count.scalar(), 3 * n_components
        if not numbers >= due:
            why = f"{numbers:g} numbers of the flow can be trained where {due} are due: each mean, deviation and weight must be in an nn.Parameter of the nn.Module"
            raise wrong(student, reference, why, answer, "means, deviations and weights that can be trained")
        z, dz_dx = out.parts(2)
        found.append((answer, Curve.of(z.array(len(x)), dz_dx.array(len(x)))))
    return found


def wrong(student: Student, reference: ModuleType, why: str, answer: Answer, expected: str) -> WrongAnswer:
    """A wrong flow, with the known slip that draws such curves."""
    slip = cause(student, reference) if student.tracing else ""
    return WrongAnswer(why, answer=answer, expected=expected, got="another flow", slip=slip)


def cause(student: Student, reference: ModuleType) -> str:
    """Title of the known slip whose flows have the traits of the student's, or an empty string."""
    x = Curve.grid()

    def traits(draw: Callable[[Shipped, int], Any]) -> tuple[object, ...]:
        """Of a few curves; a failure is a trait as well."""
        seen, sizes = [], []
        for n_components, spread in ((1, 0.5), (1, 0.75), (3, 0.5), (3, 3.0)):
            try:
                (z, dz_dx), size, graphs = draw(flows.ship("Drawn", spread, x), n_components)
                curve = Curve.of(*(np.asarray(a, dtype=np.float64).ravel() for a in (z, dz_dx)))
                seen.append((*map(bool, graphs), *curve.traits(n_components, spread)))
                sizes.append(int(size))
            except Exception:  # noqa: BLE001 - whatever it is, the slip has to do the same
                return tuple(seen)
        # One size for every n_components tells all, 0 where nothing can be trained.
        return tuple(seen) if sizes[0] != sizes[-1] else (sizes[0],)

    def here(function: Any) -> tuple[object, ...]:
        def draw(driver: Shipped, n_components: int) -> Any:
            (z, dz_dx), *others = driver(function, n_components)
            return (z.detach(), dz_dx.detach()), *others

        with torch.random.fork_rng():
            torch.manual_seed(1)
            return traits(draw)

    mine = traits(lambda driver, n_components: student.Flow1d.through(driver, n_components).value)
    slips = student.slips("Flow1d")
    right = bool(slips) and mine == here(reference.Flow1d)
    return "" if right else next((slip.title for slip in slips if here(slip.function) == mine), "")


@check(points=1)
@cases({"n_components": 1, "x": [0.5]}, {"n_components": 3, "x": [0.5, -1.0, 2.0, 0.0]})
def check_outputs(student: Student, n_components: int, x: list[float]) -> None:
    """flow(x) gives z and dz/dx, one number each for every x"""
    for part in student.Flow1d.through(flows.ship("Outputs", x), n_components).parts(2):
        part.array(len(x))


@check(points=2)
@cases({"n_components": 1, "count": 4})
def check_one_component(student: Student, reference: ModuleType, n_components: int, count: int) -> None:
    """With one component z is exp(w) (Phi((x - mu) / sigma) - 1/2)"""
    for answer, curve in curves(student, reference, n_components, 0.5, count):
        low, high, width = curve.low, curve.high, curve.range
        if not width > 0 or abs(low + high) > SMALL * width:
            why = f"z runs from {low:.4g} to {high:.4g}; it is due to run from -c to c with c = exp(w) / 2"
            raise wrong(student, reference, why, answer, "z from -c to c")
        if curve.bend() > STRAIGHT:
            why = "z is no scaled Gaussian CDF of x"
            raise wrong(student, reference, why, answer, "Phi^-1(z / exp(w) + 1/2) is a straight line in x")


@check(points=1)
@cases({"n_components": 3, "count": 4})
def check_components(student: Student, reference: ModuleType, n_components: int, count: int) -> None:
    """With three components z is a sum of three, with weights that can make its range as large as N(0, 1) needs"""
    drawn = curves(student, reference, n_components, 3.0, count)
    if all(curve.bend() < STRAIGHT for _, curve in drawn):
        raise wrong(student, reference, "n_components changes nothing", drawn[0][0], "a sum of three")
    widths = [curve.range for _, curve in drawn]
    if np.ptp(widths) < SMALL * widths[0]:
        why = f"the range of z has the length {widths[0]:.4g} whatever the parameters are"
        raise wrong(student, reference, why, drawn[0][0], "the sum of the weights exp(w)")


@check(points=3)
@cases({"n_components": 1, "count": 3}, {"n_components": 2, "count": 3}, {"n_components": 5, "count": 3})
def check_derivative(student: Student, reference: ModuleType, n_components: int, count: int) -> None:
    """dz/dx is the derivative of z, for any number of components and any parameters"""
    for answer, curve in curves(student, reference, n_components, 0.5, count):
        rise = np.diff(curve.edges)
        at = int(np.argmax(np.abs(curve.integrals - rise)))
        if not np.max(np.abs(curve.integrals - rise)) <= SMALL * np.max(np.abs(curve.edges)):
            left = -6 + at / 4
            due = f"from x = {left:g} to {left + 0.25:g} z rises by {rise[at]:.6g}"
            why = f"{due}, but the integral of dz_dx over that interval is {curve.integrals[at]:.6g}"
            raise wrong(student, reference, why, answer, f"an integral of {rise[at]:.6g}")


@check(points=1)
@cases({"n_components": 1, "count": 3}, {"n_components": 4, "count": 3})
def check_increasing(student: Student, reference: ModuleType, n_components: int, count: int) -> None:
    """z increases with x whatever values the parameters have"""
    for answer, curve in curves(student, reference, n_components, 3.0, count):
        if np.min(np.diff(curve.line)) < -SMALL * abs(curve.range) or not curve.high > curve.low:
            why = "after the parameters moved by up to 3, z decreases somewhere: weights and sigma must stay positive"
            raise wrong(student, reference, why, answer, "z increases")


@check(points=2)
@cases({"law": DOCUMENT}, {"law": OTHER})
def check_training(student: Student, reference: ModuleType, law: Any) -> None:
    """Trained on a mixture of three Gaussians, the flow has a better likelihood than a single Gaussian"""
    law = Mixture(*law)
    data, bar = law.draw(1000, np.random.default_rng(8)), law.gaussian_fit()
    x = np.linspace(-4, 4, 1601)
    answer = student.Flow1d.through(flows.ship("Trained", data, bar - 0.1, x), 5)
    z, dz_dx = (part.array(len(x)) for part in answer.parts(2))
    loss = curves_of.ship("cross_entropy")(law, x, z, dz_dx)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * dz_dx
    caption = "Your flow after training, and the data that it was trained on"
    student.record(trained=round(loss, 2), gaussian=round(bar, 2))
    student.record(**pictures.histogram(caption, {"data": data}, label="x", curve=(x, density)))
    if not loss < bar:
        why = f"after training, the expected -log p(x) is {loss:.3f}; the best Gaussian has {bar:.3f}"
        raise wrong(student, reference, why, answer, f"less than {bar:.3f}")


@check(points=3)
@forall(
    first=[{"rows": np.array([[0.0, 1.0]])}, {"rows": np.array([[1.0, 0.5], [-2.0, 2.0], [0.25, 4.0]])}],
    rows=st.integers(1, 6).flatmap(
        lambda n: st.tuples(vectors(n), vectors(n, positive(8.0))).map(np.column_stack)
    ),
    examples=40,
)
def check_likelihood(student: Student, reference: ModuleType, rows: Floats) -> None:
    """The negative log-likelihood is the mean of z^2 / 2 + log(2 pi) / 2 - log dz/dx"""
    z, dz_dx = np.ascontiguousarray(rows.T, dtype=np.float32)
    terms = [z.astype(np.float64) ** 2 / 2, math.log(2 * math.pi) / 2 - np.log(dz_dx.astype(np.float64))]
    scale = 1 + max(float(np.max(np.abs(term))) for term in terms)
    answer = student.negative_log_likelihood(torch.from_numpy(z), torch.from_numpy(dz_dx))
    agree(answer, float(np.mean(terms[0] + terms[1])), tolerance=16 * judge.SINGLE * scale)


@check(points=1)
@cases({"z": [0.5, -2.0, 1.0], "dz_dx": [0.25, 1.0, 4.0]}, {"z": [1.5], "dz_dx": [2.0]})
def check_likelihood_gradient(student: Student, z: list[float], dz_dx: list[float]) -> None:
    """The negative log-likelihood can be differentiated by z and dz/dx, so that the flow can be trained on it"""
    given = torch.tensor(z), torch.tensor(dz_dx)
    answer = student.negative_log_likelihood.through(flows.ship("gradients"), *given)
    if isinstance(answer.value, str):
        raise WrongAnswer(answer.value, answer=answer, expected="a tensor that depends on z and dz_dx", got="none")
    by_z, by_slope = answer.parts(2)
    agree(by_z, np.array(z) / len(z), why="the gradient by z is not z / B")
    agree(by_slope, -1 / np.array(dz_dx) / len(z), why="the gradient by dz_dx is not -1 / (B dz_dx)")


def judge_samples(student: Student, reference: ModuleType, laws: Any) -> None:
    """Phi(z(x)) of right samples is uniform: for each flow, and for all of them together."""
    rate = judge.FALSE_REJECT / (len(laws) + 1)
    student.record(false_reject=judge.FALSE_REJECT, samples=DRAWS * len(laws))
    student.certainty(f"right samples are rejected with probability below {judge.FALSE_REJECT:g}")
    drawn, shares = [], []
    for law in laws:
        answer = student.sample(flows.ship("MixtureFlow", *map(list, law)), DRAWS, RNG)
        drawn.append(answer.array(DRAWS))
        shares.append(ndtr(Mixture(*law).latent(drawn[-1])))
    for share, law in zip([*shares, np.concatenate(shares)], [*laws, None], strict=True):
        distance, allowed = judge.ks_distance(share, lambda u: u), judge.ks_radius(len(share), rate) + 1e-3
        if distance > allowed:
            which = f"a flow around {', '.join(f'{m:g}' for m in law[0])}" if law else "all flows together"
            raise WrongAnswer(
                f"the distribution function of {len(share)} samples from {which} is {distance:.2f} away from the "
                f"flow's own; right ones stay within {allowed:.2f}",
                answer=answer,
                expected="samples of z^-1(Z) with Z ~ N(0, 1)",
                got=f"samples from {np.min(drawn):.4g} to {np.max(drawn):.4g}",
                slip=sampling_slip(student, reference, laws, drawn),
            )


def sampling_slip(student: Student, reference: ModuleType, laws: Any, drawn: list[Floats]) -> str:
    """Title of the known slip whose samples from the same flows are distributed like the student's."""

    def repeats(function: Callable[..., Any]) -> Callable[[int], Floats]:
        def draw(number: int) -> Floats:
            flow = flows.ship("MixtureFlow", *map(list, laws[number])).made
            return np.asarray(function(flow, DRAWS, np.random.default_rng(number)), dtype=np.float64).ravel()

        return draw

    known = [(slip.title, repeats(slip.function)) for slip in student.slips("sample")]
    return judge.closest_law(drawn, [("", repeats(reference.sample)), *known]) if known else ""


@check(points=3, kind="statistical")
def check_samples(student: Student, reference: ModuleType) -> None:
    """Samples from two given flows have the distributions of these flows"""
    judge_samples(student, reference, LAWS)


@check(points=1, kind="statistical", hidden=True)
def check_other_samples(student: Student, reference: ModuleType) -> None:
    """Samples from another flow have its distribution"""
    judge_samples(student, reference, HIDDEN_LAWS)


@check(points=1)
@cases({"n": 1}, {"n": 7})
def check_sample_count(student: Student, n: int) -> None:
    """As many samples are drawn as were asked for"""
    student.sample(flows.ship("MixtureFlow", *map(list, LAWS[0])), n, RNG).array(n)


@check(points=1, kind="input")
def check_x_unchanged(student: Student) -> None:
    """flow(x) leaves x as it was"""
    answer = student.Flow1d.through(flows.ship("kept"), 2)
    holds(answer.value is True, "flow(x) changes x in place; work on a copy", answer=answer)


@check(points=1, kind="input")
@cases({"z": [0.5, 1.0], "dz_dx": [2.0, 1.0]})
def check_likelihood_input_unchanged(student: Student, z: list[float], dz_dx: list[float]) -> None:
    """The negative log-likelihood leaves z and dz_dx as they were"""
    unchanged(student.negative_log_likelihood(torch.tensor(z), torch.tensor(dz_dx)))
