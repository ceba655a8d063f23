"""Tests for the projection onto a segment and for the parts of Glow."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import sympy

import reference.glow
import reference.projection

from ._values import Array, pair, plain, same, same_formula, seeded, untouched

_SHAPES = ((1, 2), (2, 1), (1, 1), (2, 3), (3, 2), (1, 4), (4, 3))


def _points(count: int) -> list[tuple[Array, float]]:
    """Points and places of the segment: most of them small multiples of 1/16, some far away."""
    rng = seeded()
    return [
        (rng.integers(-64, 65, 2) / 16 * (1000.0 if k % 10 == 9 else 1.0), float(rng.integers(-64, 65)) / 16)
        for k in range(count)
    ]


def examples(work: Any) -> None:
    """Three known projections."""
    for y, a in (([0.0, 2.0], 1.0), ([3.0, 0.5], -2.0), ([1.0, -2.0], 0.0)):
        same(work.project(np.array(y), a), reference.projection.project(np.array(y), a))


def closest(work: Any) -> None:
    """The closest point of C."""
    for y, a in _points(60):
        same(work.project(y, a), reference.projection.project(y, a))


def idempotent(work: Any) -> None:
    """Projecting twice is projecting once."""
    for y, a in _points(60):
        once = plain(work.project(y, a), 2)
        same(work.project(once, a), once)


def nonexpansive(work: Any) -> None:
    """Two projections are no further apart than the points."""
    for (y, a), (z, _) in zip(_points(60), reversed(_points(60)), strict=True):
        apart = np.linalg.norm(plain(work.project(y, a), 2) - plain(work.project(z, a), 2))
        assert apart <= np.linalg.norm(y - z) + 1e-5


def formula(work: Any) -> None:
    """The formula, below, in and above the segment."""
    symbols = sympy.symbols("y1 y2 a", real=True)
    found = plain_pair(work.projection_formula(*symbols))
    due = reference.projection.projection_formula(*symbols)
    for heights in ((-3.0, -0.5), (0.0, 0.25, 1.0), (1.5, 4.0)):
        domains = {"y1": (-2.0, 0.5, 3.0), "y2": heights, "a": (-1.5, 0.0, 2.0)}
        for one, other in zip(found, due, strict=True):
            same_formula(one, other, domains)


def plain_pair(value: Any) -> list[Any]:
    """Two formulas, in a list or a matrix."""
    return list(value)


def input_unchanged(work: Any) -> None:
    """The point is left as it was."""
    for y in ([0.5, -1.0], [0.5, 0.25], [2.0, 3.0]):
        untouched(work.project, np.array(y), 2.0)


PROJECTION = (examples, closest, idempotent, nonexpansive, formula, input_unchanged)


def _factors(rng: np.random.Generator, C: int) -> tuple[Array, Array, Array, Array]:
    P = np.eye(C)[rng.permutation(C)]
    L = np.tril(rng.uniform(-1, 1, (C, C)), -1) + np.eye(C)
    U = np.triu(rng.uniform(-1, 1, (C, C)), 1)
    return P, L, U, rng.uniform(0.5, 3, C) * rng.choice([-1.0, 1.0], C)


class _Reads:
    """L, U or s of a coupling: reads every pixel of the first half."""

    def __init__(self, kind: str, weights: Array) -> None:
        self.kind, self.weights = kind, weights

    def __call__(self, first: Any) -> Array:
        """The matrix or vector."""
        C = len(self.weights)
        bounded = np.tanh(np.tensordot(self.weights, np.asarray(first, dtype=np.float64), axes=3))
        if self.kind == "s":
            return np.where(np.arange(C) % 2 == 0, -1.0, 1.0) * (1.25 + 0.75 * bounded[:, 0])
        return np.tril(bounded, -1) + np.eye(C) if self.kind == "L" else np.triu(bounded, 1)


def _coupling(rng: np.random.Generator, C: int, m: int, n: int) -> tuple[Any, ...]:
    reads = [_Reads(kind, rng.uniform(-0.5, 0.5, (C, C, C, m, n))) for kind in "LUs"]
    return (rng.uniform(-2, 2, (2 * C, m, n)), np.eye(C)[rng.permutation(C)], *reads)


def _couplings(count: int) -> list[tuple[Any, ...]]:
    rng = seeded()
    return [_coupling(rng, 1 + k % 3, *_SHAPES[k % len(_SHAPES)]) for k in range(count)]


def _images(count: int) -> list[tuple[Any, ...]]:
    rng = seeded()
    found = []
    for k in range(count):
        C = 1 + k % 4
        found.append((rng.uniform(-2, 2, (C, *_SHAPES[k % len(_SHAPES)])), *_factors(rng, C)))
    return found


def plu_examples(work: Any) -> None:
    """Two and three channels."""
    for C in (2, 3):
        PLUs = _factors(seeded(), C)
        same(work.plu_log_abs_det(*PLUs), reference.glow.plu_log_abs_det(*PLUs))


def plu_log_abs_det(work: Any) -> None:
    """The logarithm is that of the matrix."""
    rng = seeded()
    for k in range(60):
        P, L, U, s = _factors(rng, 1 + k % 4)
        same(work.plu_log_abs_det(P, L, U, s), np.linalg.slogdet(P @ L @ (U + np.diag(s)))[1])


def plu_formula(work: Any) -> None:
    """The formula for one to four channels."""
    for C in (2, 1, 3, 4):
        s = list(sympy.symbols(f"s1:{C + 1}", real=True, nonzero=True))
        due = reference.glow.plu_log_abs_det_formula(s)
        same_formula(work.plu_log_abs_det_formula(s), due, {x.name: (-2.5, -0.5, 0.75, 3.0) for x in s})


def reorder_every_order(work: Any) -> None:
    """All orders of three and of four components."""
    orders = [list(p) for n in (2, 3, 4) for p in permutations(range(n))] + [[4, 2, 0, 5, 1, 3]]
    for order in orders:
        J = np.arange(1.0, 1.0 + len(order) ** 2).reshape(len(order), -1)
        same(work.reorder_jacobian(J, order), J[np.ix_(order, order)])


def conv1x1(work: Any) -> None:
    """Every pixel's channels are multiplied by A."""
    for given in _images(42):
        same(work.conv1x1(*given), reference.glow.conv1x1(*given))


def conv1x1_blocks(work: Any) -> None:
    """The columns of the Jacobian."""
    for C, m, n in ((3, 2, 2), (2, 1, 3)):
        PLUs = _factors(seeded(), C)
        for unit in np.eye(C * m * n).reshape(-1, C, m, n):
            same(work.conv1x1(unit, *PLUs), reference.glow.conv1x1(unit, *PLUs))


def conv1x1_formula(work: Any) -> None:
    """The formula, for numbers and for symbols m and n."""
    m, n = sympy.symbols("m n", integer=True, positive=True)
    for C in (2, 1, 3):
        s = list(sympy.symbols(f"s1:{C + 1}", real=True, nonzero=True))
        domains = {x.name: (-2.5, -0.5, 0.75, 3.0) for x in s} | {"m": (1.0, 2.0, 3.0), "n": (2.0, 4.0)}
        for size in ((2, 3), (m, n)):
            due = reference.glow.conv1x1_log_abs_det_formula(s, *size)
            same_formula(work.conv1x1_log_abs_det_formula(s, *size), due, domains)


def coupling_examples(work: Any) -> None:
    """Two small couplings."""
    for C in (1, 3):
        _same_coupling(work, _coupling(seeded(), C, 1, 2))


def coupling(work: Any) -> None:
    """z keeps the first half and transforms the second."""
    for given in _couplings(30):
        same(pair(work.coupling(*given))[0], reference.glow.coupling(*given)[0])


def coupling_log_det(work: Any) -> None:
    """The log-determinant."""
    for given in _couplings(30):
        same(pair(work.coupling(*given))[1], reference.glow.coupling(*given)[1], rtol=1e-3, atol=1e-3)


def coupling_jacobian(work: Any) -> None:
    """The log-determinant is that of z's own Jacobian."""
    for C, m, n in ((2, 1, 2), (3, 1, 2), (2, 2, 3)):
        x, *others = _coupling(seeded(), C, m, n)
        z, log_det = pair(work.coupling(x, *others))
        units = np.eye(x.size).reshape(-1, *x.shape)
        columns = [
            plain(pair(work.coupling(x + unit, *others))[0], x.size) - plain(z, x.size) for unit in units
        ]
        same(log_det, np.linalg.slogdet(np.stack(columns, axis=1))[1], rtol=1e-3, atol=1e-3)


def _same_coupling(work: Any, given: tuple[Any, ...]) -> None:
    z, log_det = pair(work.coupling(*given))
    due = reference.glow.coupling(*given)
    same(z, due[0])
    same(log_det, due[1], rtol=1e-3, atol=1e-3)


def inputs_unchanged(work: Any) -> None:
    """Arrays are left as they were."""
    for C in (2, 3):
        untouched(work.plu_log_abs_det, *_factors(seeded(), C))
    untouched(work.conv1x1, *_images(2)[1])
    untouched(work.coupling, *_couplings(2)[1])


GLOW = (
    plu_examples,
    plu_log_abs_det,
    plu_formula,
    reorder_every_order,
    conv1x1,
    conv1x1_blocks,
    conv1x1_formula,
    coupling_examples,
    coupling,
    coupling_log_det,
    coupling_jacobian,
    inputs_unchanged,
)
