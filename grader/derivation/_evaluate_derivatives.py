"""Gradients, partial derivatives and Jacobians, exact by dual numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.derivation import _evaluate_calls as calls
from grader.derivation._arrays import (
    Value,
    array,
    column,
    inverse,
    is_array,
    multiply,
    squeezed,
)
from grader.derivation._ast import (
    Apply,
    Derivative,
    MatrixOf,
    Node,
    Op,
    Sym,
    walk,
)
from grader.derivation._errors import TypeMismatch, Unsupported
from grader.derivation._evaluate_matrix import folded, within
from grader.derivation._model import Bound, Closure
from grader.derivation._numbers import Dual

if TYPE_CHECKING:
    from grader.derivation._evaluate import Evaluator


MAX_NESTED = 4
"""Derivatives of derivatives of ...: each level multiplies the work."""
MAX_JACOBIAN = 1024
"""Entries of a Jacobian."""


def derivative(e: Evaluator, node: Derivative, bound: Bound) -> Value:
    """Gradient, partial derivative or Jacobian, exact by dual numbers."""
    if node.order > 1:
        inner = Derivative(node.wrt[1:], node.order - 1, node.body, node.nabla) if node.order > 2 else None
        body = inner or Derivative(node.wrt[1:], 1, node.body, node.nabla)
        return derivative(e, Derivative(node.wrt[:1], 1, body, node.nabla), bound)
    parts = [_partials(e, variable, node.body, bound) for variable in node.wrt]
    if len(parts) == 1:
        return parts[0]
    flat = [entry for part in parts for entry in (part.flat if is_array(part) else [part])]
    return column(flat)


def _partials(e: Evaluator, variable: Node, body: Node, bound: Bound) -> Value:
    if isinstance(variable, Apply) and variable.name in e.definitions:
        return _in_defined(e, variable, body, bound)
    if isinstance(variable, Op | Apply):
        return _in_expression(e, variable, body, bound)
    key, value, position = _place(e, variable, bound)
    if position is not None:
        return _along(e, body, bound, lambda tag: _nudged(key, value, position, tag, e))
    if not is_array(value):
        one = e.arithmetic.number(1)
        return _along(e, body, bound, lambda tag: {key: Dual(value, one, tag)})
    rows, columns = value.shape
    places = [(i, j) for i in range(rows) for j in range(columns)]
    parts = [_entrywise(e, body, bound, key, value, at) for at in places]
    if not any(is_array(part) for part in parts):
        return array([parts[i * columns : (i + 1) * columns] for i in range(rows)])
    return _jacobian(parts)


def _entrywise(
    e: Evaluator, body: Node, bound: Bound, key: Any, value: Value, place: tuple[int, int]
) -> Value:
    return _along(e, body, bound, lambda tag: _nudged(key, value, place, tag, e))


def _jacobian(parts: list[Value]) -> Value:
    """Derivatives of the entries (row by row) in each direction, as the columns of a matrix."""
    flat = [list(part.flat) if is_array(part) else [part] for part in parts]
    if len({len(part) for part in flat}) != 1 or len(flat) * len(flat[0]) > MAX_JACOBIAN:
        raise Unsupported("a Jacobian too large to compute")
    return array([[part[k] for part in flat] for k in range(len(flat[0]))])


def _in_defined(e: Evaluator, variable: Apply, body: Node, bound: Bound) -> Value:
    """In a symbol that stacks variables, or that is a function of one: by the chain rule."""
    definition = e.definitions[variable.name].body
    stacked = [n for row in definition.rows for n in row] if isinstance(definition, MatrixOf) else []
    stacked = list(definition.args) if isinstance(definition, Op) and definition.op == "tuple" else stacked
    if stacked and not variable.args:
        parts = [_partials(e, part, body, bound) for part in stacked]
        blocks = [part if is_array(part) and part.shape[0] > 1 else None for part in parts]
        if any(block is None for block in blocks):
            raise Unsupported("such a derivative in a stacked variable")
        return np.hstack(parts)
    return _in_expression(e, variable, body, bound)


def _in_expression(e: Evaluator, variable: Node, body: Node, bound: Bound) -> Value:
    """In an invertible function of one base variable: J_body J_variable^-1, by the chain rule."""
    varied = sorted(_base(e, variable, 0))
    if len(varied) != 1:
        raise Unsupported("a derivative in what is no variable")
    outer, change = (_partials(e, Sym(varied[0]), node, bound) for node in (body, variable))
    return multiply(outer, inverse(change, e.arithmetic))


def _base(e: Evaluator, node: Node, depth: int) -> set[str]:
    """The real variables that an expression depends on and that may be varied: constants of the problem are matrices."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, Sym) and part.name in e.model.values and not part.index:
            spec = e.model.sheet.variables[part.name]
            if (
                spec.sort in ("real", "positive", "vector", "nonzero", "unit", "nonnegative")
                and not spec.fixed
            ):
                found.add(part.name)
        if isinstance(part, Apply) and part.name in e.definitions and depth < 4:
            definition = e.definitions[part.name]
            found |= _base(e, definition.body, depth + 1) - set(definition.params)
    return found


def _place(e: Evaluator, variable: Node, bound: Bound) -> tuple[Any, Value, tuple[int, int] | None]:
    """What is varied: its key, its value, and the entry where only one is meant."""
    if not isinstance(variable, Sym):
        raise Unsupported("a derivative in what is no variable")
    if variable.name in e.model.sheet.spaces:
        if variable.name in e.model.recipe.cells:
            raise Unsupported("a derivative in a variable that ranges over cells")
        index = (
            e.integer(variable.index[0], bound)
            if variable.index and not e.model.sheet.spaces[variable.name].size
            else None
        )
        value = e.model.sample(variable.name, index, bound)
        key: Any = (variable.name, index)
        if variable.index and index is None:
            return key, value, (e.integer(variable.index[0], bound) - 1, 0)
        return key, value, None
    if variable.name not in e.model.values:
        raise Unsupported("a derivative in a defined symbol")
    value = e.model.variable(variable.name, bound)
    if isinstance(value, int):
        raise Unsupported("a derivative in a whole number")
    if not variable.index:
        return variable.name, value, None
    if not is_array(value):
        raise TypeMismatch("an index on a number")
    sizes = value.shape if len(variable.index) == 2 else (max(value.shape),) * len(variable.index)
    at = [within(e.integer(i, bound), n) - 1 for i, n in zip(variable.index, sizes, strict=True)]
    at = folded(e, at, value) if len(at) == 3 else at
    place = (at[0], at[1] if len(at) > 1 else 0)
    if not is_array(value) or not (0 <= place[0] < value.shape[0] and 0 <= place[1] < value.shape[1]):
        raise TypeMismatch("an index that the vector does not have")
    return variable.name, value, place


def _nudged(key: Any, value: Value, place: tuple[int, int], tag: int, e: Evaluator) -> Bound:
    moved = value.copy()
    moved[place] = Dual(moved[place], e.arithmetic.number(1), tag)
    return {key: moved}


def _along(e: Evaluator, body: Node, bound: Bound, move: Callable[[int], Bound]) -> Value:
    if e.nested >= MAX_NESTED:
        raise Unsupported("derivatives nested too deeply")
    e.tag += 1
    tag = e.tag
    moved = move(tag)
    closures = {k: Closure(v.body, {**v.bound, **moved}) for k, v in bound.items() if isinstance(v, Closure)}
    e.nested += 1
    try:
        return calls.derivative_part(squeezed(e.value(body, {**bound, **closures, **moved})), tag)
    finally:
        e.nested -= 1
