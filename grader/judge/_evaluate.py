"""Formulas at a point, to fifty digits; and the numbers in them read exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from mpmath import mpf, nstr
from sympy import Derivative, Expr, Float, Integral, Product, Rational, S, Sum, Symbol, sympify
from sympy.polys.polyerrors import BasePolynomialError

DIGITS = 50
_SIMPLE_DENOMINATOR = 1000
_REAL_TO = mpf(10) ** -30
"""An imaginary part below this, relative to 1 + |real part|, is rounding."""

SYMPY_GIVES_UP = (
    ValueError,
    TypeError,
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    BasePolynomialError,
)
"""What SymPy raises on expressions beyond a method's reach."""

_UNEVALUATED = (Sum, Product, Integral, Derivative)


@dataclass(frozen=True)
class Evaluated:
    """An expression's value at a point."""

    real: mpf | None
    """The value where it is a finite real number."""
    text: str
    """The value as a person reads it; empty where SymPy could not compute it."""

    @property
    def known(self) -> bool:
        """Whether the value could be computed at all."""
        return bool(self.text)


@dataclass(frozen=True)
class Exact:
    """An expression whose decimal numbers are fractions now."""

    expr: Expr
    rounding: float
    """Relative error that its decimals may carry: 0 where all of them are simple fractions."""


def exact(expr: Expr) -> Exact:
    """Read 0.5 as 1/2 and 0.333... as 1/3; any other decimal as its exact binary value, with its rounding."""
    fractions: dict[Float, Rational] = {}
    rounding = 0.0
    for number in expr.atoms(Float):
        if not number.is_finite:
            continue
        value = Fraction(*map(int, Rational(number).as_numer_denom()))
        unit = 2.0 ** -min(number._prec, 53)
        simple = value.limit_denominator(_SIMPLE_DENOMINATOR)
        if abs(simple - value) > 4 * unit * abs(value):
            simple, rounding = value, max(rounding, unit)
        fractions[number] = Rational(simple.numerator, simple.denominator)
    read = expr.xreplace(fractions) if fractions else expr
    return Exact(_done(read), rounding)


def evaluate(expr: Expr, point: Mapping[Symbol, Rational]) -> Evaluated:
    """The value at a point (all free symbols given), to DIGITS digits."""
    try:
        at = _done(expr.xreplace(dict(point)))
        value = at if at.is_Rational else at.evalf(DIGITS)
        if value is S.NaN or value.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity):
            return Evaluated(None, "undefined" if value.has(S.NaN) else "infinite")
        if value.free_symbols or not value.is_number:
            return Evaluated(None, "")
        real, imaginary = value.as_real_imag()
        if not (real.is_Number and imaginary.is_Number):
            return Evaluated(None, "")
        x, y = _mpf(real), _mpf(imaginary)
    except SYMPY_GIVES_UP:
        return Evaluated(None, "")
    if abs(y) > _REAL_TO * (1 + abs(x)):
        return Evaluated(None, f"{nstr(x, 6)} {'-' if y < 0 else '+'} {nstr(abs(y), 6)} i, not a real number")
    return Evaluated(x, str(at) if at.is_Rational and len(str(at)) < 12 else nstr(x, 10))


def _done(expr: Expr) -> Expr:
    if not expr.has(*_UNEVALUATED):
        return expr
    try:
        return sympify(expr.doit())
    except SYMPY_GIVES_UP:
        return expr


def _mpf(number: Expr) -> mpf:
    if number.is_Rational:
        return mpf(int(number.p)) / int(number.q)
    return mpf(number._mpf_)
