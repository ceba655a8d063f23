"""Checks for `invertible`: where g is not invertible, and the inverses where it is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import sympy
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import Answer, Student, Topic, agree, cases, check, forall, holds, proves, unchanged
from grader.judge import SINGLE, perturbation_tolerance
from grader.strategies import nonzero, positive, reals, vectors

Array = NDArray[np.float64]
Mixture = tuple[float, Array, Array, Array]
"""z, and w, a, b (N,)."""
Radial = tuple[Array, Array, float, float]
"""y, z0 (D,), alpha and beta."""

topic = Topic(
    "invertible",
    source="Assignment 3 (2020), question 5",
    functions={
        "relu_witness(a, b, c)": "5.1: two different numbers z1, z2 with the same g(z) = a * max(0, b z + c), for any a, b, c.",
        "log_odds_mixture(z, w, a, b)": "5.2: the number g(z) = log(f / (1 - f)) with f = sum_i w_i sigmoid(a_i z + b_i), for "
        "a number z, w (N,) positive of sum 1, a (N,) positive, b (N,); also where z is 700 or -700.",
        "log_odds_mixture_derivative(z, w, a, b)": "5.2: the number g'(z), for the same arguments.",
        "residual_inverse(f, y)": "5.3: the number z with z + f(z) = y, for a function f of one float whose slope stays "
        "above -0.95.",
        "radial_inverse(y, z0, alpha, beta)": "5.4: the z (D,) with z + beta (z - z0) / (alpha + r) = y (D,), where r = "
        "|z - z0|, alpha > 0 and beta > -alpha.",
        "radius_derivative_formula(r, alpha, beta)": "5.4: the derivative by r of |y - z0| for SymPy symbols; an expression.",
    },
)

ROUNDING = 16 * SINGLE
SOLVED = 1e-5
"""Relative: solvers stop at a tolerance of their own, in z or in y."""


def judge_witness(student: Student, reference: ModuleType, a: float, b: float, c: float) -> None:
    """Two numbers differ and have one image: unless a or b is 0, both lie where g is 0."""
    answer = student.relu_witness(a, b, c)
    z1, z2 = (part.scalar() for part in answer.parts(2))
    due = f"two such numbers, for example {reference.relu_witness(a, b, c)}"
    holds(z1 != z2, "z1 and z2 are the same number", answer=answer, expected=due)
    inner = [Fraction(b) * Fraction(z) + Fraction(c) for z in (z1, z2)]
    # -c/b itself may come out on the wrong side of the kink by rounding.
    flat = all(value <= ROUNDING * abs(c) for value in inner)
    images = [a * max(0.0, float(value)) for value in inner]
    why = f"g(z1) is {images[0]:.6g} and g(z2) is {images[1]:.6g}"
    holds(a == 0 or b == 0 or flat, why, answer=answer, expected=due)


@check(points=1, part="1")
@cases({"a": 1.0, "b": 1.0, "c": 0.0}, {"a": 2.0, "b": -1.0, "c": 3.0})
def check_witness_examples(student: Student, reference: ModuleType, a: float, b: float, c: float) -> None:
    """Two numbers with the same image, for a rising and a falling g"""
    judge_witness(student, reference, a, b, c)


@check(points=3, part="1")
@forall(a=nonzero(), b=nonzero(), c=reals(), first=[{"a": -2.0, "b": 1 / 256, "c": 64.0}])
def check_witness(student: Student, reference: ModuleType, a: float, b: float, c: float) -> None:
    """Two numbers with the same image, for any signs of a, b and c"""
    judge_witness(student, reference, a, b, c)


@check(points=1, part="1", kind="input")
@cases(
    *(
        {"a": a, "b": b, "c": c}
        for a, b, c in ((1.0, 0.0, 1.0), (0.0, 2.0, 1.0), (0.0, 0.0, 0.0), (1.0, 0.0, -1.0))
    )
)
def check_witness_constant(student: Student, reference: ModuleType, a: float, b: float, c: float) -> None:
    """Where a or b is 0, g is constant and two numbers with the same image are found as well"""
    judge_witness(student, reference, a, b, c)


@st.composite
def mixtures(draw: Any) -> Mixture:
    """z and a mixture of up to 4 parts, none of them saturated."""
    N = draw(st.integers(1, 4))
    counts = np.ones(N, dtype=int)
    np.add.at(counts, [draw(st.integers(0, N - 1)) for _ in range(8 - N)], 1)
    return (
        draw(reals(-2.0, 2.0)),
        counts / 8,
        draw(vectors(N, positive(2.0))),
        draw(vectors(N, reals(-2.0, 2.0))),
    )


def mixture(z: float, w: list[float], a: list[float], b: list[float]) -> Mixture:
    """A mixture from lists."""
    return z, np.array(w), np.array(a), np.array(b)


MIXTURES = (mixture(0.5, [1.0], [2.0], [0.25]), mixture(-1.0, [0.25, 0.75], [1.0, 2.0], [0.0, 1.0]))
SATURATED = tuple(
    {"point": mixture(z, w, a, b)}
    for w, a, b in (
        ([0.25, 0.75], [0.5, 1.0], [0.5, -1.0]),
        ([0.5, 0.25, 0.25], [2.0, 3.0, 1.5], [0.0, 2.0, 1.0]),
    )
    for z in (40.0, -40.0, 700.0, -700.0)
)


def agree_mixture(answer: Answer, want: float, point: Mixture) -> None:
    """The value is right, to what rounding f in single precision does to the log-odds of f."""
    z, w, a, b = point
    f = float(np.sum(w / (1 + np.exp(-a * z - b))))
    agree(answer, want, tolerance=ROUNDING * (1 + abs(want)) / (f * (1 - f)))


def agree_saturated(answer: Answer, want: float) -> None:
    """The value is right to single precision."""
    agree(answer, want, tolerance=ROUNDING * (1 + abs(want)))


@check(points=1, part="2")
@cases(*({"point": point} for point in MIXTURES))
def check_mixture_examples(student: Student, reference: ModuleType, point: Mixture) -> None:
    """g and its derivative for one and for two parts"""
    agree_mixture(student.log_odds_mixture(*point), reference.log_odds_mixture(*point), point)
    derivative = student.log_odds_mixture_derivative(*point)
    agree_mixture(derivative, reference.log_odds_mixture_derivative(*point), point)


@check(points=2, part="2")
@forall(point=mixtures())
def check_mixture(student: Student, reference: ModuleType, point: Mixture) -> None:
    """g for any number of parts"""
    agree_mixture(student.log_odds_mixture(*point), reference.log_odds_mixture(*point), point)


@check(points=2, part="2")
@forall(point=mixtures())
def check_derivative(student: Student, reference: ModuleType, point: Mixture) -> None:
    """The derivative of g for any number of parts"""
    answer = student.log_odds_mixture_derivative(*point)
    agree_mixture(answer, reference.log_odds_mixture_derivative(*point), point)


@check(points=1, part="2")
@cases(*SATURATED)
def check_mixture_stability(student: Student, reference: ModuleType, point: Mixture) -> None:
    """g is right where the sigmoids round to 0 or 1, up to z = 700 and -700"""
    agree_saturated(student.log_odds_mixture(*point), reference.log_odds_mixture(*point))


@check(points=1, part="2")
@cases(*SATURATED)
def check_derivative_stability(student: Student, reference: ModuleType, point: Mixture) -> None:
    """The derivative is right and positive where the sigmoids round to 0 or 1"""
    want = reference.log_odds_mixture_derivative(*point)
    agree_saturated(student.log_odds_mixture_derivative(*point), want)


@check(points=1, part="2", kind="input")
@cases({"point": MIXTURES[1]}, SATURATED[2])
def check_mixture_input_unchanged(student: Student, point: Mixture) -> None:
    """Computing g and its derivative leaves w, a and b as they were"""
    unchanged(student.log_odds_mixture(*point))
    unchanged(student.log_odds_mixture_derivative(*point))


class Residual:
    """f by a formula, which reports show; takes a number in any form, or an array entry by entry."""

    def __init__(self, formula: str, function: Callable[[Array], Array]) -> None:
        self.__name__ = f"lambda z: {formula}"
        self.function = function

    def __call__(self, z: Any) -> Any:
        """f(z) as a float where z is a number; infinite where it overflows."""
        with np.errstate(all="ignore"):
            value = np.asarray(self.function(np.asarray(z, dtype=np.float64)))
        return float(value) if value.ndim == 0 else value


GENTLE = (
    Residual("0.0", np.zeros_like),
    Residual("0.5 * tanh(z)", lambda z: 0.5 * np.tanh(z)),
    Residual("0.75 * sin(z)", lambda z: 0.75 * np.sin(z)),
    Residual("1 - 0.5 * z", lambda z: 1 - 0.5 * z),
)
STEEP = (
    Residual("3 * z - 1", lambda z: 3 * z - 1),
    Residual("-0.9375 * tanh(z)", lambda z: -0.9375 * np.tanh(z)),
    Residual("50 * tanh(z)", lambda z: 50 * np.tanh(z)),
    Residual("50 * tanh(z - 3)", lambda z: 50 * np.tanh(z - 3)),
    Residual("z**3 / 4", lambda z: z**3 / 4),
    Residual("2 * z + sin(2 * z)", lambda z: 2 * z + np.sin(2 * z)),
    Residual("-0.949 * z", lambda z: -0.949 * z),
)
FAR = ((GENTLE[1], 500.0), (GENTLE[2], -300.0), (STEEP[-1], 40.0), (STEEP[0], -400.0))


def judge_residual(student: Student, reference: ModuleType, f: Residual, y: float) -> None:
    """z is near the solution, or z + f(z) near y: a solver may stop by either."""
    answer = student.residual_inverse(f, y)
    z, want = answer.scalar(), reference.residual_inverse(f, y)
    missed = abs(z + f(z) - y)
    solved = abs(z - want) <= SOLVED * (1 + abs(want)) or missed <= SOLVED * (1 + abs(y))
    why = f"z + f(z) is {z + f(z):.6g} there, not {y:g}"
    holds(solved, why, answer=answer, expected=want, difference=abs(z - want), tolerance=SOLVED)


@check(points=1, part="3")
@cases({"f": GENTLE[3], "y": 0.0}, {"f": STEEP[0], "y": 3.0})
def check_residual_examples(student: Student, reference: ModuleType, f: Residual, y: float) -> None:
    """The solution of z + f(z) = y for two functions"""
    judge_residual(student, reference, f, y)


@check(points=2, part="3")
@forall(f=st.sampled_from(GENTLE), y=reals(-8.0, 8.0), examples=20)
def check_residual_gentle(student: Student, reference: ModuleType, f: Residual, y: float) -> None:
    """The solution where f changes less than z does"""
    judge_residual(student, reference, f, y)


@check(points=2, part="3")
@forall(f=st.sampled_from(STEEP), y=reals(-8.0, 8.0), examples=20)
def check_residual_steep(student: Student, reference: ModuleType, f: Residual, y: float) -> None:
    """The solution where f is steep, or falls almost as fast as z rises"""
    judge_residual(student, reference, f, y)


@check(points=1, part="3", kind="input")
@cases(*({"f": f, "y": y} for f, y in FAR))
def check_residual_far(student: Student, reference: ModuleType, f: Residual, y: float) -> None:
    """The solution for y far from 0"""
    judge_residual(student, reference, f, y)


@st.composite
def radials(draw: Any) -> Radial:
    """y, z0 of up to 4 components, alpha, and beta from -0.9375 alpha to 4."""
    D = draw(st.integers(1, 4))
    alpha = draw(positive(3.0, low=0.25))
    beta = draw(st.one_of(positive(4.0), st.integers(-15, 0).map(lambda k: k * alpha / 16)))
    return draw(vectors(D)), draw(vectors(D)), alpha, beta


def radial(y: list[float], z0: list[float], alpha: float, beta: float) -> Radial:
    """Arguments from lists."""
    return np.array(y), np.array(z0), alpha, beta


def agree_radial(answer: Answer, reference: ModuleType, given: Radial) -> None:
    """z is right, to what solving a quadratic equation in single precision allows."""
    y, z0, alpha, beta = given
    scale = alpha + abs(beta) + float(np.max(np.abs(y))) + float(np.max(np.abs(z0)))
    moved = perturbation_tolerance(reference.radial_inverse, given, SINGLE)
    agree(answer, reference.radial_inverse(*given), tolerance=float(np.max(moved)) + ROUNDING * scale)


@check(points=1, part="4")
@cases({"given": radial([3.0, 4.0], [0.0, 0.0], 1.0, 1.0)}, {"given": radial([2.0], [0.5], 2.0, -1.0)})
def check_radial_examples(student: Student, reference: ModuleType, given: Radial) -> None:
    """The inverse of two radial maps"""
    agree_radial(student.radial_inverse(*given), reference, given)


@check(points=3, part="4")
@forall(given=radials(), first=[{"given": radial([1.0, -2.0, 0.5], [0.25, 0.0, 1.0], 2.0, -1.998)}, {"given": radial([0.5 + 2.0**-12], [0.5], 1.0, -0.9375)}])
def check_radial(student: Student, reference: ModuleType, given: Radial) -> None:
    """The inverse of any radial map, with beta of either sign"""
    agree_radial(student.radial_inverse(*given), reference, given)


@check(points=1, part="4", kind="input")
@cases(*({"given": radial([0.5, -1.0], [0.5, -1.0], 1.0, beta)} for beta in (0.5, -0.75, -0.999)))
def check_radial_centre(student: Student, reference: ModuleType, given: Radial) -> None:
    """Where y is z0, so is z"""
    agree_radial(student.radial_inverse(*given), reference, given)


@check(points=1, part="4", kind="input")
@cases(*({"given": radial(y, [1.0, 0.0], 1.0, 1.0)} for y in ([3.0, 4.0], [1.0, 0.0])))
def check_radial_input_unchanged(student: Student, given: Radial) -> None:
    """The call leaves y and z0 as they were"""
    unchanged(student.radial_inverse(*given))


@check(points=3, part="4", kind="symbolic")
def check_radius_derivative(student: Student, reference: ModuleType) -> None:
    """The derivative of |y - z0| by r is right for all r >= 0, alpha > 0 and beta"""
    r, alpha = sympy.Symbol("r", nonnegative=True), sympy.Symbol("alpha", positive=True)
    beta = sympy.Symbol("beta", real=True)
    proves(student.radius_derivative_formula(r, alpha, beta), reference.radius_derivative_formula)
