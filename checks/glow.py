"""Checks for `glow`: log-determinants of A = P L (U + diag s), of 1x1 convolutions and of couplings."""

from __future__ import annotations

from itertools import permutations
from types import ModuleType
from typing import Any

import numpy as np
import sympy
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import Answer, Student, Topic, agree, cases, check, forall, proves, unchanged
from grader.judge import SINGLE, perturbation_tolerance
from grader.strategies import arrays, positive, reals, vectors

Array = NDArray[np.float64]
Factors = tuple[Array, Array, Array, Array]
"""P, L, U, s of A = P L (U + diag s)."""

topic = Topic(
    "glow",
    source="Homework 10 (2024), problem 4",
    functions={
        "plu_log_abs_det(P, L, U, s)": (
            "4a: log |det A| for A = P L (U + diag s); P, L, U (C, C), L with its unit diagonal, s (C,) nonzero."
        ),
        "plu_log_abs_det_formula(s)": "4a: the same for a list s of nonzero real SymPy symbols; an expression.",
        "reorder_jacobian(J, order)": (
            "4b: J (n, n) is the Jacobian for one vectorisation v; return it (n, n) for w[i] = v[order[i]] (0-based)."
        ),
        "conv1x1(x, P, L, U, s)": "4c: the 1x1 convolution of x (C, m, n) with A = P L (U + diag s); (C, m, n).",
        "conv1x1_log_abs_det_formula(s, m, n)": (
            "4c: log |det| of its Jacobian for a list s of nonzero real SymPy symbols; m, n may be symbols as well."
        ),
        "coupling(x, P, L, U, s)": (
            "4d: x (2C, m, n); L, U, s are functions of x[:C]. Returns z (2C, m, n) and log |dz/dx|."
        ),
    },
)


scales = st.one_of(positive(3.0, low=0.5), positive(3.0, low=0.5).map(lambda s: -s))


@st.composite
def factors(draw: Any, C: int | None = None) -> Factors:
    """P, L, U, s of a well conditioned A; s of both signs, P any permutation."""
    size = C or draw(st.integers(1, 4))
    P = np.eye(size)[draw(st.permutations(range(size)))]
    inside = size * (size - 1) // 2
    L, U = np.eye(size), np.zeros((size, size))
    L[np.tril_indices(size, -1)] = draw(vectors(inside, reals(-1.0, 1.0)))
    U[np.triu_indices(size, 1)] = draw(vectors(inside, reals(-1.0, 1.0)))
    return P, L, U, draw(vectors(size, scales))


@st.composite
def images(draw: Any, channels: int, C: int) -> tuple[Array, Factors]:
    """An image (channels, m, n) with m * n between 1 and 12, and the factors of a matrix for C channels."""
    m, n = draw(st.sampled_from([(1, 2), (2, 1), (1, 1), (2, 3), (3, 2), (1, 4), (4, 3)]))
    return draw(arrays((channels, m, n), reals(-2.0, 2.0))), draw(factors(C))


def log_abs_det(P: Array, L: Array, U: Array, s: Array) -> float:
    """log |det A| from the matrix itself, without the theorem of 4a; its reaction to rounding sets tolerances."""
    return float(np.linalg.slogdet(P @ L @ (U + np.diag(s)))[1])


def three_cycle() -> Factors:
    """A permutation that is not its own inverse, negative entries in s."""
    P = np.eye(3)[[1, 2, 0]]
    L = np.array([[1.0, 0.0, 0.0], [0.5, 1.0, 0.0], [-1.0, 0.25, 1.0]])
    U = np.array([[0.0, 1.0, -0.5], [0.0, 0.0, 0.75], [0.0, 0.0, 0.0]])
    return P, L, U, np.array([2.0, -0.5, -3.0])


def two_channels() -> Factors:
    """The smallest interesting case: rows swapped, one negative entry in s."""
    P, L = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [0.5, 1.0]])
    return P, L, np.array([[0.0, 3.0], [0.0, 0.0]]), np.array([2.0, -4.0])


def tiny_scale() -> Factors:
    """An entry of s whose logarithm a small number added to it would change; |det A| is exact in any precision."""
    return np.eye(2)[::-1].copy(), np.eye(2), np.zeros((2, 2)), np.array([2.0**-40, -4.0])


@check(points=1, part="a")
@cases(
    {"PLUs": two_channels(), "tolerance": None}, {"PLUs": three_cycle(), "tolerance": None}, {"PLUs": tiny_scale(), "tolerance": 2e-5}
)  # fmt: skip
def check_plu_examples(student: Student, PLUs: Factors, tolerance: float | None) -> None:
    """log |det A| for two and three channels, with negative entries in s and a very small one"""
    agree(student.plu_log_abs_det(*PLUs), log_abs_det, tolerance=tolerance)


@check(points=2, part="a")
@forall(PLUs=factors())
def check_plu_log_abs_det(student: Student, PLUs: Factors) -> None:
    """log |det A| is that of the matrix, for any number of channels, permutation and sign"""
    agree(student.plu_log_abs_det(*PLUs), log_abs_det)


@check(points=2, part="a", kind="symbolic")
def check_plu_formula(student: Student, reference: ModuleType) -> None:
    """The formula for log |det A| holds for all nonzero real s, with 1 to 4 channels"""
    for C in (2, 1, 3, 4):
        s = list(sympy.symbols(f"s1:{C + 1}", real=True, nonzero=True))
        proves(student.plu_log_abs_det_formula(s), reference.plu_log_abs_det_formula)


@check(points=1, part="b")
@cases(
    {"J": [[1, 2], [3, 4]], "order": [1, 0]},
    {"J": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "order": [1, 2, 0]},
)
def check_reorder_examples(student: Student, reference: ModuleType, J: list[list[float]], order: list[int]) -> None:
    """The Jacobian of small maps in another order of their entries"""
    agree(student.reorder_jacobian(np.array(J, dtype=np.float64), order), reference.reorder_jacobian)


@check(points=2, part="b")
def check_reorder_every_order(student: Student, reference: ModuleType) -> None:
    """The Jacobian is right entry by entry for all orders of 3 and of 4 components, and for larger ones"""
    orders = [list(p) for n in (3, 4) for p in permutations(range(n))]
    orders += [[4, 2, 0, 5, 1, 3], [6, 0, 1, 2, 3, 4, 5]]
    # Entries all differ, so that each is seen to go to its place.
    rows = [(np.arange(1.0, 1.0 + len(order) ** 2).reshape(len(order), -1), order) for order in orders]
    for answer in student.reorder_jacobian.rows(rows):
        agree(answer, reference.reorder_jacobian)


@check(points=1, part="c")
@cases(
    {"x": [[[1.0, 0.0]], [[0.0, 2.0]]], "PLUs": two_channels()},
    {"x": [[[1.0]], [[2.0]], [[4.0]]], "PLUs": three_cycle()},
)
def check_conv1x1_examples(student: Student, reference: ModuleType, x: Any, PLUs: Factors) -> None:
    """The 1x1 convolution of two small images"""
    agree(student.conv1x1(np.array(x), *PLUs), reference.conv1x1)


@check(points=2, part="c")
@forall(image=st.integers(1, 4).flatmap(lambda C: images(C, C)), examples=40)
def check_conv1x1(student: Student, reference: ModuleType, image: tuple[Array, Factors]) -> None:
    """Every pixel's channels are multiplied by A, for any number of channels and pixels"""
    x, PLUs = image
    agree(student.conv1x1(x, *PLUs), reference.conv1x1)


@check(points=1, part="c")
@cases({"PLUs": three_cycle(), "m": 2, "n": 2}, {"PLUs": two_channels(), "m": 1, "n": 3})
def check_conv1x1_blocks(student: Student, reference: ModuleType, PLUs: Factors, m: int, n: int) -> None:
    """The Jacobian of the 1x1 convolution consists of one block A per pixel"""
    shape = (len(PLUs[0]), m, n)
    units = np.eye(int(np.prod(shape))).reshape(-1, *shape)
    for answer in student.conv1x1.rows([(unit, *PLUs) for unit in units]):
        agree(answer, reference.conv1x1, why="a column of the Jacobian is wrong")


@check(points=2, part="c", kind="symbolic")
def check_conv1x1_formula(student: Student, reference: ModuleType) -> None:
    """The formula for the 1x1 convolution holds for all nonzero real s and all m and n"""
    m, n = sympy.symbols("m n", integer=True, positive=True)
    for C in (2, 1, 3):
        s = list(sympy.symbols(f"s1:{C + 1}", real=True, nonzero=True))
        proves(student.conv1x1_log_abs_det_formula(s, 2, 3), reference.conv1x1_log_abs_det_formula)
        proves(student.conv1x1_log_abs_det_formula(s, m, n), reference.conv1x1_log_abs_det_formula)


class Conditioner:
    """L, U or s as a function of the first half that reads every pixel; its weights differ between pixels."""

    def __init__(self, name: str, shape: tuple[int, int, int]) -> None:
        """name: `L`, `U` or `s`, what it returns; shape (C, m, n): of its argument."""
        self.__name__ = name
        self.shape = shape
        outputs = shape[0] if name == "s" else shape[0] ** 2
        size = int(np.prod(shape))
        turns = np.arange(1, outputs + 1)[:, None] * np.arange(3, size + 3)[None, :] + ord(name)
        self.weights = (turns % 7 - 3.5) / 4

    def __call__(self, first: Any) -> Array:
        """The matrix (C, C) or vector (C,) for this first half; ValueError for an argument of another shape."""
        given = np.asarray(first, dtype=np.float64)
        if given.shape != self.shape:
            raise ValueError(
                f"{self.__name__} takes x[:C] of shape {self.shape}, not an array of shape {given.shape}"
            )
        sums = self.weights @ given.ravel()
        bounded: Array = sums / (1 + np.abs(sums))
        C = self.shape[0]
        if self.__name__ == "s":
            return np.where(np.arange(C) % 2 == 0, -1.0, 1.0) * (1.25 + 0.75 * bounded)
        square = bounded.reshape(C, C)
        return np.tril(square, -1) + np.eye(C) if self.__name__ == "L" else np.triu(square, 1)


def conditioners(C: int, m: int, n: int) -> tuple[Conditioner, Conditioner, Conditioner]:
    """L, U and s for a coupling of 2C channels; s has both signs and is at least 1/2 in absolute value."""
    return Conditioner("L", (C, m, n)), Conditioner("U", (C, m, n)), Conditioner("s", (C, m, n))


@st.composite
def couplings(draw: Any) -> tuple[Any, ...]:
    """Arguments of `coupling`: x (2C, m, n), a permutation, and L, U, s that read every pixel."""
    C = draw(st.integers(1, 3))
    x, (P, *_) = draw(images(2 * C, C))
    return (x, P, *conditioners(C, *x.shape[1:]))


def first_coupling(C: int, m: int, n: int) -> tuple[Any, ...]:
    """One fixed coupling of 2C channels, its permutation a cycle."""
    x = (np.arange(2.0 * C * m * n) % 5 - 2).reshape(2 * C, m, n) / 2
    return (x, np.roll(np.eye(C), 1, axis=0), *conditioners(C, m, n))


def agree_coupling(answer: Answer, reference: ModuleType, arguments: tuple[Any, ...]) -> None:
    """z is right, and so is the log-determinant, to what computing it from the matrix A allows."""
    z, log_det = answer.parts(2)
    agree(z, reference.coupling, part=0)
    agree_log_det(log_det, reference, arguments)


def agree_log_det(log_det: Answer, reference: ModuleType, arguments: tuple[Any, ...]) -> None:
    """The log-determinant is right, to what computing it from the matrix A allows."""
    agree(log_det, reference.coupling, part=1, tolerance=log_det.student.recall(slack_of_log_det, *arguments))


def slack_of_log_det(x: Array, P: Array, L: Any, U: Any, s: Any) -> float:
    """What computing log |det A| from the matrix A of each pixel allows."""
    first = x[: len(P)]
    one_pixel = perturbation_tolerance(log_abs_det, (P, L(first), U(first), s(first)), SINGLE)
    return float(np.max(one_pixel) * first[0].size)


@check(points=1, part="d")
@cases({"arguments": first_coupling(1, 2, 1)}, {"arguments": first_coupling(3, 1, 2)})
def check_coupling_examples(student: Student, reference: ModuleType, arguments: tuple[Any, ...]) -> None:
    """z and log |dz/dx| of two small couplings"""
    agree_coupling(student.coupling(*arguments), reference, arguments)


@check(points=2, part="d")
@forall(arguments=couplings(), examples=30)
def check_coupling(student: Student, reference: ModuleType, arguments: tuple[Any, ...]) -> None:
    """z keeps the first half and transforms the second, where L, U and s read every pixel of the first"""
    z, _ = student.coupling(*arguments).parts(2)
    agree(z, reference.coupling, part=0)


@check(points=2, part="d")
@forall(arguments=couplings(), examples=30)
def check_coupling_log_det(student: Student, reference: ModuleType, arguments: tuple[Any, ...]) -> None:
    """log |dz/dx| is right for s of both signs and any number of channels and pixels"""
    _, log_det = student.coupling(*arguments).parts(2)
    agree_log_det(log_det, reference, arguments)


@check(points=1, part="d", requires="coupling")
@cases(
    {"arguments": first_coupling(2, 1, 2)},
    {"arguments": first_coupling(3, 1, 2)},
    {"arguments": first_coupling(2, 2, 3)},
)
def check_coupling_jacobian(student: Student, arguments: tuple[Any, ...]) -> None:
    """log |dz/dx| belongs to z: it is that of z's own Jacobian, by differences"""
    x, *others = arguments
    units = np.eye(x.size).reshape(-1, *x.shape)
    answers = student.coupling.rows([arguments, *((x + unit, *others) for unit in units)])
    z = [answer.parts(2)[0].array(*x.shape).ravel() for answer in answers]
    # z is affine in the second half and keeps the first, so differences of any step give the determinant exactly.
    jacobian = np.stack([column - z[0] for column in z[1:]], axis=1)
    log_det = answers[0].parts(2)[1]
    slack = perturbation_tolerance(lambda matrix: np.linalg.slogdet(matrix)[1], (jacobian,), SINGLE)
    larger = 1 + np.max(np.abs(z)) / np.max(np.abs(jacobian))
    agree(log_det, np.linalg.slogdet(jacobian)[1], tolerance=float(np.max(slack) * larger * 4))


@check(points=1, part="a", kind="input")
@cases({"PLUs": two_channels()}, {"PLUs": three_cycle()})
def check_plu_input_unchanged(student: Student, PLUs: Factors) -> None:
    """Computing log |det A| leaves P, L, U and s as they were"""
    unchanged(student.plu_log_abs_det(*PLUs))


@check(points=1, part="c", kind="input")
@cases({"x": [[[1.0, 0.0]], [[0.0, 2.0]]], "PLUs": two_channels()})
def check_conv1x1_input_unchanged(student: Student, x: Any, PLUs: Factors) -> None:
    """The 1x1 convolution leaves x, P, L, U and s as they were"""
    unchanged(student.conv1x1(np.array(x), *PLUs))


@check(points=1, part="d", kind="input")
@cases({"arguments": first_coupling(2, 1, 2)})
def check_coupling_input_unchanged(student: Student, arguments: tuple[Any, ...]) -> None:
    """The coupling leaves x as it was"""
    unchanged(student.coupling(*arguments))
