"""Known right and wrong versions of `projection`."""

from __future__ import annotations

from collections import namedtuple
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
import torch

from grader import right, slip


@right("clip of the second entry", of="project")
def by_clip(y: Any, a: Any) -> Any:
    return np.array([a, np.clip(y[1], 0, 1)])


@right("a list of Python numbers", of="project")
def as_list(y: Any, a: Any) -> Any:
    return [float(a), min(max(float(y[1]), 0.0), 1.0)]


@right("a tuple, by if", of="project")
def by_if(y: Any, a: Any) -> Any:
    if y[1] > 1:
        return a, 1
    if y[1] < 0:
        return a, 0
    return a, y[1]


@right("a torch tensor in single precision", of="project")
def as_tensor(y: Any, a: Any) -> Any:
    return torch.stack([torch.tensor(float(a)), torch.tensor(float(y[1])).clamp(0.0, 1.0)])


@right("a torch tensor that requires a gradient", of="project")
def with_gradient(y: Any, a: Any) -> Any:
    leaf = torch.tensor(np.asarray(y), dtype=torch.float64, requires_grad=True)
    return torch.cat([torch.tensor([a], dtype=torch.float64), leaf[1:].clamp(0, 1)])


@right("absolute values instead of min and max", of="project")
def by_absolute_values(y: Any, a: Any) -> Any:
    return np.array([a, (abs(y[1]) - abs(y[1] - 1) + 1) / 2])


@right("the median of 0, y2 and 1", of="project")
def by_median(y: Any, a: Any) -> Any:
    return np.array([a, sorted([0.0, y[1], 1.0])[1]], dtype=np.float32)


@right("a column of shape (2, 1)", of="project")
def as_column(y: Any, a: Any) -> Any:
    return np.array([[a], [min(1, max(0, y[1]))]])


@right("a copy of y, changed", of="project")
def by_copy(y: Any, a: Any) -> Any:
    x = np.array(y, dtype=float)
    x[0] = a
    x[1] = np.maximum(0, np.minimum(1, x[1]))
    return x


@right("exact fractions", of="project")
def as_fractions(y: Any, a: Any) -> Any:
    return [Fraction(float(a)), min(max(Fraction(float(y[1])), Fraction(0)), Fraction(1))]


@right("a named tuple", of="project")
def as_named_tuple(y: Any, a: Any) -> Any:
    point = namedtuple("point", "x1 x2")
    return point(x1=a, x2=np.float64(min(max(y[1], 0.0), 1.0)))


@right("a column Matrix", of="projection_formula")
def formula_matrix(y1: Any, y2: Any, a: Any) -> Any:
    return sympy.Matrix([a, sympy.Max(0, sympy.Min(1, y2))])


@right("a Piecewise", of="projection_formula")
def formula_piecewise(y1: Any, y2: Any, a: Any) -> Any:
    return [a, sympy.Piecewise((0, y2 < 0), (1, y2 > 1), (y2, True))]


@right("absolute values", of="projection_formula")
def formula_absolute(y1: Any, y2: Any, a: Any) -> Any:
    return a, (sympy.Abs(y2) - sympy.Abs(y2 - 1) + 1) / 2


@right("square roots of squares", of="projection_formula")
def formula_roots(y1: Any, y2: Any, a: Any) -> Any:
    return a, sympy.Rational(1, 2) * (1 + sympy.sqrt(y2**2) - sympy.sqrt(y2**2 - 2 * y2 + 1))


@right("Heaviside steps", of="projection_formula")
def formula_steps(y1: Any, y2: Any, a: Any) -> Any:
    inside = sympy.Heaviside(y2) - sympy.Heaviside(y2 - 1)
    return [a, y2 * inside + sympy.Heaviside(y2 - 1)]


@right("symbols of its own with decimals", of="projection_formula")
def formula_decimals(y1: Any, y2: Any, a: Any) -> Any:
    height, place = sympy.Symbol("y2"), sympy.Symbol("a")
    return [place, 0.5 * (height * sympy.sign(height) + 1.0 - (height - 1) * sympy.sign(height - 1))]


@slip("min and max swapped: always 1", of="project")
def min_max_swapped(y: Any, a: Any) -> Any:
    return np.array([a, max(min(y[1], 0.0), 1.0)])


@slip("y1 is kept instead of a", of="project")
def first_kept(y: Any, a: Any) -> Any:
    return np.array([y[0], min(max(y[1], 0.0), 1.0)])


@slip("clips to [a, 1] instead of [0, 1]", of="project")
def clip_from_a(y: Any, a: Any) -> Any:
    return np.array([a, min(max(y[1], a), 1.0)])


@slip("clips to [0, a] instead of [0, 1]", of="project")
def clip_to_a(y: Any, a: Any) -> Any:
    return np.array([a, min(max(y[1], 0.0), a)])


@slip("no clip from below", of="project")
def no_lower_clip(y: Any, a: Any) -> Any:
    return np.array([a, min(y[1], 1.0)])


@slip("no clip from above", of="project")
def no_upper_clip(y: Any, a: Any) -> Any:
    return np.array([a, max(y[1], 0.0)])


@slip("no clip at all", of="project")
def no_clip(y: Any, a: Any) -> Any:
    return np.array([a, y[1]])


@slip("scales the vector towards the origin (radial projection)", of="project")
def radial(y: Any, a: Any) -> Any:
    x = np.array([a, y[1]])
    return x / max(1.0, float(np.linalg.norm(x)))


@slip("absolute value instead of clipping at 0", of="project")
def absolute(y: Any, a: Any) -> Any:
    return np.array([a, min(abs(y[1]), 1.0)])


@slip("clips to [-1, 1]", of="project")
def symmetric_clip(y: Any, a: Any) -> Any:
    return np.array([a, min(max(y[1], -1.0), 1.0)])


@slip("rounds to the nearer end point of C", of="project")
def nearer_end(y: Any, a: Any) -> Any:
    return np.array([a, 1.0 if y[1] > 0.5 else 0.0])


@slip("components swapped", of="project")
def swapped(y: Any, a: Any) -> Any:
    return np.array([min(max(y[1], 0.0), 1.0), a])


@slip("fixes the second component and clips the first", of="project")
def other_component(y: Any, a: Any) -> Any:
    return np.array([min(max(y[0], 0.0), 1.0), a])


@slip("clips y1 instead of y2", of="project")
def wrong_entry(y: Any, a: Any) -> Any:
    return np.array([a, min(max(y[0], 0.0), 1.0)])


@slip("returns the residual y - P", of="project")
def residual(y: Any, a: Any) -> Any:
    return np.array([y[0] - a, y[1] - min(max(y[1], 0.0), 1.0)])


@slip("returns the difference P - y as the point", of="project")
def displacement(y: Any, a: Any) -> Any:
    return np.array([a - y[0], min(max(y[1], 0.0), 1.0) - y[1]])


@slip("returns 0 outside of [0, 1], also above", of="project")
def zero_outside(y: Any, a: Any) -> Any:
    return np.array([a, y[1] if 0 <= y[1] <= 1 else 0.0])


@slip("only right for y2 of magnitude below 100", of="project")
def wraps(y: Any, a: Any) -> Any:
    return np.array([a, min(max(y[1], 0.0), 1.0) if abs(y[1]) < 100 else 0.5])


@slip("min and max swapped: always 1", of="projection_formula")
def formula_swapped(y1: Any, y2: Any, a: Any) -> Any:
    return a, sympy.Max(sympy.Min(y2, 0), 1)


@slip("y1 is kept instead of a", of="projection_formula")
def formula_first_kept(y1: Any, y2: Any, a: Any) -> Any:
    return y1, sympy.Min(sympy.Max(y2, 0), 1)


@slip("clips to [a, 1] instead of [0, 1]", of="projection_formula")
def formula_clip_from_a(y1: Any, y2: Any, a: Any) -> Any:
    return a, sympy.Min(sympy.Max(y2, a), 1)


@slip("no clip from below", of="projection_formula")
def formula_no_lower_clip(y1: Any, y2: Any, a: Any) -> Any:
    return a, sympy.Min(y2, 1)


@slip("no clip from above", of="projection_formula")
def formula_no_upper_clip(y1: Any, y2: Any, a: Any) -> Any:
    return a, sympy.Max(y2, 0)


@slip("no clip at all", of="projection_formula")
def formula_no_clip(y1: Any, y2: Any, a: Any) -> Any:
    return a, y2


@slip("absolute value instead of clipping at 0", of="projection_formula")
def formula_absolute_value(y1: Any, y2: Any, a: Any) -> Any:
    return a, sympy.Min(sympy.Abs(y2), 1)


@slip("a smooth step instead of the clip", of="projection_formula")
def formula_smooth(y1: Any, y2: Any, a: Any) -> Any:
    return a, 1 / (1 + sympy.exp(-y2))


@slip("components swapped", of="projection_formula")
def formula_components(y1: Any, y2: Any, a: Any) -> Any:
    return sympy.Min(sympy.Max(y2, 0), 1), a


@slip("the border cases y2 = 0 and y2 = 1 are left out", of="projection_formula")
def formula_gaps(y1: Any, y2: Any, a: Any) -> Any:
    return a, sympy.Piecewise((0, y2 < 0), (y2, (y2 > 0) & (y2 < 1)), (1, y2 > 1))
