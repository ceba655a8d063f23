"""Extrema: over cells and indices by looking, over an interval or a box by the sign of the derivative."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from grader.derivation._arrays import Value, column, is_array, squeezed
from grader.derivation._ast import Big, Compare, Node, Num, Op, Sym
from grader.derivation._errors import TypeMismatch, Unsupported
from grader.derivation._evaluate_calls import derivative_part
from grader.derivation._model import Bound
from grader.derivation._numbers import Dual, Real, plain

if TYPE_CHECKING:
    from grader.derivation._evaluate import Evaluator

_GRID = 24
_TIE = 1e-9


def extremum(
    e: Evaluator, node: Big, bound: Bound, values_of: Callable[[Evaluator, Big, Bound], list[Bound]]
) -> Value:
    """max, min, argmax or argmin."""
    interval = _interval(e, node, bound)
    if interval is not None:
        return _continuous(e, node, bound, interval)
    found = [(plain(e.number(node.body, inner)), inner) for inner in values_of(e, node, bound)]
    if not found:
        raise Unsupported("an extremum over nothing")
    pick = max if node.kind.endswith("max") else min
    best = pick(value for value, _ in found)
    if not node.kind.startswith("arg"):
        return pick((e.number(node.body, inner) for _, inner in found), key=plain)
    if sum(abs(value - best) < _TIE for value, _ in found) > 1:
        raise Unsupported("an extremum that is reached twice")
    at = next(inner for value, inner in found if value == best)
    places = [
        at[(v.name, None)] if (v.name, None) in at else at[v.name]
        for v in node.variables
        if isinstance(v, Sym)
    ]
    numbers = [e.arithmetic.number(p) for p in places]
    return numbers[0] if len(numbers) == 1 else column(numbers)


def _interval(e: Evaluator, node: Big, bound: Bound) -> list[tuple[Node, Real, Real]] | None:
    """The real variables with their bounds; None for a discrete extremum."""
    if node.low is not None or not node.condition:
        return None
    first = node.condition[0]
    if first.op == "in" and isinstance(first.right, Sym) and first.right.name in e.model.sheet.boxes:
        return _box(e, first.left, first.right.name, bound)
    variable = node.variables[0]
    if not isinstance(variable, Sym) or variable.name in e.model.recipe.cells:
        return None
    spec = e.model.sheet.variables.get(variable.name)
    if spec is None and not all(_bounds(c, variable) or _of_interval(c) for c in node.condition):
        return None
    if _of_interval(first) and isinstance(first.right, Op):
        return [(variable, e.number(first.right.args[0], bound), e.number(first.right.args[1], bound))]
    low = next((c for c in node.condition if _bounds(c, variable) == "low"), None)
    high = next((c for c in node.condition if _bounds(c, variable) == "high"), None)
    if low is None or high is None:
        raise Unsupported("an extremum over an unbounded set")
    ends = [next(s for s in (c.left, c.right) if s != variable) for c in (low, high)]
    return [(variable, e.number(ends[0], bound), e.number(ends[1], bound))]


def _of_interval(c: Compare) -> bool:
    """Whether a condition is membership in an interval."""
    right = c.right
    return (
        c.op == "in" and isinstance(right, Op) and right.op in ("interval", "tuple") and len(right.args) == 2
    )


def _bounds(c: Compare, variable: Node) -> str:
    if c.op in ("<=", "<"):
        return "low" if c.right == variable else "high" if c.left == variable else ""
    if c.op in (">=", ">"):
        return "low" if c.left == variable else "high" if c.right == variable else ""
    return ""


def _box(e: Evaluator, left: Node, name: str, bound: Bound) -> list[tuple[Node, Real, Real]]:
    bounds = e.model.sheet.boxes[name].bounds
    parts = left.args if isinstance(left, Op) and left.op == "tuple" else None
    result = []
    for n, (_low, _high) in enumerate(bounds):
        variable: Node = parts[n] if parts is not None else Op("index", (left, Num(Fraction(n + 1))))
        ends = [e.number(e.definitions[f"box:{name}:{n}:{side}"].body, bound) for side in ("low", "high")]
        result.append((variable, ends[0], ends[1]))
    return result


def _continuous(e: Evaluator, node: Big, bound: Bound, box: list[tuple[Node, Real, Real]]) -> Value:
    """Coordinate by coordinate; one coordinate is exact, several only where the coordinates do not interact."""
    where: list[Real] = [(low + high) / 2 for _, low, high in box]
    free = [n for n, (_, low, high) in enumerate(box) if plain(low) != plain(high)]
    for _ in range(1 if len(free) == 1 else 3):
        for n in free:
            where[n] = _line_search(e, node, bound, box, where, n)
    inner = _placed(e, node, bound, box, where)
    if not node.kind.startswith("arg"):
        return e.number(node.body, inner)
    return where[0] if len(where) == 1 else column(where)


def _placed(
    e: Evaluator, node: Big, bound: Bound, box: list[tuple[Node, Real, Real]], where: list[Real]
) -> Bound:
    local: dict[Any, Value] = dict(bound)
    for (variable, _, _), x in zip(box, where, strict=True):
        if isinstance(variable, Op) and isinstance(variable.args[0], Sym):
            local[variable.args[0].name] = column(where)
        elif isinstance(variable, Sym) and not variable.index:
            local[variable.name] = x
        elif isinstance(variable, Sym):
            old = local.get(variable.name, e.model.values.get(variable.name))
            if old is None or not is_array(old):
                raise TypeMismatch("an index on a number")
            local[variable.name] = old.copy()
            local[variable.name][e.integer(variable.index[0], bound) - 1, 0] = x
        else:
            raise Unsupported("an extremum over what is no variable")
    return local


def _line_search(
    e: Evaluator, node: Big, bound: Bound, box: list[tuple[Node, Real, Real]], where: list[Real], n: int
) -> Real:
    sign = -1 if node.kind.endswith("max") else 1
    _, low, high = box[n]

    def at(x: Real) -> Bound:
        return _placed(e, node, bound, box, [x if k == n else w for k, w in enumerate(where)])

    def slope(x: Real) -> Real:
        e.tag += 1
        tag = e.tag
        value = squeezed(e.value(node.body, at(Dual(x, e.arithmetic.number(1), tag))))
        if is_array(value):
            raise TypeMismatch("an extremum of a vector")
        return plain(derivative_part(value, tag)) * sign

    points = [low + (high - low) * k / _GRID for k in range(_GRID + 1)]
    slopes = [slope(x) for x in points]
    candidates = [low, high]
    for a, b, da, db in zip(points, points[1:], slopes, slopes[1:], strict=False):
        if da < 0 < db:
            candidates.append(_root(e, slope, a, b))
        elif da == 0:
            candidates.append(a)
    return min(candidates, key=lambda x: plain(e.number(node.body, at(x))) * sign)


def _root(e: Evaluator, slope: Callable[[Real], Real], a: Real, b: Real) -> Real:
    """Secant steps kept inside the bracket, then bisection down to the arithmetic's precision."""
    da, db = slope(a), slope(b)
    for _ in range(400):
        if abs(b - a) <= 4 * e.arithmetic.epsilon * (1 + abs(a)):
            break
        x = a - da * (b - a) / (db - da)
        if not a < x < b:
            x = (a + b) / 2
        dx = slope(x)
        if dx == 0:
            return x
        if dx < 0:
            a, da = x, dx
        else:
            b, db = x, dx
        middle = (a + b) / 2
        dm = slope(middle)
        if dm == 0:
            return middle
        if dm < 0:
            a, da = middle, dm
        else:
            b, db = middle, dm
    return (a + b) / 2
