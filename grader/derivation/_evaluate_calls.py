"""Applied densities, functions and definitions; named functions such as log and det."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.derivation._arrays import (
    Value,
    array,
    is_array,
    is_number,
    squeezed,
)
from grader.derivation._ast import Apply, Node, Range, Sym, Wild
from grader.derivation._errors import TypeMismatch, Unsupported
from grader.derivation._evaluate_matrix import entry
from grader.derivation._model import Bound, Closure
from grader.derivation._names import Definition
from grader.derivation._numbers import Dual, Real

if TYPE_CHECKING:
    from grader.derivation._evaluate import Evaluator

MAX_DRAWS = 12
"""Draws of one variable."""


def points(e: Evaluator, args: Sequence[Node], bound: Bound, over: str) -> list[tuple[str, Value]]:
    """The cells (or points) that arguments name, each with its space."""
    found: list[tuple[str, Value]] = []
    for node in args:
        if isinstance(node, Wild) and node.kind == "dot":
            found.append((over, e.model.sample(over, None, bound)))
        elif isinstance(node, Range):
            low, high = e.integer(node.first, bound), e.integer(node.last, bound)
            if high - low > MAX_DRAWS:
                raise Unsupported("too many draws")
            found.extend((node.name, e.model.sample(node.name, i, bound)) for i in range(low, high + 1))
        elif isinstance(node, Sym) and node.name in e.model.sheet.spaces:
            found.append((node.name, e.value(node, bound)))
        else:
            raise Unsupported("a density at what is no variable of its space")
    return found


def apply(e: Evaluator, node: Apply, bound: Bound) -> Value:
    """A function, density, prior, definition or parameter at arguments."""
    sheet = e.model.sheet
    if node.name in bound and isinstance(bound[node.name], Closure):
        return _closure(e, node, bound)
    if node.name.endswith("#prior"):
        key = node.name.removesuffix("#prior")
        over = sheet.densities[key].over
        own = points(e, node.args or (Sym(over),), bound, over)
        if node.given or any(space != over for space, _ in own):
            raise Unsupported("a prior at other variables than its own")
        return e.model.prior(key, [cell for _, cell in own], bound)
    if node.name in sheet.densities:
        return _density(e, node, bound)
    if isinstance(e.model.values.get(node.name.removesuffix("^-1")), tuple):
        return _permuted(e, node, bound)
    if node.name in e.definitions:
        return _defined(e, e.definitions[node.name], node, bound)
    if node.name in sheet.functions:
        value = _function(e, node, bound)
        return entry(e, value, node.index, bound) if node.index else value
    raise Unsupported(f"{node.name} has no value here")


def _permuted(e: Evaluator, node: Apply, bound: Bound) -> Real:
    order: tuple[int, ...] = e.model.values[node.name.removesuffix("^-1")]
    at = e.integer(node.args[0], bound) if len(node.args) == 1 else 0
    if not 1 <= at <= len(order):
        raise TypeMismatch("a permutation outside of its domain")
    image = order.index(at) + 1 if node.name.endswith("^-1") else order[at - 1]
    return e.arithmetic.number(image)


def _density(e: Evaluator, node: Apply, bound: Bound) -> Real:
    d = e.model.sheet.densities[node.name]
    if d.equals:
        base = e.model.sheet.densities[d.equals]
        node = Apply(d.equals, node.args or (Sym(base.over),), node.given or (Sym(base.joint),))
        d = base
    before = points(e, node.args or (Sym(d.over),), bound, d.over)
    after = points(e, node.given, bound, d.joint or (d.given[0] if d.given else d.over))
    if d.joint:
        spaces = [space for space, _ in before] + [space for space, _ in after]
        if len(set(spaces)) != len(spaces) or not set(spaces) <= {d.over, d.joint}:
            raise Unsupported("a joint density at other variables than its own")
        if not node.args and not node.given:
            raise Unsupported("a joint density without its arguments")
        return e.model.joint(d, dict(before), dict(after), bound)
    if any(space != d.over for space, _ in before) or any(space not in d.given for space, _ in after):
        raise Unsupported("a density at other variables than its own")
    known = dict(after)
    given = [known[g] if g in known else e.model.sample(g, None, bound) for g in d.given]
    return e.model.density(d.key, [cell for _, cell in before], given, bound)


def _closure(e: Evaluator, node: Apply, bound: Bound) -> Value:
    """A passed function at one variable: its own variable takes that place."""
    closure: Closure = bound[node.name]
    args = [n for n in node.args if isinstance(n, Sym | Range)]
    if len(args) != 1 or len(node.args) != 1:
        if not node.args:
            return e.value(closure.body, {**closure.bound, **_samples(bound)})
        raise Unsupported("a passed density at several variables")
    result: Value = e.arithmetic.number(1)
    for space, cell in points(e, node.args, bound, ""):
        result = result * e.value(closure.body, {**closure.bound, **_samples(bound), (space, None): cell})
    return result


def _samples(bound: Bound) -> Bound:
    return {key: value for key, value in bound.items() if isinstance(key, tuple)}


def _defined(e: Evaluator, definition: Definition, node: Apply, bound: Bound) -> Value:
    if node.primes:
        return _prime(e, definition, node, bound)
    local = dict(bound)
    for name, index in zip(definition.index, node.index, strict=False):
        local[name] = e.integer(index, bound)
    if len(node.index) > len(definition.index):
        return entry(
            e, _defined(e, definition, Apply(node.name, node.args, node.given), bound), node.index, bound
        )
    args = list(node.args)
    if args and len(args) != len(definition.params):
        args = [*node.args, *node.given][: len(definition.params)]
    for name, argument in zip(definition.params, args, strict=False):
        if name in definition.functional:
            local[name] = Closure(argument, bound)
        elif isinstance(argument, Wild | Range):
            continue
        elif name in e.model.sheet.spaces:
            local[name, None] = e.value(argument, bound)
        else:
            local[name] = e.value(argument, bound)
    return squeezed(e.value(definition.body, local))


def _prime(e: Evaluator, definition: Definition, node: Apply, bound: Bound) -> Value:
    """Derivative of a definition of one variable, at a point."""
    if node.primes > 2 or len(definition.params) != 1:
        raise Unsupported("such a derivative")
    inner = Apply(node.name, node.args, node.given, node.primes - 1, node.index)
    name = definition.params[0]
    key = (name, None) if name in e.model.sheet.spaces else name
    at = e.value(node.args[0], bound) if node.args else e.value(Sym(name), bound)
    e.tag += 1
    tag = e.tag
    moved = Dual(at, e.arithmetic.number(1), tag)
    result = e.value(Apply(inner.name, (Sym(name),), (), inner.primes, inner.index), {**bound, key: moved})
    return derivative_part(result, tag)


def derivative_part(value: Value, tag: int) -> Value:
    """The derivative along one direction of what was computed with it."""
    if is_array(value):
        return array([[derivative_part(entry, tag) for entry in row] for row in value])
    if isinstance(value, Dual):
        if value.tag == tag:
            return value.eps
        return Dual(derivative_part(value.re, tag), derivative_part(value.eps, tag), value.tag)
    if not is_number(value):
        raise Unsupported("the derivative of a matrix without a size")
    return value * 0


def _function(e: Evaluator, node: Apply, bound: Bound) -> Value:
    f = e.model.sheet.functions[node.name]
    nodes = node.args or tuple(Sym(name) for name in f.of)
    nodes = nodes + node.given
    args = [squeezed(e.value(argument, bound)) for argument in nodes]
    if node.primes:
        if len(args) != 1 or node.primes > 2:
            raise Unsupported("such a derivative")
        return _slope(e, node.name, args[0], node.primes)
    return e.model.function(node.name, args)


def _slope(e: Evaluator, name: str, at: Real, order: int) -> Value:
    e.tag += 1
    tag = e.tag
    moved = Dual(at, e.arithmetic.number(1), tag)
    value = e.model.function(name, [moved]) if order == 1 else _slope(e, name, moved, order - 1)
    return derivative_part(value, tag)
