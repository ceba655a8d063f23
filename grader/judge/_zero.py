"""Is this expression zero, and which signs can it take? Exact answers by SymPy, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from sympy import (
    Abs,
    Add,
    Basic,
    Expr,
    Heaviside,
    Integer,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    S,
    cancel,
    exp,
    expand,
    expand_log,
    expand_trig,
    factor,
    log,
    logcombine,
    piecewise_fold,
    powsimp,
    sign,
    simplify,
    together,
    trigsimp,
)
from sympy.core.relational import Relational

from grader.judge._evaluate import SYMPY_GIVES_UP

Signs = frozenset[int]

_ANY: Signs = frozenset({-1, 0, 1})
_UNDECIDED_CAP = 6
"""Arguments of undecided sign are proved for both signs; 2**6 branches at most."""
_SLOW_ABOVE = 400
"""Nodes above which the strategies without a bound on their cost are left out."""


def is_zero(expr: Expr) -> bool:
    """Whether SymPy reaches exactly 0; False means not proved, not different."""
    return all(_smooth_is_zero(branch) for branch in _branches(expr))


def is_nonnegative(expr: Expr) -> bool:
    """Whether SymPy proves expr >= 0; False means not proved."""
    return all(-1 not in signs(branch) or _smooth_is_zero(branch) for branch in _branches(expr))


def size(expr: Basic, cap: int) -> int:
    """Number of nodes, counting up to `cap`."""
    return sum(1 for _ in islice(_nodes(expr), cap))


def _nodes(expr: Basic) -> Iterator[Basic]:
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.args)


def signs(expr: Expr) -> Signs:
    """The signs that a real expression can take, as far as SymPy can tell from its symbols' assumptions."""
    found = _stated(expr)
    for form in (_factored, _tidy):
        if len(found) == 1:
            return found
        result = _attempt(form, expr)
        if result is not None:
            found &= _product(result)
    return found


def _stated(expr: Expr) -> Signs:
    if expr.is_zero:
        return frozenset({0})
    if expr.is_extended_real is False:
        return _ANY
    found = set(_ANY)
    if expr.is_nonzero:
        found.discard(0)
    if expr.is_nonnegative:
        found.discard(-1)
    if expr.is_nonpositive:
        found.discard(1)
    return frozenset(found)


def _product(expr: Expr) -> Signs:
    total: Signs = frozenset({1})
    for part in Mul.make_args(expr):
        total = frozenset(a * b for a in total for b in _stated(part))
    return total & _stated(expr)


def _factored(expr: Expr) -> Expr:
    return factor(together(expr))


def _branches(expr: Expr, taken: int = 0) -> Iterator[Expr]:
    """The expression without |.|, min, max, sign and steps: one version per sign of what is undecided."""
    undecided: list[Expr] = []
    resolved = _resolve(expr, undecided)
    if not undecided or taken >= _UNDECIDED_CAP:
        yield resolved
        return
    inner = undecided[0]
    for value in (inner, -inner):
        yield from _branches(resolved.xreplace({Abs(inner): value}), taken + 1)


def _resolve(expr: Basic, undecided: list[Expr]) -> Basic:
    if not expr.args:
        return expr
    args = [_resolve(a, undecided) for a in expr.args]
    node = expr.func(*args) if tuple(args) != expr.args else expr
    if isinstance(node, Max | Min):
        return _fold(node, undecided)
    if isinstance(node, Abs):
        return _absolute(node.args[0], undecided)
    if isinstance(node, sign | Heaviside):
        return _step(node)
    if isinstance(node, Relational):
        return _relation(node)
    return node


def _absolute(inner: Expr, undecided: list[Expr]) -> Expr:
    found = signs(inner)
    if -1 not in found:
        return inner
    if 1 not in found:
        return -inner
    if not inner.is_extended_real:
        return Abs(inner)
    result = Abs(inner)
    undecided.extend(a.args[0] for a in result.atoms(Abs) if a.args[0].is_extended_real)
    return result


def _fold(node: Expr, undecided: list[Expr]) -> Expr:
    plus = S.One if isinstance(node, Max) else S.NegativeOne
    first, *others = sorted(node.args, key=lambda a: a.sort_key())
    for other in others:
        first = expand((first + other + plus * _absolute(first - other, undecided)) / 2)
    return first


def _step(node: Expr) -> Expr:
    found = signs(node.args[0])
    if len(found) != 1:
        return node
    (only,) = found
    return node.func(Integer(only), *node.args[1:])


def _relation(node: Relational) -> Basic:
    if not all(isinstance(a, Expr) for a in node.args):
        return node
    found = signs(node.lhs - node.rhs)
    holds = {"<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {0, 1}, "==": {0}, "!=": {-1, 1}}.get(node.rel_op)
    if holds is None:
        return node
    if found <= holds:
        return S.true
    return node if found & holds else S.false


def _smooth_is_zero(expr: Expr) -> bool:
    if expr.has(Piecewise):
        folded = _attempt(piecewise_fold, expr)
        if not isinstance(folded, Piecewise):
            return folded is not None and _strategies(folded)
        # Where conditions stay undecided the difference must vanish in every branch, whichever holds.
        return folded.args[-1].cond == S.true and all(_strategies(arm.expr) for arm in folded.args)
    return _strategies(expr)


def _strategies(expr: Expr) -> bool:
    forms: list[Callable[[Expr], Expr]] = [
        lambda e: e,
        expand,
        _tidy,
        _over_one,
        _logs,
        _powers,
        _trigonometric,
    ]
    if size(expr, _SLOW_ABOVE) < _SLOW_ABOVE:
        forms += [trigsimp, simplify]
    for form in forms:
        result = _attempt(form, expr)
        if result is not None and (result == 0 or result.is_zero):
            return True
    return False


def _attempt(form: Callable[[Expr], Expr], expr: Expr) -> Expr | None:
    try:
        return form(expr)
    except SYMPY_GIVES_UP:
        return None


def _over_one(expr: Expr) -> Expr:
    return cancel(together(expr))


def _tidy(expr: Expr) -> Expr:
    """Logarithms and roots of factored arguments, taken apart where the signs of the factors allow it."""

    def opened(node: Basic) -> Basic:
        if not node.args:
            return node
        node = node.func(*map(opened, node.args))
        if isinstance(node, log):
            return expand_log(log(_factored(node.args[0])))
        if isinstance(node, Pow) and not node.exp.is_integer and isinstance(node.base, Add):
            return Pow(_factored(node.base), node.exp)
        return node

    return expand(opened(expr))


def _logs(expr: Expr) -> Expr:
    return expand(logcombine(expand_log(expr)))


def _powers(expr: Expr) -> Expr:
    return expand(powsimp(expand(expr, power_exp=True)))


def _trigonometric(expr: Expr) -> Expr:
    return cancel(expand(expand_trig(expr).rewrite(exp)))
