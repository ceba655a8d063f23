"""Checks for `log_determinant`."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from grader import Student, Topic, agree, cases, check, forall
from grader.strategies import arrays, nonzero, permutation_matrices, reals

topic = Topic(
    "log_determinant",
    source="benchmarks",
    functions={"plu_log_abs_det(P, L, U, s)": "log |det P L (U + diag s)| of matrices (C, C) and s (C,), a number."},
)


@st.composite
def factors(draw: Any) -> tuple[Any, ...]:
    """P, L, U, s of one size."""
    C = draw(st.integers(1, 4))
    L, U = draw(arrays((C, C), reals())), draw(arrays((C, C), reals()))
    return draw(permutation_matrices(C)), np.tril(L, -1) + np.eye(C), np.triu(U, 1), draw(arrays((C,), nonzero()))


@check(points=1)
@cases({"s": [2.0, -0.5]}, {"s": [-3.0]}, {"s": [1.0, 1.0, 4.0]})
def check_examples(student: Student, reference: ModuleType, s: list[float]) -> None:
    """Diagonal matrices"""
    C = len(s)
    agree(student.plu_log_abs_det(np.eye(C), np.eye(C), np.zeros((C, C)), np.array(s)), reference.plu_log_abs_det)


@check(points=2)
@forall(given=factors())
def check_value(student: Student, reference: ModuleType, given: tuple[Any, ...]) -> None:
    """The logarithm is that of the matrix"""
    agree(student.plu_log_abs_det(*given), reference.plu_log_abs_det)
