"""Entries, blocks and operations of vectors and matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.derivation._arrays import (
    MAX_SIDE,
    Scaled,
    Star,
    Value,
    add,
    array,
    column,
    determinant,
    elementwise,
    identity,
    inverse,
    is_array,
    is_number,
    multiply,
    sized,
    square,
    squeezed,
    transpose,
)
from grader.derivation._ast import (
    MatrixOf,
    Node,
    Sym,
)
from grader.derivation._errors import TypeMismatch, Unsupported
from grader.derivation._model import FREE_INDEX, Basis, Bound
from grader.derivation._numbers import plain

if TYPE_CHECKING:
    from grader.derivation._evaluate import Evaluator


CLOSE = 1e-9
"""Rounding that a condition between vectors may show."""


def basis(e: Evaluator, basis: Basis, node: Sym, bound: Bound) -> Value:
    at = e.integer(node.index[0], bound) if len(node.index) == 1 else 0
    if not 1 <= at <= basis.size:
        raise TypeMismatch("a basis vector that there is not")
    return column([e.arithmetic.number(int(i + 1 == at)) for i in range(basis.size)])


def element(e: Evaluator, node: Sym, bound: Bound) -> Value:
    members = bound.get(node.name)
    at = e.integer(node.index[0], bound)
    if not isinstance(members, tuple) or not 1 <= at <= len(members):
        raise Unsupported("an element of a set that was not drawn")
    return members[at - 1]


def entry(e: Evaluator, value: Value, index: tuple[Node, ...], bound: Bound) -> Value:
    """An entry of a vector or matrix, counted from 1."""
    if isinstance(value, Scaled) and len(index) == 2:
        same = e.integer(index[0], bound) == e.integer(index[1], bound)
        return value.factor if same else e.arithmetic.number(0)
    if not is_array(value):
        raise TypeMismatch("an index on a number")
    at = [within(e.integer(i, bound), n) - 1 for i, n in zip(index, _sizes(value, len(index)), strict=True)]
    if len(at) == 1:
        flat = list(value.flat)
        if 1 not in value.shape or not 0 <= at[0] < len(flat):
            raise TypeMismatch("an index that the vector does not have")
        return flat[at[0]]
    if len(at) == 3:
        at = folded(e, at, value)
    if len(at) != 2 or not all(0 <= i < n for i, n in zip(at, value.shape, strict=True)):
        raise TypeMismatch("an index that the matrix does not have")
    return value[at[0], at[1]]


def within(i: int, size: int) -> int:
    """An index letter that nothing binds stands for any index there is."""
    return i if i < FREE_INDEX or size == 0 else i % size + 1


def _sizes(value: Value, count: int) -> tuple[int, ...]:
    if count == 1:
        return (max(value.shape),)
    return value.shape if count == 2 else (0,) * count


def folded(e: Evaluator, at: list[int], value: Value) -> list[int]:
    """Three indices of a tensor as row and column of the matrix that stores it."""
    for variable in e.model.sheet.variables.values():
        if variable.dims:
            sizes = [e.model.size(d) for d in variable.dims]
            if value.shape == (sizes[0], sizes[1] * sizes[2]) and all(
                0 <= i < n for i, n in zip(at, sizes, strict=True)
            ):
                return [at[0], at[1] * sizes[2] + at[2]]
    raise TypeMismatch("an index that the tensor does not have")


def bars(e: Evaluator, op: str, x: Value) -> Value:
    """Absolute value of a number, norm (or entries' absolute values) of a vector, determinant of a matrix."""
    a = e.arithmetic
    if is_number(x):
        return a.absolute(x)
    if is_array(x) and 1 in x.shape:
        if op == "entrywise":
            return elementwise(a.absolute, x)
        return e.other("norm", [x])
    if op == "entrywise":
        raise TypeMismatch("bars around a matrix that mean no determinant")
    value = determinant(x, a)
    return value if op == "det" else a.absolute(value)


def entrywise(e: Evaluator, a: Value, b: Value) -> Value:
    if not (is_array(a) and is_array(b)):
        return multiply(a, b)
    if a.shape != b.shape:
        raise TypeMismatch(f"an entrywise product of shapes {a.shape} and {b.shape}")
    return a * b


def kronecker(a: Value, b: Value) -> Value:
    """Kronecker product of two matrices."""
    if not (is_array(a) and is_array(b)):
        raise Unsupported("a Kronecker product of what has no size")
    if max(x * y for x, y in zip(a.shape, b.shape, strict=True)) > MAX_SIDE:
        raise Unsupported("a matrix too large to build")
    return np.kron(a, b)


def quotient(e: Evaluator, above: Value, below: Value) -> Value:
    if is_array(below):
        if not is_array(above) or above.shape != below.shape or 1 not in below.shape:
            raise TypeMismatch("a division by a vector or matrix")
        return array(
            [
                [e.arithmetic.divide(x, y) for x, y in zip(r, s, strict=True)]
                for r, s in zip(above, below, strict=True)
            ]
        )
    if not is_number(below):
        raise TypeMismatch("a division by a matrix")
    return multiply(above, e.arithmetic.divide(e.arithmetic.number(1), below))


def power(e: Evaluator, base: Value, exponent: Value) -> Value:
    if not is_number(exponent):
        raise TypeMismatch("a vector or matrix as an exponent")
    if is_number(base):
        whole = plain(exponent) == int(plain(exponent))
        if e.model.sheet.imaginary and not whole and getattr(plain(base), "real", 1) <= 0:
            raise Unsupported("a root of a negative number")
        return e.arithmetic.power(base, exponent)
    if is_array(base) and 1 in base.shape:
        return elementwise(lambda entry: e.arithmetic.power(entry, exponent), base)
    power = int(plain(exponent)) if plain(exponent) == int(plain(exponent)) else None
    if power is None or abs(power) > 8:
        raise Unsupported("such a power of a matrix")
    if power < 0:
        base, power = inverse(base, e.arithmetic), -power
    result: Value = Scaled(e.arithmetic.number(1))
    for _ in range(power):
        result = multiply(result, base if isinstance(base, Scaled) else square(base, "power"))
    return result


def gaussian(e: Evaluator, point: Value, mean: Value, covariance: Value) -> Value:
    """The density of a normal law: of a number with its variance, or of a vector with its covariance matrix."""
    a = e.arithmetic
    away = squeezed(add(point, multiply(a.number(-1), mean)))
    if is_number(away):
        spread = covariance.factor if isinstance(covariance, Scaled) else squeezed(covariance)
        if not is_number(spread):
            raise TypeMismatch("a number with a covariance matrix")
        return a.divide(a.exp(a.divide(-away * away, 2 * spread)), a.sqrt(2 * a.pi * spread))
    if not is_array(away) or away.shape[1] != 1:
        raise TypeMismatch("a normal density at what is no point")
    size = away.shape[0]
    full = sized(covariance, identity(size, a.number(1))) if isinstance(covariance, Scaled) else covariance
    if not is_array(full) or full.shape != (size, size):
        raise TypeMismatch("a covariance of another size")
    form = squeezed(multiply(transpose(away), multiply(inverse(full, a), away)))
    volume = multiply(a.power(2 * a.pi, a.number(size)), determinant(full, a))
    return a.divide(a.exp(a.divide(-form, a.number(2))), a.sqrt(volume))


def agree(x: Value, y: Value) -> bool:
    """Whether two numbers are the same, or two matrices up to rounding."""
    if is_number(x) and is_number(y):
        return bool(plain(x) == plain(y))
    if not (is_array(x) and is_array(y)) or x.shape != y.shape:
        raise TypeMismatch("a condition between different types")
    pairs = [(plain(p), plain(q)) for p, q in zip(x.flat, y.flat, strict=True)]
    return all(abs(p - q) <= CLOSE * (1 + abs(p)) for p, q in pairs)


def matrix(e: Evaluator, node: MatrixOf, bound: Bound) -> Value:
    entries = [[squeezed(e.value(entry, bound)) for entry in row] for row in node.rows]
    if not any(is_array(x) or isinstance(x, Scaled) for row in entries for x in row):
        return array(entries)
    heights = [max((x.shape[0] for x in row if is_array(x)), default=0) for row in entries]
    widths = [
        max((row[j].shape[1] for row in entries if is_array(row[j])), default=0)
        for j in range(len(entries[0]))
    ]
    for i, row in enumerate(entries):
        for j, x in enumerate(row):
            if isinstance(x, Scaled):
                heights[i] = heights[i] or widths[j]
                widths[j] = widths[j] or heights[i]
    usual = max([*heights, *widths], default=1) or 1
    loose = [any(isinstance(x, Scaled) for x in row) for row in entries]
    heights = [h or (usual if loose[i] else 1) for i, h in enumerate(heights)]
    widths = [
        w or (usual if any(isinstance(row[j], Scaled) for row in entries) else 1)
        for j, w in enumerate(widths)
    ]
    if sum(heights) > MAX_SIDE or sum(widths) > MAX_SIDE:
        raise Unsupported("a matrix too large to build")
    rows = []
    for i, row in enumerate(entries):
        blocks = [_block(e, x, heights[i], widths[j]) for j, x in enumerate(row)]
        rows.extend([[entry for block in blocks for entry in block[k]] for k in range(heights[i])])
    return array(rows)


def _block(e: Evaluator, x: Value, height: int, width: int) -> list[list[Value]]:
    zero = e.arithmetic.number(0)
    if is_array(x):
        if x.shape != (height, width):
            raise TypeMismatch("blocks that do not fit together")
        return [list(row) for row in x]
    if isinstance(x, Scaled):
        return [[x.factor if i == j else zero for j in range(width)] for i in range(height)]
    if not isinstance(x, Star) and (plain(x) != 0 and (height, width) != (1, 1)):
        raise TypeMismatch("a number as a block")
    return [[x] * width for _ in range(height)]
