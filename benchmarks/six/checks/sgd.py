"""Checks for `sgd`."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from grader import Student, Topic, agree, cases, check, forall
from grader.strategies import arrays, reals, vectors

topic = Topic(
    "sgd",
    source="benchmarks",
    functions={"sgd(A, b, order, x, lr)": "x (d,) after SGD steps for the rows of A (n, d) and b (n,) in this order."},
)


@st.composite
def problems(draw: Any) -> tuple[Any, ...]:
    """A, b, order, x, lr."""
    n, d = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    order = draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=8))
    A, b, x = draw(arrays((n, d), reals())), draw(vectors(n)), draw(vectors(d))
    return A, b, order, x, draw(st.sampled_from([0.125, 0.5, 0.03125]))


@check(points=1)
@cases({"order": [0]}, {"order": [1, 0]}, {"order": []})
def check_examples(student: Student, reference: ModuleType, order: list[int]) -> None:
    """Two equations, up to two steps"""
    A, b = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([1.0, -1.0])
    agree(student.sgd(A, b, order, np.array([0.5, 0.25]), 0.25), reference.sgd)


@check(points=2)
@forall(given=problems())
def check_steps(student: Student, reference: ModuleType, given: tuple[Any, ...]) -> None:
    """Any number of steps"""
    agree(student.sgd(*given), reference.sgd)
