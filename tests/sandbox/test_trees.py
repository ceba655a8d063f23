"""SymPy expressions as data: they come back equal, and nothing else comes back."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from grader.sandbox import TreeError, build, check_tree, free_names, to_tree

X, Y = sp.symbols("x y", real=True)
S = sp.Symbol("s", positive=True)
N = sp.Symbol("n", integer=True, nonnegative=True)
F = sp.Function("f")
KNOWN = {"x": X, "y": Y, "s": S, "n": N}

EXPRESSIONS: list[Any] = [
    sp.Integer(0),
    sp.Rational(-22, 7),
    sp.Float("1.25"),
    sp.Float("0.1", 40),
    sp.Integer(10) ** 500,
    sp.pi * sp.E + sp.I - sp.EulerGamma,
    sp.oo,
    -sp.oo,
    sp.zoo,
    sp.nan,
    X + 2 * Y - X * Y / 3,
    sp.sqrt(X**2 + 1),
    X ** sp.Rational(1, 3),
    sp.exp(-(X**2) / 2) / sp.sqrt(2 * sp.pi),
    sp.log(S) + sp.log(S, 2),
    sp.sin(X) * sp.cos(Y) + sp.tanh(X) + sp.atan2(X, Y),
    sp.Abs(X) + sp.sign(X) + sp.Min(X, Y, 1) + sp.Max(X, 0),
    sp.Piecewise((0, X < 0), (X, X <= 1), (1, True)),
    sp.Piecewise((X, sp.And(X > 0, sp.Ne(Y, 0))), (Y, sp.Or(X < -1, sp.Not(sp.Eq(Y, 3)))), (0, True)),
    sp.Heaviside(X),
    sp.Sum(X**N / sp.factorial(N), (N, 0, sp.oo)),
    sp.Product(1 + X / N, (N, 1, 5)),
    sp.Integral(sp.exp(-X * Y), (X, 0, sp.oo)),
    sp.Derivative(F(X), (X, 2)),
    F(X, 2) + sp.Function("g")(S),
    sp.gamma(S) + sp.erf(X) + sp.floor(X) + sp.ceiling(Y) + sp.Mod(N, 3),
    sp.re(F(X)) + sp.im(F(X)) + sp.conjugate(F(X)),
    sp.KroneckerDelta(N, 2),
    sp.Eq(X, Y),
    sp.binomial(N, 2) + sp.factorial(N),
]


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_an_expression_comes_back_equal(expr: Any) -> None:
    assert build(to_tree(expr), KNOWN) == expr


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_assumptions_travel_towards_the_worker(expr: Any) -> None:
    assert build(to_tree(expr), assumptions=True) == expr


def test_names_are_matched_to_the_graders_symbols_whatever_was_assumed() -> None:
    theirs = sp.Symbol("x", positive=True) ** 2 + sp.Symbol("z", integer=True)
    rebuilt = build(to_tree(theirs), {"x": X})
    assert rebuilt == X**2 + sp.Symbol("z")
    assert free_names(to_tree(theirs)) == {"x", "z"}


def test_dummies_of_one_name_stay_apart() -> None:
    a, b = sp.Dummy("t"), sp.Dummy("t")
    assert len(build(to_tree(a - b), {}).free_symbols) == 2


NOT_TREES: list[Any] = [
    None,
    5,
    "x",
    (),
    ("Integer",),
    ("Integer", True),
    ("Integer", 1.5),
    ("Integer", 1 << 20_000),
    ("Rational", 1, 0),
    ("Rational", 1, -2),
    ("Float", 0, 1, 10**9, 53),
    ("Float", 0, 1, 1, 10**9),
    ("Float", 2, 1, 1, 53),
    ("Symbol",),
    ("Symbol", ""),
    ("Symbol", "x" * 101),
    ("Symbol", "x", "commutative"),
    ("Symbol", 5),
    ("Pi", 1),
    ("sympify", ("Symbol", "x")),
    ("__import__", ("Symbol", "os")),
    ("Lambda", ("Symbol", "x"), ("Symbol", "x")),
    ("sin",),
    ("sin", ("Integer", 1), ("Integer", 2)),
    ("sin", 1),
    ("Add", ["Integer", 1]),
    ("Function",),
    ("Function", 5),
    ("Add", *[("Integer", 1)] * 30_000),
]


@pytest.mark.parametrize("tree", NOT_TREES)
def test_what_is_no_tree_is_refused(tree: Any) -> None:
    with pytest.raises(TreeError):
        check_tree(tree)
    with pytest.raises(TreeError):
        build(tree)


def test_a_deep_tree_is_refused() -> None:
    tree: Any = ("Symbol", "x")
    for _ in range(100_000):
        tree = ("sin", tree)
    with pytest.raises(TreeError):
        check_tree(tree)


def number(n: int) -> Any:
    return ("Integer", n)


x: Any = ("Symbol", "x")
HUGE: list[Any] = [
    ("Pow", number(10), number(10**9)),
    ("Pow", number(10), ("Pow", number(10), number(10))),
    ("Pow", ("Pow", number(10), number(1000)), number(1000)),
    ("Pow", ("Rational", 3, 7), number(-(10**8))),
    ("Pow", number(2), ("Rational", 10**9, 7)),
    ("Pow", ("Mul", number(2), x), number(10**8)),
    ("Pow", x, number(10**12)),
    ("exp", ("Mul", number(10**9), ("log", number(2)))),
    ("exp", number(10**12)),
    ("factorial", number(10**9)),
    ("gamma", number(10**9)),
    ("binomial", number(10**9), number(5 * 10**8)),
    ("harmonic", number(10**9)),
    ("floor", ("exp", number(10**5))),
    ("StrictGreaterThan", ("exp", ("exp", number(100))), number(3)),
    ("Derivative", x, ("Tuple", x, number(10**6))),
]


@pytest.mark.parametrize("tree", HUGE, ids=lambda tree: str(tree)[:50])
def test_what_would_become_huge_is_refused_before_it_is_evaluated(tree: Any) -> None:
    with pytest.raises(TreeError):
        build(tree)


def test_nonsense_that_sympy_rejects_is_a_tree_error() -> None:
    with pytest.raises(TreeError):
        build(("Sum", number(1), number(2)))
    with pytest.raises(TreeError):
        build(("StrictLessThan", ("ImaginaryUnit",), number(2)))


def test_a_head_off_the_list_is_not_sent() -> None:
    with pytest.raises(TreeError):
        to_tree(sp.MatrixSymbol("A", 2, 2))
    with pytest.raises(TreeError):
        to_tree(sp.Lambda(X, X))


def test_a_large_expression_is_not_sent() -> None:
    expr = X
    for _ in range(200):
        expr = sp.sin(expr)
    with pytest.raises(TreeError):
        to_tree(expr)
