"""Pictures and formulas on the page of a student."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.records import CheckResult, Counterexample, Kind, Verdict, Visibility
from grader.reports import student_html

from . import samples

RUN = Counterexample(
    call="sgd_log_derivative(0.0, 0.0, 0.05, 128, 160, rng)",
    arguments={
        "mu0": "0.0",
        "tau0": "0.0",
        "lr": "0.05",
        "batch_size": "128",
        "n_steps": "160",
        "rng": "rng",
    },
    expected="(mu, sigma) near (0.4423, 0.6065)",
    got="(0.0588, 0.963)",
    difference=None,
    replay="",
)
PROJECTED = replace(
    samples.CLOSEST,
    counterexample=replace(samples.CLOSEST.counterexample, arguments={"y": "[0.0, 2.0]", "a": "1.0"}),
)  # type: ignore[type-var]


def _page(check: CheckResult) -> str:
    return student_html(samples.report(samples.problem(check)), "x")


def _labels(check: CheckResult) -> list[str]:
    return re.findall(r'<svg viewBox[^>]*role="img" aria-label="([^"]*)"', _page(check))


def _named(name: str, shown: Counterexample, **changes: object) -> CheckResult:
    return replace(samples.check(Verdict.FAILED, name=name), counterexample=shown, **changes)  # type: ignore[arg-type]


def test_the_projection_is_drawn_with_its_set_its_point_and_the_answer() -> None:
    (words,) = _labels(PROJECTED)
    assert words == "y = (0, 2); the closest point of C is (1, 1); yours is (1, 2)"
    page = _page(PROJECTED)
    assert "C: x1 = 1, 0 ≤ x2 ≤ 1" in page and page.count("<circle") == 2


def test_a_run_of_sgd_is_drawn_over_the_objective_with_both_minima() -> None:
    (words,) = _labels(_named("gaussian_sgd::minimum", RUN))
    assert "Minima lie at (0.44, 0.61) and (1.37, 1.96)" in words and "ended at (0.0588, 0.963)" in words
    assert "leads from (0, 1) to (0.44" in words
    page = _page(_named("gaussian_sgd::minimum", RUN))
    assert page.count('class="level stroke"') >= 7 and len(page) < 60_000


def test_an_estimate_is_drawn_against_what_is_accepted() -> None:
    made = samples.check(Verdict.FAILED, name="any::mean", evidence={"estimate": 0.7, "accepted": [0.2, 0.4]})
    assert _labels(made) == ["The estimate 0.7 lies outside the accepted interval from 0.2 to 0.4"]
    assert "lies in the" in _labels(replace(made, evidence={"estimate": 0.3, "accepted": [0.2, 0.4]}))[0]


def test_matrices_are_drawn_side_by_side_with_their_difference() -> None:
    shown = Counterexample("f(x)", {}, "[[1.0, 2.0], [3.0, 4.0]]", "[[1.0, 2.0], [3.0, 5.0]]", 1.0, "")
    assert _labels(_named("any::field", shown)) == [
        "expected: 2 by 2",
        "yours: 2 by 2",
        "difference, at most 1",
    ]
    assert _labels(_named("any::field", replace(shown, got="[[1.0, 2.0]]"))) == []


def test_a_check_may_record_images_and_histograms() -> None:
    images = {
        "kind": "images",
        "caption": "What was restored",
        "images": {"mask": [[0, 1], [1, 0]], "restored": [[0.5, 0.1], [1, 2]]},
    }
    assert _labels(samples.check(Verdict.PASSED, evidence={"picture": images})) == [
        "mask: 2 by 2",
        "restored: 2 by 2",
    ]
    groups = {"digits": [0.1 * n for n in range(50)], "patches": [9.0, 9.5, 11.0]}
    curve = [[0.1 * n, 0.2] for n in range(50)]
    histogram = {
        "kind": "histogram",
        "caption": "Log-likelihoods",
        "groups": groups,
        "curve": curve,
        "threshold": 7.25,
        "label": "bits",
    }
    page = _page(samples.check(Verdict.PASSED, evidence={"picture": histogram, "samples": 3}))
    for words in ("Log-likelihoods", "threshold 7.25", "digits", "patches", "bits"):
        assert words in page
    assert "groups" not in page and "<dt>samples</dt>" in page  # drawn, and not also printed


def test_nothing_of_a_hidden_check_is_drawn() -> None:
    for made in (
        PROJECTED,
        _named("gaussian_sgd::x", RUN),
        samples.check(Verdict.FAILED, evidence={"estimate": 1.0, "accepted": [0, 0]}),
    ):
        hidden = replace(made, visibility=Visibility.HIDDEN)
        assert _labels(hidden) == [] and "<svg" not in _page(hidden)


ODD = st.one_of(
    st.text(max_size=30),
    st.floats(),
    st.none(),
    st.integers(-(10**400), 10**400),
    st.sampled_from([samples.HOSTILE, "[1e308, -1e308]", "[nan, inf]", "1e400"]),
)


@settings(derandomize=True, database=None, deadline=None, max_examples=40)
@given(
    st.lists(ODD, min_size=6, max_size=6),
    st.recursive(ODD, lambda inner: st.lists(inner, max_size=3), max_leaves=6),
    st.sampled_from(["projection::x", "gaussian_sgd::x", "other::x"]),
)
def test_no_record_however_odd_stops_a_page(values: list[object], nested: object, name: str) -> None:
    texts = [str(value)[:300] for value in values]
    keys = ("y", "a", "mu0", "tau0", "lr", "n_steps")
    shown = Counterexample(texts[0], dict(zip(keys, texts, strict=True)), texts[1], texts[2], None, texts[3])
    evidence = {
        "estimate": values[0],
        "accepted": nested,
        "picture": {"kind": "histogram" if values[1] else "images", "groups": {"a": nested}, "images": {"b": nested}, "threshold": values[2], "curve": nested},
    }  # fmt: skip
    assert "<script" not in _page(_named(name, shown, evidence=evidence))


@pytest.mark.parametrize("end", ["(1e5, 2.0)", "(0.3, -1.0)", "(1e300, 1.0)", "nan", "(0.1, 0.2, 0.3)", ""])
def test_runs_that_end_nowhere_near_are_drawn_or_left_out_but_never_break_the_page(end: str) -> None:
    labels = _labels(_named("gaussian_sgd::x", replace(RUN, got=end)))
    assert len(labels) == (end in ("(1e5, 2.0)", "(0.3, -1.0)"))


def _formula(text: str) -> ElementTree.Element | None:
    shown = Counterexample("f(x)", {}, "1 at x = 1", text, None, "")
    found = re.search(r"<math.*?</math>", _page(_named("any::formula", shown, kind=Kind.SYMBOLIC)), re.DOTALL)
    return None if found is None else ElementTree.fromstring(found[0])


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("m*n*log(Abs(s1))  (2.0 at s1 = 1)", "m⁢n⁢log⁡(|s1|)"),
        ("-(a - (b - c))/x**2", "−(a−(b−c))x2"),
        ("exp(-x**2/2)*sin(mu)", "e−x22⁢sin⁡(μ)"),
        ("2*3*x", "2·3⁢x"),
        ("(a + b)*c**(d + 1)", "(a+b)⁢cd+1"),
    ],
)
def test_a_formula_is_set_as_one(text: str, seen: str) -> None:
    math = _formula(text)
    assert math is not None and "".join(math.itertext()) == seen


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "2.5",
        "",
        "f(",
        "(" * 300,
        "x if y else z",
        "f(**k)",
        "<b>x</b>",
        "lambda: 0",
        "'a'*3",
        "[x for x in y]",
        "x" * 900,
        "a\0b",
    ],
)
def test_what_is_no_formula_stays_text(text: str) -> None:
    assert _formula(text) is None


def test_only_a_formulas_own_elements_come_out() -> None:
    page = _page(
        _named("any::f", Counterexample("f", {}, "", "f('</math><script>')+x", None, ""), kind=Kind.SYMBOLIC)
    )
    assert "<script" not in page and "<math" not in page
