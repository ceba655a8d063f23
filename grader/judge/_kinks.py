"""Where a formula's pieces meet: the rational points at which |.|, min, max, steps, logarithms or roots change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import combinations, islice, product

from sympy import (
    Abs,
    Basic,
    DiracDelta,
    Expr,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Poly,
    Pow,
    Symbol,
    fraction,
    log,
    sign,
    together,
)
from sympy.core.relational import Relational

from grader.judge._evaluate import SYMPY_GIVES_UP

_ARMS = 24
_PER_SYMBOL = 12


def kinks(exprs: Iterable[Expr]) -> dict[Symbol, tuple[Fraction, ...]]:
    """Rational points per symbol at which a part of these expressions may change its form.

    Only parts that depend on one symbol are looked at; where a kink is missed a proof is missed, no more.
    """
    found: dict[Symbol, set[Fraction]] = {}
    for expr in exprs:
        for node in expr.atoms(Abs, sign, Heaviside, DiracDelta, Max, Min, Relational, log, Pow):
            for turning in _turning(node):
                if len(turning.free_symbols) == 1:
                    (symbol,) = turning.free_symbols
                    found.setdefault(symbol, set()).update(_roots(turning, symbol))
    return {s: tuple(sorted(points, key=lambda p: (abs(p), p))[:_PER_SYMBOL]) for s, points in found.items()}


def _turning(node: Basic) -> Iterator[Expr]:
    """Smooth expressions whose zeros are the node's kinks."""
    if isinstance(node, Max | Min):
        arms = [arm for a in node.args for arm in _arms(a)]
        yield from (a - b for a, b in combinations(arms[:_ARMS], 2))
    elif isinstance(node, Relational):
        if all(isinstance(a, Expr) for a in node.args):
            yield from (a - b for a, b in product(_arms(node.lhs), _arms(node.rhs)))
    elif isinstance(node, Pow):
        if not node.exp.is_integer:
            yield from _arms(node.base)
    else:
        yield from _arms(node.args[0])


def _arms(expr: Basic) -> list[Expr]:
    """The smooth expressions that a formula equals in one place or another."""
    if isinstance(expr, Max | Min):
        return [arm for a in expr.args for arm in _arms(a)][:_ARMS]
    if isinstance(expr, Piecewise):
        return [arm for a in expr.args for arm in _arms(a.expr)][:_ARMS]
    if isinstance(expr, Abs):
        return [s * arm for arm in _arms(expr.args[0]) for s in (1, -1)][:_ARMS]
    if isinstance(expr, Pow) and isinstance(expr.base, Pow) and not expr.exp.is_integer:
        return [expr, *(s * arm for arm in _arms(expr.base.base) for s in (1, -1))][:_ARMS]
    if not expr.args or not expr.has(Abs, Max, Min, Piecewise, Pow):
        return [expr]
    combined = islice(product(*map(_arms, expr.args)), _ARMS)
    return [expr.func(*parts) for parts in combined]


def _roots(expr: Expr, symbol: Symbol) -> set[Fraction]:
    try:
        numerator, denominator = fraction(together(expr))
        roots = [
            r
            for part in (numerator, denominator)
            if part.has(symbol)
            for r in Poly(part, symbol).ground_roots()
        ]
    except SYMPY_GIVES_UP:
        return set()
    return {Fraction(int(r.p), int(r.q)) for r in roots}
