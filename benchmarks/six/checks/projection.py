"""Checks for `projection`."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from grader import Student, Topic, agree, cases, check, forall
from grader.strategies import reals, vectors

topic = Topic(
    "projection",
    source="benchmarks",
    functions={"project(y, a)": "The point of {x : x1 = a, 0 <= x2 <= 1} closest to y (2,), as an array (2,)."},
)


@check(points=1)
@cases({"y": [0.0, 2.0], "a": 1.0}, {"y": [3.0, 0.5], "a": -2.0}, {"y": [1.0, -2.0], "a": 0.0})
def check_examples(student: Student, reference: ModuleType, y: Sequence[float], a: float) -> None:
    """Above, beside and below the segment"""
    agree(student.project(np.array(y), a), reference.project)


@check(points=2)
@forall(y=vectors(2), a=reals())
def check_closest(student: Student, reference: ModuleType, y: NDArray[np.float64], a: float) -> None:
    """The result is the closest point"""
    agree(student.project(y, a), reference.project)
