"""What people decide is never overwritten, and reports follow it: `Decisions` and `decided`."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from grader.records import (
    Decision,
    Decisions,
    Item,
    Report,
    Ruling,
    Store,
    StoreFault,
    Verdict,
    decided,
    decisions_in,
    items_of,
    outdated,
    standing,
)
from tests.reports import samples
from tests.review.classroom import CHAIN, hand_in

REPORT = hand_in("alder", CHAIN)
NUMBER = iter(range(1, 10_000))


def _item(report: Report, ending: str) -> Item:
    return next(i for i in items_of(report) if i.id.endswith(ending) or i.text == ending)


def _say(
    item: Item, points: float | None = None, ruling: Ruling | None = None, comment: str = "so it is"
) -> Decision:
    return Decision(
        item.assignment, item.student, item.problem, item.id, item.digest, "J. Doe", "2026-11-20T10:00:00+00:00",
        points, ruling, comment, id=next(NUMBER),
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Store(tmp_path / "results.sqlite") as store:
        store.save(REPORT, cache_key="key", run_id="r")
    return tmp_path / "results.sqlite"


def test_without_decisions_a_report_is_what_it_was() -> None:
    other = replace(_say(_item(REPORT, "rubric_1"), 2.0), student="ash")
    assert decided(REPORT, []) is REPORT and decided(REPORT, [other]) is REPORT


def test_points_take_the_place_of_the_graders_and_the_note_says_what_changed() -> None:
    final = decided(REPORT, [_say(_item(REPORT, "rubric_1"), 1.5)])
    check = next(c for c in final.checks if c.id == "2::rubric_1")
    assert (check.verdict, check.score, final.score) == (Verdict.FAILED, 1.5, REPORT.score + 1.5)
    assert (
        "J. Doe" in check.message and "so it is" in check.message and check.evidence["decided_by"] == "J. Doe"
    )
    assert final.problems[1].score == 1.5 and not final.complete
    assert final.decisions == (
        "problem 2, “Says why C is convex”: open → 1.5 of 2 points, decided by J. Doe on 2026-11-20: so it is",
    )
    full = decided(REPORT, [_say(_item(REPORT, "rubric_1"), 2.0), _say(_item(REPORT, "1::writeup"), 4.0)])
    assert full.complete and full.score == REPORT.score + 6 and full.max_score == REPORT.max_score
    assert full.problems[0].derivation is not None and full.problems[0].derivation.score == 4.0


def test_an_override_keeps_what_the_grader_said_and_a_hidden_check_keeps_its_secret() -> None:
    hidden = next(i for i in items_of(REPORT) if samples.SECRET in i.id)
    final = decided(REPORT, [_say(_item(REPORT, "projection::closest"), 2.0), _say(hidden, 7.25)])
    check = next(c for c in final.checks if c.id == "projection::closest")
    assert check.verdict is Verdict.PASSED and check.slip == "" and "the result leaves C" in check.notes[-1]
    assert final.score == REPORT.score + 9.25
    assert "0 → 2 of 2" in final.decisions[0]
    assert "7.25" not in final.decisions[1] and samples.SECRET not in final.decisions[1]


def test_points_for_a_whole_problem_close_it() -> None:
    final = decided(REPORT, [_say(_item(REPORT, "2::total"), 3.0), _say(_item(REPORT, "1::writeup"), 0.0)])
    assert final.complete and final.problems[1].score == 3.0 and final.score == 1.0 + 3.0
    assert {c.verdict for c in final.problems[1].checks} == {Verdict.FAILED, Verdict.SKIPPED}


def test_a_fault_that_a_person_decided_is_none_any_more() -> None:
    broken = samples.report(
        samples.problem(samples.check(Verdict.FAULT), samples.check(Verdict.PASSED, name="b::c"))
    )
    final = decided(broken, [_say(_item(broken, "topic::check"), 1.0)])
    assert broken.faulty and not final.faulty and final.complete and final.score == 2.0


def test_a_wrong_step_costs_the_write_up_and_right_ones_leave_it_to_a_person() -> None:
    undecided, unread = _item(REPORT, "= c"), _item(REPORT, r"= \heartsuit")
    wrong = decided(REPORT, [_say(undecided, ruling=Ruling.WRONG)])
    check, derivation = wrong.problems[0].checks[1], wrong.problems[0].derivation
    assert check.verdict is Verdict.FAILED and "line 5" in check.message and "J. Doe" in check.message
    assert derivation is not None and derivation.steps[1].verdict == "refuted" and not derivation.needs_review
    right = decided(REPORT, [_say(undecided, ruling=Ruling.RIGHT), _say(unread, ruling=Ruling.UNCOUNTED)])
    check, derivation = right.problems[0].checks[1], right.problems[0].derivation
    assert check.verdict is Verdict.REVIEW and not right.complete
    assert derivation is not None and [s.verdict for s in derivation.steps] == [
        "proved",
        "supported",
        "unreadable",
    ]
    assert "not counted, says J. Doe" in derivation.steps[2].reason


def test_a_person_may_overrule_a_refutation() -> None:
    steps = tuple(
        replace(s, verdict="refuted") if s.index == 1 else s for s in REPORT.problems[0].derivation.steps
    )  # type: ignore[union-attr]
    problem = REPORT.problems[0]
    checks = (problem.checks[0], replace(problem.checks[1], verdict=Verdict.FAILED))
    refuted = replace(problem, checks=checks, derivation=replace(problem.derivation, steps=steps))  # type: ignore[type-var]
    report = replace(REPORT, problems=(refuted, REPORT.problems[1]))
    final = decided(report, [_say(_item(report, "= c"), ruling=Ruling.RIGHT)])
    assert final.problems[0].checks[1].verdict is Verdict.REVIEW  # open again: nobody gave the points yet


def test_a_regrade_keeps_what_still_applies_and_says_what_does_not() -> None:
    entries = [_say(_item(REPORT, "rubric_1"), 2.0), _say(_item(REPORT, "= c"), ruling=Ruling.RIGHT)]
    again = replace(REPORT, id="another", started="2027-01-01T00:00:00+00:00")
    assert decided(again, entries).score == decided(REPORT, entries).score and not outdated(again, entries)
    changed = hand_in("alder", CHAIN + "one more line")
    final = decided(changed, entries)
    assert final.score == changed.score
    assert outdated(changed, entries) == entries  # what the step means may have changed elsewhere
    assert _item(changed, "= c").id == _item(REPORT, "= c").id
    assert "earlier hand-in" in final.decisions[-1] and "2 points" in final.decisions[-1]
    assert decided(REPORT, [*entries, _say(_item(changed, "rubric_1"), 0.0)]).score == REPORT.score + 2.0


def test_a_check_that_says_something_else_now_is_decided_anew() -> None:
    entry = _say(_item(REPORT, "projection::closest"), 1.0)
    p1, p2 = REPORT.problems
    fixed = replace(
        p2, checks=(replace(p2.checks[0], verdict=Verdict.PASSED, score=2.0), *p2.checks[1:]), score=2.0
    )
    assert decided(replace(REPORT, problems=(p1, fixed)), [entry]).problems[1].score == 2.0


def test_entries_are_only_ever_added(path: Path) -> None:
    first = replace(_say(_item(REPORT, "rubric_1"), 1.0), id=0)
    with Decisions(path) as kept:
        assert kept.all() == []
        saved = kept.add([(first, 0)]).saved[0]
        over = kept.add([(replace(first, points=2.0), saved.id)]).saved[0]
        back = kept.add([(replace(over, id=0, undoes=over.id, points=None), over.id)]).saved[0]
    entries = decisions_in(path)
    assert entries == [saved, over, back] and [d.points for d in standing(entries).values()] == [1.0]
    assert decided(REPORT, entries).score == REPORT.score + 1.0
    raw = sqlite3.connect(path)
    for statement in ("UPDATE decisions SET record='{}'", "DELETE FROM decisions"):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            raw.execute(statement)
    raw.close()
    assert decisions_in(path) == entries


def test_two_at_once_lose_nothing_and_a_form_sent_twice_counts_once(path: Path) -> None:
    mine = replace(_say(_item(REPORT, "rubric_1"), 1.0), id=0)
    theirs = replace(mine, author="A. Roe", points=0.5)
    with Decisions(path) as one, Decisions(path) as other:
        saved = one.add([(mine, 0)])
        late = other.add([(theirs, 0)])
        twice = one.add([(mine, 0)])
    assert not late.saved and late.conflicts[0].there == saved.saved[0] and late.conflicts[0].wanted == theirs
    assert twice == saved and decisions_in(path) == [*saved.saved]


def test_a_damaged_or_locked_away_list_is_a_fault_and_no_silence(path: Path) -> None:
    with Decisions(path) as kept:
        kept.add([(replace(_say(_item(REPORT, "rubric_1"), 1.0), id=0), 0)])
    raw = sqlite3.connect(path)
    raw.execute(
        "INSERT INTO decisions (assignment, student, item, record) VALUES ('hw10', 'alder', 'x', '{')"
    )
    raw.commit()
    raw.close()
    with pytest.raises(StoreFault, match="damaged"):
        decisions_in(path)


def test_the_same_step_twice_is_two_items() -> None:
    problem = REPORT.problems[0]
    assert problem.derivation is not None
    steps = tuple(replace(problem.derivation.steps[1], index=n) for n in range(3))
    report = replace(
        REPORT, problems=(replace(problem, derivation=replace(problem.derivation, steps=steps)),)
    )
    same = [i for i in items_of(report) if i.kind == "step"][1:]
    assert len({i.id for i in same}) == 2 and len({i.digest for i in same}) == 1
    final = decided(report, [_say(same[1], ruling=Ruling.WRONG)])
    assert final.problems[0].derivation is not None
    assert [s.verdict for s in final.problems[0].derivation.steps] == ["undecided", "undecided", "refuted"]
