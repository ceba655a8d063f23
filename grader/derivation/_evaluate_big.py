"""Binders: expectations, integrals, sums, extrema, derivatives, divergences."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from grader.derivation._arrays import (
    Value,
    column,
    is_array,
    multiply,
    squeezed,
)
from grader.derivation._ast import (
    Apply,
    Big,
    Call,
    Divergence,
    Expect,
    Integral,
    Law,
    Node,
    Op,
    Range,
    Sym,
)
from grader.derivation._errors import Undefined, Unsupported
from grader.derivation._evaluate_laws import (
    MAX_TERMS,
    Target,
    expectation,
    is_own,
    note_error,
    space_of,
    targets,
    total,
)
from grader.derivation._model import Bound
from grader.derivation._numbers import Dual, Real
from grader.derivation._optimize import extremum

if TYPE_CHECKING:
    from grader.derivation._evaluate import Evaluator

MAX_INTEGRALS = 2
"""Integrals within one another by quadrature; three take more nodes than one side may visit."""
FAR = 12.0
"""Beyond it a density on the line may underflow in double precision."""


def integral(e: Evaluator, node: Integral, bound: Bound) -> Value:
    """An integral over cells, over an interval, or over the line."""
    if len(node.variables) == 1 and _is_letter(e, node.variables[0]):
        return _by_rules(e, node, node.variables[0].name, bound)  # type: ignore[union-attr]
    drawn = targets(e, node.variables, bound)
    spaces = [space for space, _ in drawn]
    if all(space in e.model.recipe.cells for space in spaces):
        if node.low is not None or node.high is not None:
            raise Unsupported("bounds on a variable that ranges over cells")
        return total(
            [multiply(w, squeezed(e.value(node.body, inner))) for w, inner in _cells(e, drawn, bound)]
        )
    if len(drawn) != 1 or e.model.sheet.spaces[spaces[0]].size:
        raise Unsupported("an integral of several dimensions")
    return _by_rules(e, node, drawn[0], bound)


def _is_letter(e: Evaluator, variable: Node) -> bool:
    """Whether an integral runs over a plain number: a variable of the sheet, or a letter that only the integral knows."""
    if not isinstance(variable, Sym) or variable.index or variable.name in e.model.sheet.spaces:
        return False
    return variable.name not in e.model.values or not is_array(e.model.values[variable.name])


def _cells(e: Evaluator, drawn: list[Target], bound: Bound) -> Iterator[tuple[Real, Bound]]:
    ranges = [range(e.model.recipe.cells[space]) for space, _ in drawn]
    total = 1
    for r in ranges:
        total *= len(r)
    if total > MAX_TERMS:
        raise Unsupported("an integral of too many terms")
    for combination in itertools.product(*ranges):
        weight: Real = e.arithmetic.number(1)
        for (space, _), cell in zip(drawn, combination, strict=True):
            weight = weight * e.model.widths[space][cell]
        yield weight, {**bound, **dict(zip(drawn, combination, strict=True))}


def _by_rules(e: Evaluator, node: Integral, target: Target | str, bound: Bound) -> Value:
    if e.integrals >= MAX_INTEGRALS:
        raise Unsupported("integrals nested too deeply")
    infinite = [
        n is None or n == Call("infinity", ()) or n == Op("neg", (Call("infinity", ()),))
        for n in (node.low, node.high)
    ]
    if infinite[0] != infinite[1]:
        raise Unsupported("an integral with one bound at infinity")
    center, half = e.arithmetic.number(0), e.arithmetic.number(1)
    rules = e.model.quadrature.line()
    if not infinite[0] and node.low is not None and node.high is not None:
        low, high = e.number(node.low, bound), e.number(node.high, bound)
        center, half = (low + high) / 2, (high - low) / 2
        rules = e.model.quadrature.interval()
    results = []
    e.integrals += 1
    try:
        for rule in rules:
            terms = [
                multiply(w * half, value)
                for x, w in rule
                for value in _at_node(e, node.body, {**bound, target: center + half * x}, x)
            ]
            results.append(total(terms))
    finally:
        e.integrals -= 1
    note_error(e, *results)
    return results[0]


def _at_node(e: Evaluator, body: Node, bound: Bound, x: Real) -> list[Value]:
    """The integrand at a node of a rule; nothing far out, where a density underflows in double precision.

    Its logarithm is then undefined, though its product with the density vanishes. With many digits nothing is left out.
    """
    far = e.arithmetic.digits is None and abs(x) > FAR
    try:
        value = squeezed(e.value(body, bound))
    except Undefined:
        if far:
            return []
        raise
    return [] if far and not _finite(value) else [value]


def _finite(value: Value) -> bool:
    """Whether a value and all its derivatives are finite."""
    if is_array(value):
        return all(_finite(entry) for entry in value.flat)
    if isinstance(value, Dual):
        return _finite(value.re) and _finite(value.eps)
    return not isinstance(value, float) or math.isfinite(value)


def big(e: Evaluator, node: Big, bound: Bound) -> Value:
    """A sum, a product or an extremum."""
    if node.kind in ("max", "min", "argmax", "argmin"):
        return extremum(e, node, bound, values_of)
    terms = [squeezed(e.value(node.body, inner)) for inner in values_of(e, node, bound)]
    if node.kind == "list":
        if not terms or any(is_array(term) for term in terms):
            raise Unsupported("a list of what are no numbers")
        return column(terms)
    if node.kind == "sum":
        return total(terms) if terms else e.arithmetic.number(0)
    result: Value = e.arithmetic.number(1)
    for term in terms:
        result = multiply(result, term)
    return result


def values_of(e: Evaluator, node: Big, bound: Bound) -> list[Bound]:
    """Everything that the variables of a sum or of a discrete extremum take."""
    found: list[Bound] = [bound]
    for variable in node.variables:
        if not isinstance(variable, Sym) or variable.index:
            raise Unsupported("a sum over what is no index")
        found = [
            {**inner, key: value} for inner in found for key, value in _values(e, node, variable.name, inner)
        ]
        if len(found) > MAX_TERMS:
            raise Unsupported("a sum of too many terms")
    return [inner for inner in found if all(e.holds(c, inner) for c in node.condition if c.op != "in")]


def _values(e: Evaluator, node: Big, name: str, bound: Bound) -> Iterator[tuple[Any, Any]]:
    model = e.model
    if node.low is not None and node.high is not None:
        low, high = e.integer(node.low, bound), e.integer(node.high, bound)
        if high - low > MAX_TERMS:
            raise Unsupported("a sum of too many terms")
        for i in range(low, high + 1):
            yield name, i
        return
    members = next((c.right for c in node.condition if c.op == "in" and isinstance(c.right, Sym)), None)
    if members is not None and isinstance(bound.get(members.name), tuple):
        for i in bound[members.name]:
            yield name, i
        return
    if name in model.recipe.cells:
        if node.kind == "sum":
            raise Unsupported("a sum over a variable that has a density")
        for cell in range(model.recipe.cells[name]):
            yield (name, None), cell
        return
    spec = next(
        (
            v
            for v in model.sheet.variables.values()
            if v.sort == "index" and (v.key == name or name in v.names)
        ),
        None,
    )
    size = model.sheet.variables.get(name.upper())
    if spec is None and size is not None and size.sort == "integer":
        for i in range(1, model.size(size.key) + 1):
            yield name, i
        return
    ranges = {v.rows for v in model.sheet.variables.values() if v.sort == "index"}
    if spec is None and len(ranges) != 1:
        raise Unsupported("a sum whose range is not given")
    for i in range(1, model.size(spec.rows if spec is not None else ranges.pop()) + 1):
        yield name, i


def divergence(e: Evaluator, node: Divergence, bound: Bound) -> Real:
    """Kullback-Leibler divergence of two densities of the same variable."""
    left = node.left
    if not isinstance(left, Apply):
        raise Unsupported("a divergence of what is no density")
    variables = tuple(n for n in left.args if isinstance(n, Sym | Range)) or (Sym(space_of(e, left)),)
    if left.name.removesuffix("#prior") in e.model.sheet.densities:
        over = e.model.sheet.densities[left.name.removesuffix("#prior")].over
        variables = tuple(v for v in variables if isinstance(v, Sym | Range) and v.name == over)
    drawn = targets(e, variables, bound)
    if len(drawn) == 1 and is_own(e, left, drawn[0][0]):
        gap = Op("add", (Call("log", (left,)), Op("neg", (Call("log", (node.right,)),))))
        return expectation(e, Expect((Law(variables, None),), gap), bound)
    if not drawn or any(space not in e.model.recipe.cells for space, _ in drawn):
        raise Unsupported("a divergence over a variable without cells")
    a = e.arithmetic
    terms: list[Value] = []
    for weight, inner in _cells(e, drawn, bound):
        p, q = e.number(node.left, inner), e.number(node.right, inner)
        terms.append(weight * p * (a.log(p) - a.log(q)))
    return total(terms)
