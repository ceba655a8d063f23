"""Vectors and matrices over any numbers: columns, rows, products, determinants, inverses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from grader.derivation._errors import TypeMismatch, Undefined, Unsupported
from grader.derivation._numbers import Arithmetic, Dual, Real, plain

Array: TypeAlias = NDArray[np.object_]
Value: TypeAlias = Any
"""A number, a matrix (two-dimensional object array; a vector is a column), a multiple of the identity, ones, or a wild card."""

MAX_SIDE = 24
"""Largest matrix that is built."""


class Scaled:
    """A multiple of the identity whose size nobody wrote."""

    __slots__ = ("factor",)

    def __init__(self, factor: Real) -> None:
        self.factor = factor


class Ones:
    """The vector of ones whose length nobody wrote."""

    __slots__ = ("row",)

    def __init__(self, row: bool) -> None:
        self.row = row


class Star:
    """Anything of the right type; whatever is computed with it is anything, too."""

    __slots__ = ()

    def _same(self, other: object = None) -> Star:
        return self

    def _times(self, other: Any) -> Any:
        """Nothing times anything is nothing."""
        return other if not isinstance(other, Star | Dual) and other == 0 else self

    __add__ = __radd__ = __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __neg__ = __abs__ = _same
    __mul__ = __rmul__ = _times


def array(rows: Sequence[Sequence[Value]]) -> Array:
    """A matrix of given entries."""
    result = np.empty((len(rows), len(rows[0])), dtype=object)
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            result[i, j] = entry
    return result


def column(entries: Sequence[Value]) -> Array:
    """A column vector."""
    return array([[entry] for entry in entries])


def is_array(x: Value) -> bool:
    """Whether x is a matrix or vector."""
    return isinstance(x, np.ndarray)


def is_number(x: Value) -> bool:
    """Whether x is a number."""
    return not isinstance(x, np.ndarray | Scaled | Ones | Star)


def squeezed(x: Value) -> Value:
    """A 1 by 1 matrix is its entry."""
    return x[0, 0] if isinstance(x, np.ndarray) and x.shape == (1, 1) else x


def elementwise(f: Callable[[Real], Real], x: Value) -> Value:
    """f of a number, or of each entry."""
    if isinstance(x, np.ndarray):
        return array([[f(entry) for entry in row] for row in x])
    if not is_number(x):
        raise Unsupported("a function of a matrix without a size")
    return f(x)


def identity(n: int, one: Real) -> Array:
    """The identity matrix."""
    if n > MAX_SIDE:
        raise Unsupported("a matrix too large to build")
    return array([[one if i == j else one * 0 for j in range(n)] for i in range(n)])


def sized(x: Value, like: Array) -> Value:
    """x with the size that it gets from its neighbour."""
    if isinstance(x, Scaled):
        if like.shape[0] != like.shape[1]:
            raise TypeMismatch("an identity beside a matrix that is not square")
        return identity(like.shape[0], x.factor)
    if isinstance(x, Ones):
        shape = (1, max(like.shape)) if x.row else (max(like.shape), 1)
        return array([[1] * shape[1] for _ in range(shape[0])])
    return x


def add(a: Value, b: Value) -> Value:
    """Sum. Raises TypeMismatch for shapes that differ; a plain 0 is the zero of any shape."""
    if is_number(a) and is_number(b):
        return a + b
    if isinstance(a, Scaled) and isinstance(b, Scaled):
        return Scaled(a.factor + b.factor)
    if is_array(a) and not is_array(b) and not is_number(b):
        b = sized(b, a)
    if is_array(b) and not is_array(a) and not is_number(a):
        a = sized(a, b)
    for x, y in ((a, b), (b, a)):
        if is_number(x) and not isinstance(x, Dual) and x == 0:
            return y
    if not (is_array(a) and is_array(b)):
        raise TypeMismatch("a number added to a vector or matrix")
    if a.shape != b.shape:
        if a.shape == b.shape[::-1] and 1 in a.shape:
            b = b.T
        else:
            raise TypeMismatch(f"a sum of shapes {a.shape} and {b.shape}")
    return a + b


def multiply(a: Value, b: Value) -> Value:
    """Product: of numbers, by a number, or of matrices. Raises TypeMismatch for shapes that do not fit."""
    if is_number(a) and is_number(b):
        return a * b
    if isinstance(a, Scaled) or isinstance(b, Scaled):
        return _by_scaled(a, b) if isinstance(a, Scaled) else _by_scaled(b, a)
    if isinstance(a, Ones) and a.row and is_number(b):
        return b  # a vector of one entry
    if isinstance(a, Ones) and is_array(b):
        a = _ones_before(b) if a.row else a
    if isinstance(b, Ones) and is_array(a):
        b = _ones_before(a.T).T
    if isinstance(a, Ones) or isinstance(b, Ones):
        raise Unsupported("ones without a length")
    if is_number(a):
        return elementwise(lambda entry: a * entry, b)
    if is_number(b):
        return elementwise(lambda entry: entry * b, a)
    if a.shape[1] != b.shape[0]:
        raise TypeMismatch(f"a product of shapes {a.shape} and {b.shape}")
    return squeezed(np.dot(a, b))


def _ones_before(b: Array) -> Array:
    return array([[1] * b.shape[0]])


def _by_scaled(a: Scaled, b: Value) -> Value:
    if isinstance(b, Scaled):
        return Scaled(a.factor * b.factor)
    if is_number(b):
        return Scaled(a.factor * b)
    return b * a.factor


def transpose(x: Value) -> Value:
    """Transpose."""
    if isinstance(x, Ones):
        return Ones(not x.row)
    return x.T if is_array(x) else x


def square(x: Value, what: str) -> Array:
    """x, which has to be a square matrix."""
    if not is_array(x) or x.shape[0] != x.shape[1]:
        raise TypeMismatch(f"the {what} of what is no square matrix")
    return x  # type: ignore[no-any-return]


def determinant(x: Value, arithmetic: Arithmetic) -> Value:
    """Determinant, by elimination."""
    if isinstance(x, Scaled) and plain(x.factor) == 1:
        return arithmetic.number(1)
    if isinstance(x, Scaled):
        raise Unsupported("the determinant of a matrix without a size")
    if is_number(x):
        return x
    a = square(x, "determinant").copy()
    n = a.shape[0]
    result: Real = arithmetic.number(1)
    for k in range(n):
        known = [i for i in range(k, n) if not isinstance(a[i, k], Star)]
        pivot = max(known, key=lambda i: abs(plain(a[i, k])), default=k)
        if len(known) < n - k and (not known or plain(a[pivot, k]) == 0):
            return Star()
        if plain(a[pivot, k]) == 0:
            return arithmetic.number(0) if not any(isinstance(e, Dual) for e in x.flat) else _expansion(x)
        if pivot != k:
            a[[k, pivot]] = a[[pivot, k]]
            result = -result
        result = result * a[k, k]
        for i in range(k + 1, n):
            ratio = a[i, k] / a[k, k]
            a[i, k:] = a[i, k:] - a[k, k:] * ratio
    return result


def _expansion(x: Array) -> Real:
    if x.shape[0] == 1:
        return x[0, 0]
    if x.shape[0] > 5:
        raise Unsupported("the derivative of a singular determinant")
    minors = (np.delete(np.delete(x, 0, 0), j, 1) for j in range(x.shape[0]))
    return sum(((-1) ** j) * x[0, j] * _expansion(minor) for j, minor in enumerate(minors))


def inverse(x: Value, arithmetic: Arithmetic) -> Value:
    """Inverse. Raises Undefined for a singular matrix."""
    if isinstance(x, Scaled):
        return Scaled(arithmetic.divide(arithmetic.number(1), x.factor))
    if is_number(x):
        return arithmetic.divide(arithmetic.number(1), x)
    a = square(x, "inverse").copy()
    n = a.shape[0]
    b = identity(n, arithmetic.number(1))
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(plain(a[i, k])))
        if abs(plain(a[pivot, k])) <= 100 * arithmetic.epsilon:
            raise Undefined("the inverse of a singular matrix")
        a[[k, pivot]], b[[k, pivot]] = a[[pivot, k]], b[[pivot, k]]
        scale = a[k, k]
        a[k], b[k] = a[k] / scale, b[k] / scale
        for i in range(n):
            if i != k:
                ratio = a[i, k]
                a[i], b[i] = a[i] - a[k] * ratio, b[i] - b[k] * ratio
    return b


def plain_text(x: Real) -> str:
    """A number for people: four digits."""
    return f"{float(plain(x)):.4g}"
