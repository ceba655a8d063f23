"""True identities are proved, false ones refuted with a number, and nothing is called wrong for its form."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from sympy import (
    Abs,
    Add,
    And,
    Expr,
    Float,
    Function,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Rational,
    S,
    Sum,
    Symbol,
    cos,
    exp,
    expand,
    log,
    pi,
    sign,
    sin,
    sinh,
    sqrt,
    tanh,
)

from grader.judge import Case, Claim, Domain, decide, equivalent, hunt, prove

x, y, a = sympy.symbols("x y a")
s = sympy.symbols("s1:4")
m, n, k = sympy.symbols("m n k")
REAL = Domain()
NONZERO = Domain(nonzero=True)
POSITIVE = Domain(low=0, low_open=True)
COUNT = Domain(low=1, integer=True)

CLIP = Min(Max(y, 0), 1)
CLIPS = [
    Max(0, Min(1, y)),
    Piecewise((0, y < 0), (1, y > 1), (y, True)),
    Piecewise((0, y <= 0), (y, And(y > 0, y < 1)), (1, y >= 1)),
    (Abs(y) - Abs(y - 1) + 1) / 2,
    (sqrt(y**2) - sqrt((y - 1) ** 2) + 1) / 2,
    (sqrt(y**2) - sqrt(expand((y - 1) ** 2)) + 1) / 2,
    y * (Heaviside(y) - Heaviside(y - 1)) + Heaviside(y - 1),
    (y * sign(y) + 1 - (y - 1) * sign(y - 1)) / 2,
    y + Max(-y, 0) - Max(y - 1, 0),
    Max(0, 1 - Max(0, 1 - y)),
    Float(0.5) * (y + Abs(y)) - Float(0.5) * (y - 1 + Abs(y - 1)),
    Min(1, (y + Abs(y)) / 2),
]
NOT_CLIPS = [
    Max(Min(y, 0), 1),
    Max(y, 0),
    Min(y, 1),
    y,
    1 / (1 + exp(-y)),
    Abs(CLIP - Rational(1, 3)),
    CLIP + Rational(1, 10**9),
    Max(Min(y, 1), Rational(1, 1000)),
    Piecewise((0, y < 0), (y, And(y > 0, y < 1)), (1, y > 1)),
    CLIP + Piecewise((1, And(y > Rational(71, 10), y < Rational(72, 10))), (0, True)),
    sqrt(y),
    S.NaN,
]


@pytest.mark.parametrize("clip", CLIPS, ids=str)
def test_every_way_to_write_a_clip_is_proved(clip: Expr) -> None:
    proof = equivalent([clip], [CLIP], domain={y: REAL})
    assert (proof.status, proof.scope) == ("proved", "all real y")


@pytest.mark.parametrize("other", NOT_CLIPS, ids=str)
def test_what_is_no_clip_is_refuted_where_it_differs(other: Expr) -> None:
    proof = equivalent([other], [CLIP], domain={y: REAL})
    assert proof.status == "refuted"
    at = [(y, Rational(v.numerator, v.denominator)) for v in proof.witness.values()]
    assert other.subs(at).evalf() != CLIP.subs(at).evalf()


WANTED = m * n * Add(*(log(Abs(v)) for v in s))
PRODUCT = sympy.prod(s)
LOGS = [
    m * n * log(Abs(PRODUCT)),
    m * n * log(PRODUCT**2) / 2,
    m * n * Add(*(log(sqrt(v**2)) for v in s)),
    log(Abs(PRODUCT) ** (m * n)),
    log(Abs(PRODUCT ** (m * n))),
    m * n * (log(Abs(s[0] / s[1])) + log(Abs(s[2])) + 2 * log(Abs(s[1]))),
    m * n * Add(*(sympy.re(log(v)) for v in s)),
    Sum(Sum(log(Abs(PRODUCT)), (k, 1, m)), (Symbol("j"), 1, n)),
    m * n * Add(*(Piecewise((log(v), v > 0), (log(-v), True)) for v in s)),
]
NOT_LOGS = [
    m * n * log(PRODUCT),
    (m + n) * log(Abs(PRODUCT)),
    log(Abs(PRODUCT)),
    m * n * Add(*s),
    m * n * log(Abs(PRODUCT), 2),
]
LOG_DOMAIN = {**dict.fromkeys(s, NONZERO), m: COUNT, n: COUNT}


@pytest.mark.parametrize("formula", LOGS, ids=str)
def test_logarithms_of_absolute_values_are_proved_for_both_signs(formula: Expr) -> None:
    proof = equivalent([formula], [WANTED], domain=LOG_DOMAIN)
    assert (proof.status, proof.scope) == ("proved", "all positive integers m, n; nonzero real s1, s2, s3")


@pytest.mark.parametrize("formula", NOT_LOGS, ids=str)
def test_wrong_logarithms_are_refuted(formula: Expr) -> None:
    assert equivalent([formula], [WANTED], domain=LOG_DOMAIN).status == "refuted"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sin(2 * x), 2 * sin(x) * cos(x)),
        (sin(x) ** 4 - cos(x) ** 4, -cos(2 * x)),
        (tanh(x), (exp(2 * x) - 1) / (exp(2 * x) + 1)),
        (sinh(x), (exp(x) - exp(-x)) / 2),
        (exp(a + x) * exp(-a), exp(x)),
        (log(exp(x) * exp(a)), x + a),
        ((x**3 - 1) / (x**2 + x + 1), x - 1),
        (
            sympy.diff(-log(sqrt(2 * pi) * exp(a)) - (x - y) ** 2 / (2 * exp(2 * a)), a),
            (x - y) ** 2 * exp(-2 * a) - 1,
        ),
        ((x + a + Abs(x - a)) / 2, Max(a, x)),
        (0.1 * x, x / 10),
    ],
)
def test_identities_are_proved_and_their_neighbours_refuted(left: Expr, right: Expr) -> None:
    everywhere = dict.fromkeys((x, y, a), REAL)
    assert equivalent([left], [right], domain=everywhere).status == "proved"
    for neighbour in (left + Rational(1, 10**6), 2 * left, left + x / 1000, -left):
        assert equivalent([neighbour], [right], domain=everywhere).status == "refuted"


def test_the_assumptions_in_an_answer_do_not_matter_only_the_domain_does() -> None:
    assert equivalent([sqrt(x**2)], [x], domain={x: POSITIVE}).status == "proved"
    assert equivalent([sqrt(x**2)], [x], domain={x: REAL}).status == "refuted"
    declared = Symbol("x", positive=True)
    assert equivalent([sqrt(declared**2)], [declared]).status == "proved"
    assert hunt([Claim(log(x), "==", log(x))], domain={x: POSITIVE}).scope == "all positive real x"


def test_a_witness_is_small_and_names_only_what_matters() -> None:
    proof = equivalent([a, y], [a, CLIP], domain=dict.fromkeys((x, y, a), REAL))
    assert proof.witness in ({y: Fraction(-1)}, {y: Fraction(2)})
    assert (proof.failed, proof.got, proof.want) in {(1, "-1", "0"), (1, "2", "1")}


def test_an_undefined_or_imaginary_value_is_wrong_only_where_a_real_one_is_due() -> None:
    assert equivalent([log(x)], [log(x)], domain={x: REAL}).status == "proved"
    assert equivalent([log(x)], [log(Abs(x))], domain={x: NONZERO}).status == "refuted"
    assert equivalent([x**2 / x], [x], domain={x: NONZERO}).status == "proved"
    imaginary = equivalent([sqrt(x)], [sqrt(Abs(x))], domain={x: REAL})
    assert "not a real number" in imaginary.got


def test_a_condition_on_the_domain_is_respected() -> None:
    assert equivalent([Max(x, 3)], [S(3)], domain={x: Domain(low=0, high=3)}).status == "proved"
    assert equivalent([Max(x, 3)], [S(3)], domain={x: Domain(low=0, high=4)}).status == "refuted"
    assert equivalent([(-1) ** (2 * k)], [S.One], domain={k: Domain(integer=True)}).status == "proved"
    assert (
        equivalent([k * (k - 1)], [S.Zero], domain={k: Domain(low=0, high=1, integer=True)}).status
        == "proved"
    )
    assert equivalent([k * (k - 1)], [S.Zero], domain={k: Domain(low=0, high=1)}).status == "refuted"


def test_inequalities_are_claims_too() -> None:
    cases = [
        Case("y < 0", {y: Domain(high=0, high_open=True)}),
        Case("0 <= y <= 1", {y: Domain(low=0, high=1)}),
        Case("y > 1", {y: Domain(low=1, low_open=True)}),
    ]
    fine = [Claim(CLIP, ">=", S.Zero), Claim((y - CLIP) * (1 - CLIP), "<=", S.Zero)]
    proof = decide(fine, domain={y: REAL}, cases=cases)
    assert (proof.status, proof.scope) == ("proved", "all real y (cases y < 0, 0 <= y <= 1, y > 1)")
    wrong = decide([*fine, Claim(CLIP, "<=", y, "")], domain={y: REAL}, cases=cases)
    assert (wrong.status, wrong.failed, wrong.want) == ("refuted", 2, "<= -1")


def test_decimals_that_are_no_simple_fractions_are_never_proved_but_accepted() -> None:
    assert (
        equivalent([Float("0.69314718055994531") * x], [log(2) * x], domain={x: REAL}).status == "supported"
    )
    assert equivalent([Float("0.6931471") * x], [log(2) * x], domain={x: REAL}).status == "refuted"


def test_what_cannot_be_evaluated_is_undecided_never_wrong() -> None:
    assert equivalent([Function("f")(x)], [x], domain={x: REAL}).status == "undecided"
    assert (
        equivalent([x + Piecewise((0, x < 50), (Function("f")(x), True))], [x], domain={x: REAL}).status
        == "undecided"
    )
    large = Add(*(sin(x + j) for j in range(1500)))
    assert equivalent([large], [large], domain={x: REAL}).status == "undecided"
    assert not prove([Claim(large, "==", large)], domain={x: REAL})


def test_the_seed_moves_the_samples_and_the_same_seed_does_not() -> None:
    claim = Claim(sin(x) ** 2, "==", 1 - cos(x) ** 2)
    assert {hunt([claim], seed=seed).status for seed in range(3)} == {"supported"}
    first, second = (equivalent([y], [CLIP], domain={y: REAL}, seed=7) for _ in range(2))
    assert first == second


def test_as_many_formulas_as_are_due() -> None:
    with pytest.raises(ValueError, match="2 formulas against 1"):
        equivalent([x, y], [x])
