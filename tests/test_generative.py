"""The sample hand-ins of the generative sheet: right ones lose nothing, each mistake costs itself and is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.bank import find_course
from grader.derivation import check_writeup, load_sheets
from grader.engine import Options, run_handins
from grader.intake import discover
from grader.records import CheckResult, Report, Verdict

ROOT = Path(__file__).parents[1]
HANDINS = ROOT / "submissions" / "generative"
FULL, BY_PERSON = 100.0, 6.0
WAITING = {"3.3", "6.3"}
"""Problems with a rubric."""
MISTAKES = {
    "affine_log_density": "|det S| under the root",
    "refined_proposal": "q for every K",
    "radius_derivative_formula": "the 1 drawn into the fraction",
    "radius": "circle",
    "long_run": "cycles",
}
"""Function -> what the slip's title says."""
WRITTEN = {"right": {}, "mistakes": {"2.3": r"\sqrt{(2\pi)^K |\det S|}", "5.4": r"\frac{1 + \alpha \beta}"}}
"""Hand-in -> problem -> how the one refuted step of its write-up goes."""
UNTOUCHED = ("1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.4", "3.1", "3.2", "5.1", "5.2", "5.3", "6.1", "6.2")
"""Problems that the mistakes do not reach."""


@pytest.fixture(scope="module")
def reports() -> Iterator[dict[str, Report]]:
    course = find_course(HANDINS)
    outcome = run_handins(course, discover(HANDINS, course.assignments).handins, Options(jobs=2))
    assert outcome.fault == ""
    yield {report.student: report for report in outcome.reports}


def _not_passed(report: Report) -> list[CheckResult]:
    return [c for c in report.checks if c.verdict not in (Verdict.PASSED, Verdict.REVIEW)]


@pytest.mark.parametrize("name", ["right", "other_style"])
def test_right_hand_ins_get_all_but_what_a_person_marks(reports: dict[str, Report], name: str) -> None:
    report = reports[name]
    assert [(c.id, c.message) for c in _not_passed(report)] == []
    assert (report.score, report.max_score, report.complete) == (FULL - BY_PERSON, FULL, False)
    waiting = {p.number for p in report.problems if any(c.verdict is Verdict.REVIEW for c in p.checks)}
    assert waiting == WAITING


def test_each_mistake_costs_itself_and_its_cause_is_named(reports: dict[str, Report]) -> None:
    report = reports["mistakes"]
    failed = _not_passed(report)
    causes: dict[str, set[str]] = {}
    for check in failed:
        assert check.verdict is Verdict.FAILED and check.counterexample is not None
        assert check.slip and check.slip in check.message
        causes.setdefault(check.counterexample.call.partition("(")[0], set()).add(check.slip)
    assert set(causes) == set(MISTAKES)
    for function, said in MISTAKES.items():
        assert all(said in slip for slip in causes[function]), function
    lossless = {p.number for p in report.problems if p.score == p.max_score}
    assert lossless >= set(UNTOUCHED)


def test_the_hand_in_with_mistakes_everywhere_is_found_out_in_every_topic(reports: dict[str, Report]) -> None:
    failed = _not_passed(reports["one_wrong_each"])
    topics = {"receptive_field", "reparameterization", "elbo", "iwae_refined", "invertible", "gan_dynamics"}
    assert {c.id.partition("::")[0] for c in failed} == topics
    named = {c.slip for c in failed}
    for said in (
        "PixelCNN",
        "flipped",
        "0 log 0",
        "factor K",
        "overflows",
        "other root",
        "alternating",
        "imaginary",
    ):
        assert any(said in slip for slip in named), said
    assert 0 < reports["one_wrong_each"].score < 50


def test_the_starter_is_made_from_the_checks_signatures_and_gets_nothing(reports: dict[str, Report]) -> None:
    assert (HANDINS / "starter" / "solution.py").read_text() == find_course(ROOT).starter("generative")
    assert reports["starter"].score == 0
    verdicts = {c.verdict for c in reports["starter"].checks}
    assert verdicts == {Verdict.MISSING, Verdict.SKIPPED, Verdict.REVIEW}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_write_ups_hold_but_for_the_steps_that_are_wrong(name: str) -> None:
    text = (HANDINS / name / "writeup.md").read_text()
    sheets = load_sheets(ROOT / "checks" / "notation" / "generative")
    found = {d.problem: d for d in check_writeup(text, file="writeup.md", kind="md", sheets=sheets)}
    assert set(found) == {"2.3", "5.4", "6.3"}
    refuted = {n: [s.source for s in d.steps if s.verdict == "refuted"] for n, d in found.items()}
    assert {n for n, steps in refuted.items() if steps} == set(WRITTEN[name])
    for problem, said in WRITTEN[name].items():
        assert len(refuted[problem]) == 1 and said in refuted[problem][0]
    if name == "right":
        assert all(d.goal_reached for d in found.values())
