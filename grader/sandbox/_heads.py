"""The heads that an expression tree may have, and how many parts each takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MANY: Final = 10_000

CONSTANTS: Final = frozenset(
    {
        "Pi",
        "Exp1",
        "ImaginaryUnit",
        "Infinity",
        "NegativeInfinity",
        "ComplexInfinity",
        "NaN",
        "EulerGamma",
        "Catalan",
        "GoldenRatio",
        "BooleanTrue",
        "BooleanFalse",
    }
)
"""Names of attributes of `sympy.S` (the two truth values: of `sympy.S.true` and `sympy.S.false`)."""

ASSUMPTIONS: Final = (
    "real",
    "positive",
    "negative",
    "nonnegative",
    "nonpositive",
    "nonzero",
    "integer",
    "rational",
    "complex",
    "even",
    "odd",
    "zero",
)

RELATIONS: Final = frozenset(
    {"Equality", "Unequality", "StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan"}
)

GROWING: Final = frozenset(
    [
        "factorial",
        "factorial2",
        "gamma",
        "binomial",
        "harmonic",
        "zeta",
        "polygamma",
        "bernoulli",
        "RisingFactorial",
        "FallingFactorial",
        "beta",
        "loggamma",
        "uppergamma",
        "lowergamma",
        "bell",
        "fibonacci",
        "catalan",
    ]
)
"""Functions that evaluate to huge numbers, or for a long time, at large integers."""

ROUNDING: Final = frozenset({"floor", "ceiling", "frac", "Mod"}) | RELATIONS
"""Functions that evaluate a number to as many digits as it takes."""

_UNARY: Final = [
    "exp",
    "log",
    "sin",
    "cos",
    "tan",
    "cot",
    "sec",
    "csc",
    "asin",
    "acos",
    "atan",
    "acot",
    "asec",
    "acsc",
    "sinh",
    "cosh",
    "tanh",
    "coth",
    "sech",
    "csch",
    "asinh",
    "acosh",
    "atanh",
    "acoth",
    "asech",
    "acsch",
    "sinc",
    "Abs",
    "sign",
    "re",
    "im",
    "conjugate",
    "arg",
    "DiracDelta",
    "gamma",
    "loggamma",
    "digamma",
    "erf",
    "erfc",
    "erfi",
    "erfinv",
    "erfcinv",
    "factorial",
    "factorial2",
    "floor",
    "ceiling",
    "frac",
    "Not",
    "catalan",
    "bell",
    "fibonacci",
    "harmonic",
    "zeta",
    "bernoulli",
]
_BINARY: Final = [
    "Pow",
    "Mod",
    "atan2",
    "binomial",
    "polygamma",
    "beta",
    "KroneckerDelta",
    "RisingFactorial",
    "FallingFactorial",
]

ARITY: Final[Mapping[str, tuple[int, int]]] = {
    **dict.fromkeys(_UNARY, (1, 1)),
    **dict.fromkeys(_BINARY, (2, 2)),
    **dict.fromkeys(RELATIONS, (2, 2)),
    **dict.fromkeys(("Add", "Mul", "Min", "Max", "And", "Or", "Xor"), (0, MANY)),
    "Heaviside": (1, 2),
    "DiracDelta": (1, 2),
    "LambertW": (1, 2),
    "zeta": (1, 2),
    "harmonic": (1, 2),
    "log": (1, 2),
    "uppergamma": (2, 2),
    "lowergamma": (2, 2),
    "ITE": (3, 3),
    "Implies": (2, 2),
    "Piecewise": (1, MANY),
    "ExprCondPair": (2, 2),
    "Tuple": (1, 3),
    "Sum": (2, 10),
    "Product": (2, 10),
    "Integral": (2, 10),
    "Derivative": (2, 10),
}
"""Parts of each head that is not an atom, all of them trees."""
