"""Checks for `affine_coupling`: z and log |det dz/dx| for any set of coordinates, and the formula for the latter."""

from __future__ import annotations

from itertools import combinations
from types import ModuleType
from typing import Any

import numpy as np
import sympy
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import Answer, Student, Topic, agree, cases, check, forall, judge, proves, unchanged
from grader.strategies import vectors

topic = Topic(
    "affine_coupling",
    source="Homework 8 (2021), problem 5",
    functions={
        "coupling(x, omega, s, t)": (
            "z (n,) and log |det dz/dx| of the coupling layer that keeps x (n,) on omega and has "
            "z = exp(s(x_omega)) * x + t(x_omega) on the other coordinates, in ascending order; omega is an ascending "
            "tuple of k indices from 1 to n, 0 < k < n; s and t take and return arrays, (k,) -> (n-k,)."
        ),
        "log_abs_det_formula(s_values)": (
            "log |det dz/dx| for a list of n-k real SymPy symbols, the values of s(x_omega); an expression."
        ),
    },
)

Floats = NDArray[np.float64]
Arguments = tuple[Floats, tuple[int, ...], "Conditioner", "Conditioner"]
LOG_DET_ROUNDINGS = 32
"""Roundings in single precision, of 1 or the sum of |s|, that a log-determinant may be off: some take log(exp(s))."""


class Conditioner:
    """Stands for the network s or t: `m` smooth functions that differ, each of all entries of its input."""

    def __init__(self, name: str, m: int, size: float = 1.5) -> None:
        self.__name__ = name
        self.m = m
        self.size = size

    def __call__(self, given: object) -> Floats:
        """The values (m,) for an input of any length."""
        v = np.asarray(given, dtype=np.float64).ravel()
        i, j = np.arange(v.size), np.arange(self.m)[:, None]
        mix = np.cos(1 + 2.0 * i + 3.0 * j) @ v + np.sin(1 + 5.0 * np.arange(self.m))
        bounded: Floats = self.size * mix / (1 + np.abs(mix))
        return bounded if self.__name__ == "s" else 2 * bounded[::-1] - 0.25


def layer(x: Any, omega: tuple[int, ...], size: float = 1.5) -> Arguments:
    """Arguments of `coupling` for x (n,) and omega; the values of s stay below `size`."""
    m = len(x) - len(omega)
    return np.array(x, dtype=np.float64), omega, Conditioner("s", m, size), Conditioner("t", m)


def steep() -> dict[str, Arguments]:
    """Factors exp(s) far from 1, both large and small."""
    return {"arguments": layer([0.5, -1.0, 2.0, 1.5, -0.5], (1, 4), 12.0)}


@st.composite
def layers(draw: Any) -> Arguments:
    """Any proper subset of 2 to 6 coordinates, and x with entries between -4 and 4."""
    n = draw(st.integers(2, 6))
    chosen = draw(st.sets(st.integers(1, n), min_size=1, max_size=n - 1))
    return layer(draw(vectors(n)), tuple(sorted(chosen)))


def agree_log_det(answer: Answer, reference: ModuleType, arguments: Arguments) -> None:
    """The log-determinant is right, also where it went through exp and log in single precision."""
    x, omega, s, _ = arguments
    size = 1 + float(np.sum(np.abs(s(x[[i - 1 for i in omega]]))))
    agree(answer, reference.coupling(*arguments)[1], tolerance=LOG_DET_ROUNDINGS * judge.SINGLE * size)


@check(points=2)
@cases(
    {"arguments": layer([1.0, 2.0], (1,))},
    {"arguments": layer([1.0, -2.0, 0.5, 3.0], (2, 4))},
    {"arguments": layer([0.5, 1.0, -1.5, 2.0, 1.0], (1, 3, 4))},
)
def check_examples(student: Student, reference: ModuleType, arguments: Arguments) -> None:
    """z and log |det dz/dx| of three small layers"""
    z, log_det = student.coupling(*arguments).parts(2)
    agree(z, reference.coupling, part=0)
    agree_log_det(log_det, reference, arguments)


@check(points=3)
@forall(first=[steep()], arguments=layers())
def check_z(student: Student, reference: ModuleType, arguments: Arguments) -> None:
    """z keeps the coordinates of omega and transforms the others, for any omega"""
    z, _ = student.coupling(*arguments).parts(2)
    agree(z, reference.coupling, part=0)


@check(points=3)
@forall(first=[steep()], arguments=layers())
def check_log_abs_det(student: Student, reference: ModuleType, arguments: Arguments) -> None:
    """log |det dz/dx| is right for any omega"""
    _, log_det = student.coupling(*arguments).parts(2)
    agree_log_det(log_det, reference, arguments)


@check(points=1)
def check_every_omega(student: Student, reference: ModuleType) -> None:
    """z is right for every set of two or three out of five coordinates"""
    x = [1.0, -2.0, 4.0, -8.0, 16.0]
    rows = [layer(x, omega) for k in (2, 3) for omega in combinations(range(1, 6), k)]
    for answer in student.coupling.rows(rows):
        agree(answer.parts(2)[0], reference.coupling, part=0)


@check(points=1, requires="z")
@cases(
    {"arguments": layer([1.0, 2.0], (2,))},
    {"arguments": layer([0.5, -1.0, 2.0], (2,))},
    {"arguments": layer([0.5, -1.0, 2.0, 1.5], (1, 4))},
)
def check_jacobian(student: Student, arguments: Arguments) -> None:
    """log |det dz/dx| belongs to z: it is that of z's own Jacobian, by differences"""
    x, *others = arguments
    answers = student.coupling.rows([arguments, *((x + unit, *others) for unit in np.eye(len(x)))])
    z = [answer.parts(2)[0].array(len(x)) for answer in answers]
    # z is affine in the other coordinates and keeps those of omega, so that differences of any step give the
    # determinant exactly.
    jacobian = np.stack([column - z[0] for column in z[1:]], axis=1)
    slack = judge.perturbation_tolerance(
        lambda matrix: np.linalg.slogdet(matrix)[1], (jacobian,), judge.SINGLE
    )
    larger = 1 + np.max(np.abs(z)) / np.max(np.abs(jacobian))
    tolerance = float(np.max(slack) * larger * 4) + LOG_DET_ROUNDINGS * judge.SINGLE
    agree(answers[0].parts(2)[1], np.linalg.slogdet(jacobian)[1], tolerance=tolerance)


@check(points=2, kind="symbolic")
def check_formula(student: Student, reference: ModuleType) -> None:
    """The formula for log |det dz/dx| holds for all real values of s, one to four of them"""
    for m in (2, 1, 3, 4):
        values = list(sympy.symbols(f"s1:{m + 1}", real=True))
        proves(student.log_abs_det_formula(values), reference.log_abs_det_formula)


@check(points=1, kind="input")
@cases({"arguments": layer([1.0, 2.0], (1,))}, {"arguments": layer([1.0, -2.0, 0.5, 3.0], (2, 4))})
def check_input_unchanged(student: Student, arguments: Arguments) -> None:
    """The call leaves x as it was"""
    unchanged(student.coupling(*arguments))
