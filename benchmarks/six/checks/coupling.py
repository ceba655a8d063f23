"""Checks for `coupling`."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import torch
from hypothesis import strategies as st

from grader import Student, Topic, agree, cases, check, forall
from grader.strategies import arrays, reals

topic = Topic(
    "coupling",
    source="benchmarks",
    functions={"coupling(x, w, v)": "z (n, 2d) and log |det dz/dx| (n,) of an affine coupling, as torch tensors."},
)


@st.composite
def layers(draw: Any) -> tuple[Any, ...]:
    """x, w, v in double precision."""
    n, d = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    shapes = ((n, 2 * d), (d, d), (d, d))
    return tuple(torch.from_numpy(draw(arrays(shape, reals(-2.0, 2.0)))) for shape in shapes)


@check(points=1)
@cases({"x": [[0.0, 1.0]]}, {"x": [[1.0, -2.0], [-0.5, 0.5]]}, {"x": [[2.0, 0.0]]})
def check_examples(student: Student, reference: ModuleType, x: list[list[float]]) -> None:
    """Two columns"""
    w, v = torch.tensor([[0.5]], dtype=torch.float64), torch.tensor([[-1.0]], dtype=torch.float64)
    agree(student.coupling(torch.tensor(x, dtype=torch.float64), w, v), reference.coupling)


@check(points=2)
@forall(given=layers())
def check_coupling(student: Student, reference: ModuleType, given: tuple[Any, ...]) -> None:
    """z and its log-determinant"""
    agree(student.coupling(*given), reference.coupling)
