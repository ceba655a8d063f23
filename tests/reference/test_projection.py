"""The projection's reference against its definition: the closest point, found without it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy

from reference.projection import project, projection_formula

HEIGHTS = [Fraction(k, 8) for k in range(-24, 33)] + [Fraction(10**6), Fraction(-(10**6))]


@pytest.mark.parametrize("y1", [Fraction(-2), Fraction(0), Fraction(7, 2)])
@pytest.mark.parametrize("a", [Fraction(-1), Fraction(0), Fraction(1, 2), Fraction(5)])
def test_no_point_of_a_fine_grid_of_c_is_closer(y1: Fraction, a: Fraction) -> None:
    grid = [Fraction(k, 16) for k in range(17)]
    for y2 in HEIGHTS:
        distances = {x2: (a - y1) ** 2 + (x2 - y2) ** 2 for x2 in grid}
        nearest = min(grid, key=distances.__getitem__)
        assert project(np.array([float(y1), float(y2)]), float(a)).tolist() == [float(a), float(nearest)]


@pytest.mark.parametrize("case", ["below", "at 0", "inside", "at 1", "above"])
def test_the_formula_satisfies_the_variational_inequality(case: str) -> None:
    t, y1, a = sympy.Symbol("t", positive=True), *sympy.symbols("y1 a", real=True)
    y2 = {
        "below": -t,
        "at 0": sympy.S.Zero,
        "inside": t / (1 + t),
        "at 1": sympy.S.One,
        "above": 1 + t,
    }[case]
    p1, p2 = projection_formula(y1, y2, a)
    # SymPy does not see by itself that t / (1 + t) stays below 1.
    p2 = p2.subs(sympy.Min(1, t / (1 + t)), t / (1 + t))
    assert p1 == a
    assert sympy.factor(p2).is_nonnegative
    assert sympy.factor(1 - p2).is_nonnegative
    for end in (0, 1):
        product = (y1 - p1) * (a - p1) + (y2 - p2) * (end - p2)
        assert sympy.factor(sympy.simplify(product)).is_nonpositive


def test_function_and_formula_are_the_same() -> None:
    symbols = sympy.symbols("y1 y2 a", real=True)
    formula = projection_formula(*symbols)
    for y2 in HEIGHTS:
        values = dict(
            zip(symbols, (sympy.Rational(1, 3), sympy.Rational(y2.numerator, y2.denominator), 2), strict=True)
        )
        expected = [float(component.subs(values)) for component in formula]
        assert project(np.array([1 / 3, float(y2)]), 2.0).tolist() == expected


def test_what_the_reference_does_beyond_the_reals() -> None:
    assert project(np.array([0.0, np.inf]), 1.0).tolist() == [1.0, 1.0]
    assert project(np.array([np.nan, -np.inf]), 1.0).tolist() == [1.0, 0.0]
    assert np.isnan(project(np.array([0.0, np.nan]), 1.0)[1])
    assert project(np.array([0.0, -0.0]), 1.0)[1] == 0.0
