"""The queue: in which order, what waits, and that what is open there is what keeps a report open."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from grader.records import Decision, Item, Report, Ruling, UserError, Verdict, items_of
from grader.review import Board, decision_on
from grader.review._board import Graded
from grader.review._texts import Texts
from tests.reports import samples
from tests.review.classroom import CHAIN, derivation, hand_in, rubric, written

NOW = "2026-11-20T10:00:00+00:00"


def _board(reports: Sequence[Report], decisions: Sequence[Decision] = ()) -> Board:
    return Board(Path("x"), Graded(samples.run(), tuple(reports), {}), tuple(decisions), Texts())


def _everything(student: str) -> Report:
    """Each kind of item, waiting or not."""
    refuted = tuple(replace(s, verdict="refuted" if s.index == 1 else s.verdict) for s in derivation().steps)
    feedback = replace(derivation(), score=None)
    p1 = replace(hand_in(student, CHAIN).problems[0])
    p2 = samples.problem(samples.CLOSEST, *(rubric("2", n, 1.0, f"line {n}") for n in (1, 2, 10)), number="2")
    p3 = replace(
        samples.problem(written(Verdict.FAILED, "3"), number="3"),
        derivation=replace(derivation(), steps=refuted),
    )
    p4 = replace(samples.problem(samples.check(Verdict.PASSED), number="4"), derivation=feedback)
    p5 = samples.problem(
        samples.check(Verdict.FAULT, name="a::b"), samples.check(Verdict.REVIEW, name="a::c"), number="5"
    )
    return samples.report(p1, p2, p3, p4, p5, student=student, complete=False)


def _random_decisions(rng: random.Random, items: Sequence[Item]) -> list[Decision]:
    made: list[Decision] = []
    for number in range(rng.randrange(1, 25)):
        item = rng.choice(items)
        points, ruling = (
            f"{rng.choice([0, item.max_score, item.max_score / 2])}",
            str(rng.choice(list(Ruling))),
        )
        decision = decision_on(item, points, ruling, "why not", author="J. Doe", made=NOW)
        if made and rng.random() < 0.25:
            gone = rng.choice(made)
            decision = replace(gone, undoes=gone.id, points=None, ruling=None)
        made.append(replace(decision, id=number + 1))
    return made


@pytest.mark.parametrize("seed", range(8))
def test_a_report_is_final_exactly_when_its_queue_is_empty(seed: int) -> None:
    rng, report = random.Random(seed), _everything("alder")
    final = 0
    for _ in range(25):
        decisions = _random_decisions(rng, items_of(report))
        for count in (len(decisions), None):
            board = _board([report], decisions)
            if count is None:  # decide whatever is left
                left = [
                    decision_on(i, "0", "wrong", "so", author="A. Roe", made=NOW)
                    for i in board.queue("open", "")
                ]
                board = _board([report], [*decisions, *(replace(d, id=100 + n) for n, d in enumerate(left))])
            after = board.final(report)
            waiting = board.queue("open", "")
            assert after.complete is (not waiting), [i.name for i in waiting]
            assert 0 <= after.score <= after.max_score == report.max_score
            assert after.score == pytest.approx(sum(p.score for p in after.problems))
            final += after.complete
    assert final >= 25


def test_the_queue_goes_problem_by_problem_over_the_class() -> None:
    board = _board([_everything("beech"), _everything("ash")])
    shown = [
        (i.problem, i.kind, i.id.rpartition("_")[2] if i.kind == "rubric" else "", i.student)
        for i in board.queue("open", "")
    ]
    assert shown == [
        *[("1", kind, "", s) for s in ("ash", "beech") for kind in ("step", "step", "writeup")],
        *[("2", "rubric", n, s) for n in ("1", "2", "10") for s in ("ash", "beech")],
        *[("5", "check", "", s) for _ in "bc" for s in ("ash", "beech")],
    ]
    assert [i.problem for i in board.queue("feedback", "")] == ["3", "3", "4", "4", "4", "4"]


def test_a_failed_write_up_is_open_again_when_a_person_clears_its_wrong_step() -> None:
    report = _everything("ash")
    wrong = next(i for i in items_of(report) if i.verdict == "refuted")
    for ruling in ("right", "uncounted"):
        cleared = replace(decision_on(wrong, "", ruling, "a slip of ours", author="J. Doe", made=NOW), id=1)
        board = _board([report], [cleared])
        assert "hw10/ash/3::writeup" in [i.name for i in board.queue("open", "")]
        assert not board.final(report).complete
        assert [i.name for i in board.queue("mine", "J. Doe")] == [wrong.name] and board.queue(
            "mine", "A. Roe"
        ) == []
    with pytest.raises(UserError, match="reason"):
        decision_on(wrong, "", "right", " ", author="J. Doe", made=NOW)


@pytest.mark.parametrize(
    ("typed", "points"), [("3.33", 10 / 3), ("3,333333", 10 / 3), ("3.32", 3.32), ("0", 0.0), ("1,25", 1.25)]
)
def test_points_are_meant_as_they_are_shown(typed: str, points: float) -> None:
    report = samples.report(samples.problem(rubric("1", 1, 10 / 3, "Says why")))
    assert decision_on(items_of(report)[0], typed, "", "", author="J. Doe", made=NOW).points == points
