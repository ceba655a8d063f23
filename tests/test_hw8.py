"""The sample hand-ins of homework 8: right ones lose nothing, the mistakes cost themselves and are named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.bank import find_course
from grader.engine import Options, run_handins
from grader.intake import discover
from grader.records import Report, Verdict

ROOT = Path(__file__).parents[1]
HANDINS = ROOT / "submissions" / "hw8"
NUMBERS = [str(n) for n in range(1, 9)]


@pytest.fixture(scope="module")
def graded() -> Iterator[dict[str, Report]]:
    course = find_course(HANDINS)
    outcome = run_handins(course, discover(HANDINS, course.assignments).handins, Options(jobs=2))
    assert outcome.fault == ""
    assert {r.student for r in outcome.reports} == {p.name for p in HANDINS.iterdir()}
    yield {r.student: r for r in outcome.reports}


@pytest.mark.parametrize("name", ["right", "other_style"])
def test_right_hand_ins_get_full_marks(graded: dict[str, Report], name: str) -> None:
    report = graded[name]
    assert [(c.id, c.message) for c in report.checks if c.verdict is not Verdict.PASSED] == []
    assert (report.score, report.max_score, report.complete) == (70, 70, True)
    assert [p.number for p in report.problems] == NUMBERS


def test_the_mistakes_cost_themselves_and_are_named(graded: dict[str, Report]) -> None:
    report = graded["mistakes"]
    causes = {c.id: c.slip for c in report.checks if c.verdict is not Verdict.PASSED}
    sampling = {"flow1d::samples", "flow1d::other_samples"}
    determinant = {f"affine_coupling::{c}" for c in ("examples", "log_abs_det", "jacobian", "formula")}
    assert set(causes) == sampling | determinant
    assert all("uniform base samples" in causes[name] for name in sampling)
    assert all("sum of exp(s) instead of the sum of s" in causes[name] for name in determinant)
    assert [p.number for p in report.problems if p.score < p.max_score] == ["1", "5"]


def test_a_notebook_that_trains_for_minutes_is_graded_without_its_training(graded: dict[str, Report]) -> None:
    report = graded["notebook"]
    causes = {c.id: c.slip for c in report.checks if c.verdict is not Verdict.PASSED}
    assert set(causes) == {"flow1d::samples", "flow1d::other_samples", "affine_coupling::formula"}
    assert "uniform base samples" in causes["flow1d::samples"]
    assert "sum of exp(s) instead of the sum of s" in causes["affine_coupling::formula"]
    assert {c.verdict for c in report.checks} == {Verdict.PASSED, Verdict.FAILED}
    wrong = [
        s.source
        for p in report.problems
        if p.derivation
        for s in p.derivation.steps
        if s.verdict == "refuted"
    ]
    assert len(wrong) == 1
    assert "e^{s_" in wrong[0]
    assert any("work in cells" in note for note in report.notes)


def test_a_mistake_in_every_problem_is_found_and_most_are_named(graded: dict[str, Report]) -> None:
    report = graded["many_wrong"]
    failed = [c for c in report.checks if c.verdict is Verdict.FAILED]
    assert all(any(c in failed for c in p.checks) for p in report.problems)
    named = {c.slip for c in failed}
    for said in (
        "softmax",
        "+ log dz/dx",
        "base samples z",
        "argmax finds one",
        "from 0",
        "transposed",
        "first k",
    ):
        assert any(said in slip for slip in named), said
    assert report.score < 0.25 * report.max_score


def test_the_starter_gets_nothing_and_is_made_from_the_signatures(graded: dict[str, Report]) -> None:
    assert graded["starter"].score == 0
    assert {c.verdict for c in graded["starter"].checks} <= {Verdict.MISSING, Verdict.SKIPPED}
    assert (HANDINS / "starter" / "solution.py").read_text() == find_course(ROOT).starter("hw8")


def test_the_write_ups_hold_but_for_the_sum_of_exponentials(graded: dict[str, Report]) -> None:
    refuted = {
        name: [
            (p.number, s.source)
            for p in graded[name].problems
            if p.derivation
            for s in p.derivation.steps
            if s.verdict == "refuted"
        ]
        for name in ("right", "mistakes")
    }
    assert refuted["right"] == []
    assert [number for number, _ in refuted["mistakes"]] == ["5"]
    assert "e^{s_" in refuted["mistakes"][0][1]
    reached = {p.number: p.derivation.goal_reached for p in graded["right"].problems if p.derivation}
    assert reached == {"2": True, "4": True, "5": True, "8": True}


SHIFTY = """
import torch

class Parameter:
    dtype = torch.float32
    counted = 0
    def add_(self, x):
        return self
    def numel(self):
        Parameter.counted += 1
        return 15 if Parameter.counted < 5 else torch.ones(3)

class Flow1d(torch.nn.Module):
    def __init__(self, n_components):
        super().__init__()
    def parameters(self, *args, **options):
        return iter([Parameter()])
    def forward(self, x):
        return torch.tanh(x) + 0.2, 1 - torch.tanh(x) ** 2

torch.rand_like = lambda *args, **options: torch.zeros(1)
"""


def test_a_flow_that_gives_other_kinds_of_values_when_its_mistake_is_looked_for_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(SHIFTY)
    course = find_course(HANDINS)
    handins = discover(tmp_path, course.assignments, "hw8").handins
    outcome = run_handins(course, handins, Options(jobs=1, only=("flow1d",)))
    verdicts = {c.id: c.verdict for c in outcome.reports[0].checks}
    assert outcome.fault == ""
    assert verdicts["flow1d::one_component"] is Verdict.FAILED
    assert Verdict.FAULT not in verdicts.values()
