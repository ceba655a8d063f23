"""Arithmetic in double precision or in many digits, with exact derivatives by dual numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

from mpmath.ctx_mp import MPContext

from grader.derivation._errors import Undefined, Unsupported

Real: TypeAlias = Any
"""A float, an mpf of the arithmetic's own context, or a Dual over them."""

MAX_POWER = 200


class Dual:
    """A number with its derivative along one direction; `tag` tells nested derivatives apart."""

    __slots__ = ("eps", "re", "tag")

    def __init__(self, re: Real, eps: Real, tag: int) -> None:
        self.re, self.eps, self.tag = re, eps, tag

    def _parts(self, other: Real) -> tuple[Real, Real, Real, Real, int]:
        """Both numbers' values and derivatives with respect to the innermost direction of the two."""
        if isinstance(other, Dual):
            if other.tag == self.tag:
                return self.re, self.eps, other.re, other.eps, self.tag
            if other.tag > self.tag:
                return self, 0, other.re, other.eps, other.tag
        return self.re, self.eps, other, 0, self.tag

    def __add__(self, other: Real) -> Dual:
        a, da, b, db, tag = self._parts(other)
        return Dual(a + b, da + db, tag)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.re, -self.eps, self.tag)

    def __sub__(self, other: Real) -> Dual:
        a, da, b, db, tag = self._parts(other)
        return Dual(a - b, da - db, tag)

    def __rsub__(self, other: Real) -> Dual:
        return (-self).__add__(other)

    def __mul__(self, other: Real) -> Dual:
        a, da, b, db, tag = self._parts(other)
        return Dual(a * b, a * db + da * b, tag)

    __rmul__ = __mul__

    def __truediv__(self, other: Real) -> Dual:
        a, da, b, db, tag = self._parts(other)
        return Dual(a / b, (da * b - a * db) / (b * b), tag)

    def __rtruediv__(self, other: Real) -> Dual:
        return Dual(other, 0, self.tag) / self

    def __abs__(self) -> Dual:
        return -self if plain(self) < 0 else self


def plain(x: Real) -> Real:
    """The value without its derivatives."""
    while isinstance(x, Dual):
        x = x.re
    return x


class Arithmetic:
    """Functions of real numbers in double precision (`digits` None) or with that many digits."""

    def __init__(self, digits: int | None = None) -> None:
        self.digits = digits
        self._context = MPContext() if digits is not None else None
        if self._context is not None and digits is not None:
            self._context.dps = digits
        self.pi: Real = self._context.pi + 0 if self._context is not None else math.pi
        self.imaginary: Real = self._context.mpc(0, 1) if self._context is not None else 1j
        self.epsilon: float = 10.0**-digits if digits is not None else 2.0**-52

    def number(self, value: Fraction | int) -> Real:
        """A rational number in this arithmetic."""
        if self._context is None:
            return float(value)
        value = Fraction(value)
        return self._context.mpf(value.numerator) / value.denominator

    def _apply(self, name: str, x: Real) -> Real:
        source = math if self._context is None else self._context
        try:
            result = getattr(source, name)(x)
        except (ValueError, OverflowError, ZeroDivisionError):
            raise Undefined(f"{name} of {float(x):.6g}") from None
        return result

    def _chain(self, name: str, x: Real, slope: Callable[[Real], Real]) -> Real:
        if isinstance(x, Dual):
            return Dual(self._chain(name, x.re, slope), slope(x.re) * x.eps, x.tag)
        return self._apply(name, x)

    def exp(self, x: Real) -> Real:
        """Exponential; Unsupported where it would overflow."""
        if plain(x) > 600:
            raise Unsupported("an exponential too large to compute")
        return self._chain("exp", x, self.exp)

    def log(self, x: Real) -> Real:
        """Natural logarithm. Raises Undefined for x <= 0."""
        if plain(x) <= 0:
            raise Undefined(f"the logarithm of {float(plain(x)):.6g}")
        return self._chain("log", x, lambda t: 1 / t)

    def sqrt(self, x: Real) -> Real:
        """Square root. Raises Undefined for x < 0."""
        if plain(x) < 0:
            raise Undefined(f"the square root of {float(plain(x)):.6g}")
        if plain(x) == 0 and isinstance(x, Dual):
            raise Undefined("the derivative of a square root at 0")
        return self._chain("sqrt", x, lambda t: 1 / (2 * self.sqrt(t)))

    def sin(self, x: Real) -> Real:
        """Sine."""
        return self._chain("sin", x, self.cos)

    def cos(self, x: Real) -> Real:
        """Cosine."""
        return self._chain("cos", x, lambda t: -self.sin(t))

    def tan(self, x: Real) -> Real:
        """Tangent."""
        return self.divide(self.sin(x), self.cos(x))

    def tanh(self, x: Real) -> Real:
        """Hyperbolic tangent."""
        return self._chain("tanh", x, lambda t: 1 - self.tanh(t) * self.tanh(t))

    def sinh(self, x: Real) -> Real:
        """Hyperbolic sine."""
        return (self.exp(x) - self.exp(-x)) / 2

    def cosh(self, x: Real) -> Real:
        """Hyperbolic cosine."""
        return (self.exp(x) + self.exp(-x)) / 2

    def sigmoid(self, x: Real) -> Real:
        """Logistic function."""
        return 1 / (1 + self.exp(-x))

    def divide(self, a: Real, b: Real) -> Real:
        """Quotient. Raises Undefined for a division by zero."""
        if plain(b) == 0:
            raise Undefined("a division by zero")
        return a / b

    def power(self, a: Real, b: Real) -> Real:
        """Power. Raises Undefined for a negative base with a fractional exponent."""
        exponent = plain(b)
        if hasattr(exponent, "imag") and exponent.imag != 0:
            raise Unsupported("a complex exponent")
        if not isinstance(b, Dual) and exponent == round(float(exponent)):
            return self._whole(a, round(float(exponent)))
        base = plain(a)
        if base == 0 and exponent > 0 and not isinstance(a, Dual):
            return self.number(0)
        if base <= 0:
            raise Undefined(f"a power of {float(base):.6g} with a fractional exponent")
        return self.exp(self.log(a) * b)

    def _whole(self, a: Real, n: int) -> Real:
        if abs(n) > MAX_POWER:
            raise Unsupported("a power too large to compute")
        if n < 0:
            return self.divide(self.number(1), self._whole(a, -n))
        result = self.number(1)
        while n:
            if n & 1:
                result = result * a
            a, n = a * a, n >> 1
        return result

    def absolute(self, x: Real) -> Real:
        """Absolute value, of complex numbers too."""
        return abs(x)
