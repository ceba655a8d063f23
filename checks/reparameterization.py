"""Checks for `reparameterization`: log-densities of affine maps of a standard normal, costs of determinants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import Student, Topic, agree, cases, check, forall, holds, unchanged
from grader.exam import NeedsReview
from grader.judge import SINGLE, perturbation_tolerance
from grader.strategies import arrays, positive, reals, vectors

Array = NDArray[np.float64]
Map = tuple[Array, Array, Array]
"""y, mu and what scales: sigma (K,) or S (K, K)."""

topic = Topic(
    "reparameterization",
    source="Assignment 3 (2020), question 2",
    functions={
        "diagonal_log_density(y, mu, sigma)": "2.1: the log-density at y (K,) of mu + sigma * z0 with z0 ~ N(0, I), mu (K,) "
        "and sigma (K,) positive; a number.",
        "affine_log_density(y, mu, S)": "2.3: the log-density at y (K,) of mu + S z0 with z0 ~ N(0, I), mu (K,) and S (K, K) "
        "any non-singular matrix; a number.",
        "jacobian_cost(structure)": '2.2, 2.4: the time that |det| of a Jacobian (K, K) takes when its structure is "diagonal" '
        'or "triangular", as text in big-O notation, such as "O(K^3)".',
    },
)

SMALLEST = 0.5
"""Least singular value of the matrices drawn: their densities do not underflow, whoever computes those first."""


@st.composite
def diagonals(draw: Any) -> Map:
    """y, mu and sigma of 1 to 5 components."""
    K = draw(st.integers(1, 5))
    place = vectors(K, reals(-2.0, 2.0))
    return draw(place), draw(place), draw(vectors(K, positive(3.0, low=0.5)))


@st.composite
def affines(draw: Any) -> Map:
    """y, mu and a well conditioned S of 1 to 4 rows, its determinant of either sign."""
    K = draw(st.integers(1, 4))
    place = vectors(K, reals(-2.0, 2.0))
    quarters = st.integers(-8, 8).map(lambda k: k / 4)
    S = arrays((K, K), quarters).filter(lambda S: float(np.linalg.svd(S)[1][-1]) >= SMALLEST)
    return draw(place), draw(place), draw(S)


def affine(y: Sequence[float], mu: Sequence[float], S: Sequence[Sequence[float]]) -> Map:
    """y, mu and S from lists."""
    return np.array(y), np.array(mu), np.array(S)


SPECIAL = (
    {"y_mu_S": affine([1.0], [0.5], [[-2.0]])},
    {"y_mu_S": affine([1.0, -1.0], [0.0, 0.5], [[0.0, 1.0], [1.0, 0.0]])},
    {
        "y_mu_S": affine(
            [1.0, -1.0, 0.5], [0.0, 0.5, 0.0], [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]]
        )
    },
    {"y_mu_S": affine([1.0, 0.5], [0.0, 0.0], [[0.0, -1.0], [1.0, 0.0]])},
    {"y_mu_S": affine([0.5, 1.5], [0.0, 1.0], [[1.0, 0.0], [-2.0, 0.5]])},
)
"""One component, a reflection, a multiple of the identity, a rotation, a triangular matrix."""


@check(points=1, part="1")
@cases(
    {"y": [0.0], "mu": [0.0], "sigma": [1.0]},
    {"y": [1.0, 0.5], "mu": [0.0, 1.0], "sigma": [2.0, 1.0]},
)
def check_diagonal_examples(
    student: Student, reference: ModuleType, y: list[float], mu: list[float], sigma: list[float]
) -> None:
    """The log-density of mu + sigma * z0 for one and for two components"""
    agree(
        student.diagonal_log_density(np.array(y), np.array(mu), np.array(sigma)),
        reference.diagonal_log_density,
    )


@check(points=3, part="1")
@forall(y_mu_sigma=diagonals())
def check_diagonal(student: Student, reference: ModuleType, y_mu_sigma: Map) -> None:
    """The log-density of mu + sigma * z0 for any number of components"""
    agree(student.diagonal_log_density(*y_mu_sigma), reference.diagonal_log_density)


@check(points=1, part="1")
@cases({"distance": 60.0}, {"distance": -1000.0})
def check_diagonal_stability(student: Student, reference: ModuleType, distance: float) -> None:
    """Far from mu, where the density itself is too small for a number, its logarithm is right"""
    y, mu, sigma = np.array([distance, 1.0]), np.zeros(2), np.array([0.5, 2.0])
    agree(student.diagonal_log_density(y, mu, sigma), reference.diagonal_log_density)


@check(points=1, part="1", kind="input")
@cases({"y": [1.0, 2.0]}, {"y": [-10.0, 0.0]})
def check_diagonal_input_unchanged(student: Student, y: list[float]) -> None:
    """The call leaves y, mu and sigma as they were"""
    unchanged(student.diagonal_log_density(np.array(y), np.array([0.5, 0.0]), np.array([1.0, 2.0])))


def covariance_log_density(y: Array, mu: Array, covariance: Array) -> float:
    """log N(y; mu, covariance) up to a constant; its reaction to rounding sets tolerances, as many compute S S^T."""
    d = y - mu
    return float(-0.5 * (d @ np.linalg.solve(covariance, d) + np.linalg.slogdet(covariance)[1]))


def agree_affine(student: Student, reference: ModuleType, y_mu_S: Map) -> None:
    """The log-density is right, to what computing it from S S^T in single precision allows."""
    y, mu, S = y_mu_S
    allowed = perturbation_tolerance(covariance_log_density, (y, mu, S @ S.T), SINGLE)
    agree(
        student.affine_log_density(y, mu, S), reference.affine_log_density, tolerance=float(np.max(allowed))
    )


@check(points=1, part="3")
@cases(*SPECIAL[:2])
def check_affine_examples(student: Student, reference: ModuleType, y_mu_S: Map) -> None:
    """The log-density of mu + S z0 for two matrices, det S negative"""
    agree_affine(student, reference, y_mu_S)


@check(points=3, part="3")
@forall(y_mu_S=affines(), first=SPECIAL)
def check_affine(student: Student, reference: ModuleType, y_mu_S: Map) -> None:
    """The log-density of mu + S z0 for any non-singular S"""
    agree_affine(student, reference, y_mu_S)


@check(points=1, part="3")
@cases({"distance": 60.0}, {"distance": -1000.0})
def check_affine_stability(student: Student, reference: ModuleType, distance: float) -> None:
    """Far from mu, where the density itself is too small for a number, its logarithm is right"""
    agree_affine(student, reference, affine([distance, 1.0], [0.0, 0.0], [[0.5, 1.0], [-1.0, 0.5]]))


@check(points=1, part="3", kind="input")
@cases(*SPECIAL)
def check_affine_input_unchanged(student: Student, y_mu_S: Map) -> None:
    """The call leaves y, mu and S as they were"""
    unchanged(student.affine_log_density(*y_mu_S))


def orders(text: str) -> list[str]:
    """What stands inside each O(...) of a text, in small letters; LaTeX, Unicode and Theta are read as O."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace(r"\theta", "o").replace("\u03b8", "o")
    plain = re.sub(
        r"\\(math[a-z]+|text[a-z]*|operatorname|displaystyle|rm|cal|bf|left|right|cdot|big+[lr]?|[,;:! ])", "", plain
    )
    found = re.findall(r"(?<![a-z])o\s*\(([^()]*)\)(?![a-z^])", re.sub(r"[${}*\\]", "", plain))
    return ["".join(inside.split()) for inside in found]


def judge_linear(student: Student, structure: str) -> None:
    """The label says that the cost is linear in K; constants beside K do not matter."""
    answer = student.jacobian_cost(structure)
    found = orders(answer.label())
    if len(found) > 1:
        raise NeedsReview(f"more than one order of growth came: {answer.label()[:100]}")
    linear = bool(found) and re.fullmatch(r"\d*k(\^1)?([+-]\d+)?", found[0]) is not None
    in_words = re.fullmatch(r"linear( in k)?\.?", answer.label().casefold()) is not None
    why = "the determinant is a product of K diagonal entries" if found else 'a text such as "O(K^3)" is due'
    holds(linear or in_words, why, answer=answer, expected="O(K)")


@check(points=1, part="2")
def check_diagonal_cost(student: Student) -> None:
    """The time that the determinant of a diagonal Jacobian takes"""
    judge_linear(student, "diagonal")


@check(points=1, part="4")
def check_triangular_cost(student: Student) -> None:
    """The time that the determinant of a triangular Jacobian takes"""
    judge_linear(student, "triangular")
