"""Homework 11: right hand-ins get everything that checks can give, mistakes lose theirs and are named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.bank import find_course
from grader.engine import Options, run_handins
from grader.intake import discover
from grader.records import CheckResult, Report, Verdict

ROOT = Path(__file__).parents[2]
HANDINS = ROOT / "submissions" / "hw11"
FROM_CHECKS = 45.0
CAUSES = {
    "iwae_bound": "mean of the logarithms",
    "vlb_gradients": "score trick for lambda",
    "kl_diag_gaussians": "is lost",
    "vlb_reparameterized": "+1/(2 sigma^2)",
    "anomaly_threshold": "variance",
    "type1_error": "number of images",
    "payoff_matrix": "pays A",
}
"""Function with a mistake -> words of the cause that is named."""


@pytest.fixture(scope="module")
def reports() -> Iterator[dict[str, Report]]:
    course = find_course(ROOT)
    outcome = run_handins(course, discover(HANDINS, course.assignments).handins, Options(jobs=2))
    yield {report.student: report for report in outcome.reports}


def _wrong(report: Report) -> list[CheckResult]:
    return [c for c in report.checks if c.verdict not in (Verdict.PASSED, Verdict.REVIEW)]


@pytest.mark.parametrize("name", ["right", "other_style"])
def test_right_hand_ins_get_all_but_what_a_person_marks(reports: dict[str, Report], name: str) -> None:
    report = reports[name]
    assert [(c.id, c.message) for c in _wrong(report)] == []
    assert (report.score, report.complete) == (FROM_CHECKS, False)
    waiting = [p.number for p in report.problems if any(c.verdict is Verdict.REVIEW for c in p.checks)]
    assert waiting == ["1c", "4b"]


def test_mistakes_cost_themselves_and_are_named(reports: dict[str, Report]) -> None:
    failed = _wrong(reports["mistakes"])
    assert {c.verdict for c in failed} == {Verdict.FAILED}
    named: dict[str, set[str]] = {}
    for c in failed:
        assert c.counterexample is not None
        named.setdefault(c.counterexample.call.partition("(")[0], set()).add(c.slip)
    assert set(named) == set(CAUSES)
    for function, words in CAUSES.items():
        assert any(words in slip for slip in named[function]), (function, named[function])


def test_what_is_right_beside_the_mistakes_counts(reports: dict[str, Report]) -> None:
    passed = {c.id for c in reports["mistakes"].checks if c.verdict is Verdict.PASSED}
    assert {"anomaly::type2", "minimax::payoff", "minimax::best_response", "minimax::solution"} <= passed
    assert 0 < reports["mistakes"].score < FROM_CHECKS


def test_a_careless_hand_in_gets_next_to_nothing_and_is_told_why(reports: dict[str, Report]) -> None:
    report = reports["careless"]
    verdicts = {c.verdict for c in _wrong(report)}
    assert {Verdict.MISSING, Verdict.FAILED, Verdict.ERROR} <= verdicts
    assert Verdict.FAULT not in verdicts
    assert report.score < FROM_CHECKS / 10
    assert any("iwae_bounds" in c.message for c in _wrong(report))


def test_the_starter_gets_nothing_and_is_made_from_the_signatures(reports: dict[str, Report]) -> None:
    assert reports["starter"].score == 0
    assert {c.verdict for c in _wrong(reports["starter"])} == {Verdict.MISSING}
    assert (HANDINS / "starter" / "solution.py").read_text() == find_course(ROOT).starter("hw11")
