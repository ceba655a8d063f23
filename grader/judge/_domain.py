"""Where symbols live: intervals of the reals or the integers, split into pieces on which signs are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from random import Random

from sympy import Dummy, Expr, Rational, Symbol

Number = int | Fraction

_SIMPLE: tuple[Fraction, ...] = (
    *(
        Fraction(n, d)
        for n, d in ((0, 1), (1, 1), (-1, 1), (2, 1), (-2, 1), (1, 2), (-1, 2), (3, 1), (-3, 1))
    ),
    *(s * Fraction(n, d) for n, d in ((3, 2), (1, 3), (5, 1), (7, 4), (10, 1), (1, 10)) for s in (1, -1)),
    *(s * Fraction(n, d) for n, d in ((13, 3), (100, 1), (1, 1000)) for s in (1, -1)),
)
"""What a person finds simple, simplest first; both signs, near zero and large."""
_NEARBY = (Fraction(1, 7), Fraction(1, 1000))
_ENUMERATED = 12
"""An integer range of at most this many members is proved member by member."""


@dataclass(frozen=True)
class Domain:
    """The values that a symbol may take: an interval of reals or of integers; None is an infinite end."""

    low: Number | None = None
    high: Number | None = None
    low_open: bool = False
    high_open: bool = False
    integer: bool = False
    nonzero: bool = False

    @classmethod
    def of(cls, symbol: Symbol) -> Domain:
        """The domain that a symbol's own assumptions state; all reals where they state nothing."""
        integer, nonzero = bool(symbol.is_integer), bool(symbol.is_nonzero)
        if symbol.is_nonnegative:
            return cls(low=0, low_open=nonzero, integer=integer)
        if symbol.is_nonpositive:
            return cls(high=0, high_open=nonzero, integer=integer)
        return cls(integer=integer, nonzero=nonzero)

    def __contains__(self, value: Number) -> bool:
        if self.integer and Fraction(value).denominator != 1:
            return False
        if self.nonzero and value == 0:
            return False
        above = self.low is None or (value > self.low if self.low_open else value >= self.low)
        below = self.high is None or (value < self.high if self.high_open else value <= self.high)
        return above and below

    def described(self, names: Sequence[str]) -> str:
        """These symbols with their values, as text: `real y1, y2`, `positive integers m, n`, `real 0 <= r`."""
        listed = ", ".join(names)
        kind = ("integer" + "s" * (len(names) > 1)) if self.integer else "real"
        if self.low is None and self.high is None:
            return f"{'nonzero ' * self.nonzero}{kind} {listed}"
        if self.high is None and (
            (self.low == 0 and (self.low_open or self.nonzero)) or (self.low == 1 and self.integer)
        ):
            return f"positive {kind} {listed}"
        left = "" if self.low is None else f"{self.low} {'<' if self.low_open else '<='} "
        right = "" if self.high is None else f" {'<' if self.high_open else '<='} {self.high}"
        return f"{kind} {left}{listed}{right}"

    def simple_values(self, kinks: Iterable[Fraction] = ()) -> tuple[Fraction, ...]:
        """Members worth trying, simplest first: small numbers, the ends, the kinks and points close to either."""
        ends = [Fraction(e) for e in (self.low, self.high) if e is not None]
        marks = [*ends, *kinks]
        near = self.around(marks)
        inside: list[Fraction] = []
        if self.low is not None and self.high is not None:
            width = Fraction(self.high) - Fraction(self.low)
            inside = [self.low + width * Fraction(k, 8) for k in (4, 2, 6, 1, 7, 3, 5)]
        steps = [m + s * k for k in (1, 2, 5) for m in marks for s in (1, -1)]
        every = dict.fromkeys([*_SIMPLE[:7], *marks, *steps, *inside, *_SIMPLE[7:], *near])
        return tuple(v for v in every if v in self)

    def around(self, kinks: Iterable[Fraction]) -> tuple[Fraction, ...]:
        """Members at the kinks, close to them on both sides, and halfway between neighbours."""
        marks = sorted({Fraction(k) for k in kinks})
        middles = [(low + high) / 2 for low, high in pairwise(marks)]
        near = [m + s * d for d in _NEARBY for m in marks for s in (1, -1)]
        return tuple(v for v in dict.fromkeys([*marks, *middles, *near]) if v in self)

    def random_value(self, random: Random) -> Fraction:
        """A member drawn from a stretch of length 16 at a finite end, around 0 where there is none."""
        low = self.low if self.low is not None else (-8 if self.high is None else self.high - 16)
        high = self.high if self.high is not None else low + 16
        while True:
            part = Fraction(random.randint(0, 4096), 4096)
            value = low + (high - low) * part
            value = Fraction(round(value)) if self.integer else value
            if value in self:
                return value


@dataclass(frozen=True)
class Case:
    """A part of the domain that a proof treats by itself, such as `y2 < 0`."""

    title: str
    domain: Mapping[Symbol, Domain] = field(default_factory=dict)
    """The symbols that are confined further; the others keep their domain."""


def pieces(domain: Domain, kinks: Iterable[Fraction]) -> tuple[Expr, ...]:
    """The domain as values of expressions in one fresh symbol each, whose assumptions SymPy can use.

    Between two neighbouring kinks or ends the expression runs through an open interval; kinks and closed
    ends are pieces of their own. Together they cover the domain exactly.
    """
    if domain.integer:
        return _integer_pieces(domain)
    ends = {Fraction(e) for e in (domain.low, domain.high) if e is not None}
    inner = {Fraction(k) for k in ([0] if domain.nonzero else []) + list(kinks) if _between_ends(k, domain)}
    cuts = sorted(ends | inner)
    edges = [*([None] if domain.low is None else []), *cuts, *([None] if domain.high is None else [])]
    stretches = [_stretch(low, high) for low, high in pairwise(edges)]
    return (*(_rational(c) for c in cuts if c in domain), *stretches)


def _between_ends(value: Number, domain: Domain) -> bool:
    return (domain.low is None or value > domain.low) and (domain.high is None or value < domain.high)


def _rational(value: Number) -> Expr:
    return Rational(Fraction(value).numerator, Fraction(value).denominator)


def _stretch(low: Number | None, high: Number | None) -> Expr:
    if low is None and high is None:
        return Dummy("t", real=True)
    t = Dummy("t", positive=True)
    if high is None:
        return _rational(low or 0) + t
    if low is None:
        return _rational(high) - t
    return _rational(low) + _rational(Fraction(high) - Fraction(low)) * t / (1 + t)


def _integer_pieces(domain: Domain) -> tuple[Expr, ...]:
    if domain.low is not None and domain.high is not None and domain.high - domain.low < _ENUMERATED:
        return tuple(_rational(k) for k in range(int(domain.low), int(domain.high) + 1) if k in domain)
    if domain.low is not None:
        first = int(domain.low) + (domain.low_open or (domain.nonzero and domain.low == 0))
        k = Dummy("k", integer=True, positive=True)
        return (_rational(first - 1) + k,)
    if domain.nonzero:
        k = Dummy("k", integer=True, positive=True)
        return (k, -k)
    return (Dummy("k", integer=True),)
