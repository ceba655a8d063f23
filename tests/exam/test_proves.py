"""Formulas: every right one passes whatever its form, every wrong one fails with a number to show for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.bank import find_course
from grader.engine import Options, run_handins
from grader.intake import discover
from grader.records import CheckResult, Report, Verdict
from tests.support.course import write_files, write_handins

CHECKS = '''
import sympy
from grader import Topic, check, proves
from grader.judge import Claim, Domain

topic = Topic("ramp", source="a test", functions={
    "ramp(x)": "max(x, 0) for real x.",
    "both(s, t)": "log |s| and s t for s, t not 0.",
    "half_power(y)": "The square root of positive y.",
})


@check(points=2, kind="symbolic")
def check_ramp(student, reference):
    """The ramp."""
    proves(student.ramp(sympy.Symbol("x")), reference.ramp)


@check(points=2, kind="symbolic")
def check_both(student, reference):
    """Two formulas."""
    s, t = sympy.symbols("s t", real=True, nonzero=True)
    proves(student.both(s, t), reference.both)


@check(points=1, kind="symbolic")
def check_root(student):
    """The root, by what defines it."""
    y = sympy.Symbol("y")

    def defines(formulas, y):
        (r,) = formulas
        return [Claim(r, ">=", sympy.S.Zero, "the root is negative"), Claim(r**2, "==", y, "its square is not y")]

    proves(student.half_power(y), satisfies=defines, domain={y: Domain(low=0, low_open=True)})
'''

REFERENCE = """
import sympy


def ramp(x):
    return sympy.Max(x, 0)


def both(s, t):
    return [sympy.log(sympy.Abs(s)), s * t]


def half_power(y):
    return sympy.sqrt(y)
"""

VARIANTS = """
import sympy
from grader import slip


@slip("the absolute value instead of the ramp", of="ramp")
def absolute(x):
    return sympy.Abs(x)


@slip("no absolute value in the logarithm", of="both")
def signed(s, t):
    return [sympy.log(s), s * t]
"""

SHEET = """
title = "A test sheet"
[[problem]]
number = "1"
topic = "ramp"
title = "Ramps"
points = 5
"""


def ramp(expression: str) -> str:
    """A hand-in whose `ramp` returns this, right otherwise."""
    return f"{REFERENCE}\nimport numpy as np\nfrom sympy import *\ndef ramp(x):\n    return {expression}\n"


def both(expression: str) -> str:
    return f"{REFERENCE}\nimport numpy as np\nfrom sympy import *\ndef both(s, t):\n    return {expression}\n"


def root(expression: str) -> str:
    return f"{REFERENCE}\nfrom sympy import *\ndef half_power(y):\n    return {expression}\n"


ACCEPTED = {
    "reference": REFERENCE,
    "absolute": ramp("(x + Abs(x)) / 2"),
    "root_of_square": ramp("(x + sqrt(x**2)) / 2"),
    "piecewise": ramp("Piecewise((x, x > 0), (0, True))"),
    "step": ramp("x * Heaviside(x)"),
    "sign": ramp("x * (1 + sign(x)) / 2"),
    "decimals": ramp("0.5 * x + 0.5 * Abs(x)"),
    "own_symbol": ramp("Max(Symbol('x', real=True), 0)"),
    "own_positive_symbol": ramp("Max(Symbol('x', positive=True), Symbol('x', positive=True) * 0)")
    .replace("* 0", "* 0 - Abs(Symbol('x')) + Abs(x)")
    .replace("positive=True", "real=True"),
    "list_of_one": ramp("[Max(0, x)]"),
    "in_numpy": ramp("np.array([Max(0, x)], dtype=object)"),
    "unevaluated": ramp("Add(x, Max(-x, 0, evaluate=False), evaluate=False)"),
    "matrix": both("Matrix([log(Abs(s)), t * s])"),
    "row": both("Matrix([[log(s**2) / 2, s * t]])"),
    "tuple": both("(log(sqrt(s**2)), s * t)"),
    "dictionary": both("{'log': log(abs(s)), 'product': expand((s + 1) * t) - t}"),
    "real_part": both("[re(log(s)), s * t]"),
    "power": root("y ** Rational(1, 2)"),
    "exponential": root("exp(log(y) / 2)"),
}

REFUSED: dict[str, tuple[str, str, str, str]] = {
    "identity": (ramp("x"), "ramp", "x = -1", ""),
    "slip": (ramp("Abs(x)"), "ramp", "x = -1", "the absolute value instead of the ramp"),
    "gap": (ramp("Piecewise((x, x > 0), (0, x < 0))"), "ramp", "undefined at x = 0", ""),
    "imaginary": (
        ramp("sqrt(x) ** 2 / 2 + Abs(x) / 2 + sqrt(x) - sqrt(Abs(x))"),
        "ramp",
        "not a real number",
        "",
    ),
    "nearly": (ramp("Max(x, 0) + x / 10**12"), "ramp", " is due", ""),
    "wrong_on_one_piece": (
        ramp("Max(x, 0) + Piecewise((1, And(x > 5.51, x < 5.52)), (0, True))"),
        "ramp",
        "at x = 1103/200",
        "",
    ),
    "number": (ramp("3"), "ramp", "the formula is 3", ""),
    "text": (ramp("'Max(x, 0)'"), "ramp", "str came", ""),
    "truth": (ramp("True"), "ramp", "bool came", ""),
    "nothing": (ramp("None"), "ramp", "NoneType came", ""),
    "function": (ramp("lambda: x"), "ramp", "came", ""),
    "not_finite": (ramp("float('nan')"), "ramp", "not finite", ""),
    "undefined": (ramp("nan"), "ramp", "undefined", ""),
    "condition": (ramp("x > 0"), "ramp", "condition", ""),
    "other_symbol": (ramp("Max(Symbol('y'), 0)"), "ramp", "contains y", ""),
    "unknown_function": (ramp("Function('f')(x)"), "ramp", "contains f", ""),
    "two": (ramp("[x, 0]"), "ramp", "2 formulas came where 1 is due", ""),
    "one": (both("log(Abs(s))"), "both", "1 formula came where 2 are due", ""),
    "swapped": (both("[s * t, log(Abs(s))]"), "both", "formula [0] is", ""),
    "signed": (both("[log(s), s * t]"), "both", "not a real number", "no absolute value in the logarithm"),
    "only_positive": (both("[log(Abs(s)), Abs(s * t)]"), "both", "formula [1]", ""),
    "negative": (root("-sqrt(y)"), "root", "the root is negative at y = 1", ""),
    "half": (root("y / 2"), "root", "its square is not y at y = 1", ""),
}

UNDECIDED = {
    "not_to_be_evaluated": ramp("Max(x, 0) + DiracDelta(x - 7)"),
    "unreadable": ramp("Determinant(MatrixSymbol('A', 2, 2))"),
    "too_large": ramp("Add(*[sin(x + k) for k in range(1500)])"),
}


def write_ramps(root_folder: Path, checks: str = CHECKS) -> None:
    files = {"checks/ramp.py": checks, "checks/variants/ramp.py": VARIANTS, "reference/ramp.py": REFERENCE}
    write_files(root_folder, files | {"checks/assignments/hw1.toml": SHEET})


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Report]]:
    root_folder = tmp_path_factory.mktemp("course")
    write_ramps(root_folder)
    handins: dict[str, str | bytes | dict[str, str]] = {}
    handins |= ACCEPTED | {n: c[0] for n, c in REFUSED.items()} | UNDECIDED
    folder = write_handins(root_folder, handins)
    course = find_course(folder)
    outcome = run_handins(course, discover(folder, course.assignments).handins, Options(jobs=2))
    assert outcome.fault == ""
    yield {r.student: r for r in outcome.reports}


def _check(report: Report, name: str) -> CheckResult:
    return next(c for c in report.checks if c.id == f"ramp::{name}")


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_right_formula_passes_in_any_form(graded: dict[str, Report], name: str) -> None:
    report = graded[name]
    assert [(c.id, c.verdict, c.message) for c in report.checks if c.verdict != Verdict.PASSED] == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_formula_fails_with_its_cause(graded: dict[str, Report], name: str) -> None:
    _, check, said, slip = REFUSED[name]
    result = _check(graded[name], check)
    assert (result.verdict, result.score) == (Verdict.FAILED, 0)
    assert said in result.message
    assert result.slip == slip
    assert {c.verdict for c in graded[name].checks if c is not result} == {Verdict.PASSED}


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_cannot_be_decided_waits_for_a_person(graded: dict[str, Report], name: str) -> None:
    result = _check(graded[name], "ramp")
    assert result.verdict is Verdict.REVIEW
    assert result.message


def test_a_pass_says_how_sure_it_is(graded: dict[str, Report]) -> None:
    assert _check(graded["absolute"], "ramp").certainty == "proved by SymPy for all real x"
    assert _check(graded["reference"], "both").certainty == "proved by SymPy for all nonzero real s, t"
    assert _check(graded["power"], "root").certainty == "proved by SymPy for all positive real y"


def test_a_counterexample_shows_the_formula_and_its_value(graded: dict[str, Report]) -> None:
    example = _check(graded["identity"], "ramp").counterexample
    assert example is not None
    assert (example.got, example.expected) == ("x  (-1 at x = -1)", "0 at x = -1")


COUNTED = """
import sympy
from grader import Topic, check, proves
from grader.judge import Claim

topic = Topic("ramp", source="a test", functions={"ramp(x)": "max(x, 0) for real x."})


def defines(formulas, x):
    open(TALLY, "a").write("x")
    return [Claim(formulas[0], "==", sympy.Max(x, 0))]


@check(points=5, kind="symbolic")
def check_ramp(student):
    \"\"\"The ramp.\"\"\"
    proves(student.ramp(sympy.Symbol("x", real=True)), satisfies=defines)
"""


@pytest.mark.usefixtures("one_processor")
def test_the_same_formula_of_another_hand_in_is_not_judged_again_and_the_records_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_CACHE", "")
    tally = tmp_path / "tally"
    write_ramps(tmp_path, COUNTED.replace("TALLY", repr(str(tally))))
    handed_in = {"a": REFERENCE, "b": ramp("Max(0, x)  # the same"), "c": ramp("x"), "d": ramp("x + 0")}
    folder = write_handins(tmp_path, handed_in)
    course = find_course(folder)

    def judged(*names: str) -> tuple[dict[str, tuple[str, str, str]], int]:
        tally.write_text("")
        found = [h for h in discover(folder, course.assignments).handins if h.student in names]
        outcome = run_handins(course, found, Options(jobs=1))
        checks = {r.student: _check(r, "ramp") for r in outcome.reports}
        return {n: (c.verdict, c.message, c.certainty) for n, c in checks.items()}, len(tally.read_text())

    one_right, of_right = judged("a")
    one_wrong, of_wrong = judged("c")
    both, of_both = judged("a", "c")
    together, of_all = judged("a", "b", "c", "d")
    assert of_right > 0 and of_wrong > 0 and of_all == of_both == of_right + of_wrong
    assert both == {**one_right, **one_wrong}
    assert together == {"a": both["a"], "b": both["a"], "c": both["c"], "d": both["c"]}
