"""Named functions: elementary ones, extrema of numbers, determinants, traces, diagonal and block matrices."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from grader.derivation._arrays import (
    MAX_SIDE,
    Ones,
    Scaled,
    Value,
    array,
    column,
    determinant,
    elementwise,
    identity,
    is_array,
    is_number,
    squeezed,
)
from grader.derivation._ast import Call, Node, Op, Wild
from grader.derivation._errors import TypeMismatch, Unsupported
from grader.derivation._evaluate_matrix import gaussian, within
from grader.derivation._model import FREE_INDEX, Bound
from grader.derivation._numbers import Real, plain

if TYPE_CHECKING:
    from grader.derivation._evaluate import Evaluator

_ELEMENTARY = ("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "sigmoid", "sqrt")
_DIAGONAL = ("diag", "block", "blockdiag")


def _delta(e: Evaluator, letters: Sequence[int]) -> bool:
    """Whether two indices agree; a letter that nothing binds has a range where all the sheet's vectors have one size."""
    i, j = letters
    if i != j and max(letters) >= FREE_INDEX:
        sized = [v for v in e.model.sheet.variables.values() if v.rows and v.sort != "basis"]
        if len({v.rows for v in sized}) != 1 or any(v.dims or v.columns not in ("", v.rows) for v in sized):
            raise Unsupported("Kronecker's delta of letters without a range")
        i, j = (within(letter, e.model.size(sized[0].rows)) for letter in letters)
    return i == j


def call(e: Evaluator, node: Call, bound: Bound) -> Value:
    """A named function."""
    a = e.arithmetic
    if node.name == "pi":
        return a.pi
    if node.name == "imaginary":
        return a.imaginary
    if node.name == "identity":
        return identity(e.integer(node.args[0], bound), a.number(1)) if node.args else Scaled(a.number(1))
    if node.name == "ones":
        if not node.args:
            return Ones(False)
        length = e.integer(node.args[0], bound)
        if not 0 < length <= MAX_SIDE:
            raise Unsupported("a matrix too large to build")
        return column([a.number(1)] * length)
    if node.name == "delta":
        return a.number(int(_delta(e, [e.integer(argument, bound) for argument in node.args])))
    args = [squeezed(e.value(argument, bound)) for argument in _arguments(e, node)]
    if node.name in _ELEMENTARY:
        return _elementary(e, node.name, args[0])
    if node.name in ("max", "min"):
        return _extreme(node.name, args)
    if node.name == "gaussian":
        return gaussian(e, *args)
    return _matrix_call(e, node, args)


def _elementary(e: Evaluator, name: str, x: Value) -> Value:
    f = _root_of_any(e) if name == "sqrt" and e.model.sheet.imaginary else getattr(e.arithmetic, name)
    if is_number(x) and getattr(plain(x), "imag", 0) != 0:
        raise Unsupported(f"{name} of a complex number")
    if is_array(x) and 1 not in x.shape:
        raise Unsupported(f"{name} of a matrix")
    return elementwise(f, x)


def _root_of_any(e: Evaluator) -> Callable[[Real], Real]:
    """The square root where the sheet has an imaginary unit: of a negative number, too."""
    a = e.arithmetic
    return lambda x: a.imaginary * a.sqrt(-x) if plain(x) < 0 else a.sqrt(x)


def _extreme(name: str, args: list[Value]) -> Value:
    flat = [entry for x in args for entry in (x.flat if is_array(x) else [x])]
    if not all(is_number(entry) for entry in flat):
        raise TypeMismatch(f"a {name} of matrices")
    return (max if name == "max" else min)(flat, key=plain)


def _matrix_call(e: Evaluator, node: Call, args: list[Value]) -> Value:
    a, x = e.arithmetic, args[0]
    if node.name == "det":
        return determinant(x, a)
    if node.name in _DIAGONAL:
        return _diagonal(e, args)
    if node.name in ("tr", "Tr", "trace"):
        if is_number(x):
            return x
        if not is_array(x) or x.shape[0] != x.shape[1]:
            raise TypeMismatch("the trace of what is no square matrix")
        return sum((x[i, i] for i in range(1, x.shape[0])), x[0, 0])
    if node.name == "ReLU":
        return elementwise(lambda t: t if plain(t) > 0 else t * 0, x)
    if node.name == "sign":
        return elementwise(lambda t: a.number((plain(t) > 0) - (plain(t) < 0)), x)
    if node.name in ("clip", "clamp") and len(node.args) == 1 and is_array(x) and x.shape == (3, 1):
        value, low, high = x.flat
        return max(min((value, high), key=plain), low, key=plain)
    raise Unsupported(f"the function {node.name}")


def _arguments(e: Evaluator, node: Call) -> Sequence[Node]:
    """The arguments; those of `diag(A, B)` one by one, and `diag(A, ..., A)` with one block for each place of the sheet's tensor."""
    first = node.args[0] if node.args else None
    if node.name not in _DIAGONAL or not isinstance(first, Op) or first.op != "tuple":
        return node.args
    dots = Wild("dots")
    tensor = next((v for v in e.model.sheet.variables.values() if v.dims), None)
    if dots not in first.args or tensor is None or len(set(first.args) - {dots}) != 1:
        return first.args
    block = next(n for n in first.args if n != dots)
    return [block] * math.prod(e.model.size(d) for d in tensor.dims[1:])


def _diagonal(e: Evaluator, args: list[Value]) -> Value:
    """diag of a vector, of numbers, or of blocks; the diagonal of a matrix is not meant in course notation."""
    zero = e.arithmetic.number(0)
    blocks: list[Value] = []
    for x in args:
        if is_array(x) and 1 in x.shape:
            blocks.extend(array([[entry]]) for entry in x.flat)
        elif is_array(x):
            blocks.append(x)
        elif is_number(x):
            blocks.append(array([[x]]))
        else:
            raise Unsupported("a block without a size")
    n = sum(b.shape[0] for b in blocks)
    if n > 24:
        raise Unsupported("a matrix too large to build")
    rows = [[zero] * n for _ in range(n)]
    at = 0
    for block in blocks:
        for i, row in enumerate(block):
            rows[at + i][at : at + len(row)] = list(row)
        at += block.shape[0]
    return array(rows)
