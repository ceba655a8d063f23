"""What a regrade changed."""

from __future__ import annotations

import json
from dataclasses import replace

from grader.records import Submission, SubmittedFile, Verdict
from grader.reports import compare, diff_json, diff_text

from . import samples

GOOD = samples.problem(samples.check(Verdict.PASSED, name="t::a"), samples.check(Verdict.PASSED, name="t::b"))
BAD = samples.problem(samples.check(Verdict.PASSED, name="t::a"), samples.check(Verdict.FAILED, name="t::b"))


def test_the_same_results_have_no_difference_whatever_they_took() -> None:
    reports = samples.class_of_hw10()
    later = [replace(r, id="other", started="2025-01-01T00:00:00+00:00", duration_s=99.0) for r in reports]
    found = compare(reports, reversed(later))
    assert (found.changed, found.unchanged) == ((), 20)
    assert diff_text(found) == "0 changed, 20 as before.\n"


def test_a_change_says_who_which_check_by_how_much_and_why() -> None:
    old = samples.report(GOOD, student="oak")
    new = replace(samples.report(BAD, student="oak"), environment=replace(samples.ENVIRONMENT, numpy="3.0"))
    text = diff_text(compare([old], [new]))
    assert "hw10 · oak  2/2 -> 1/2  (−1)" in text
    assert (
        "numpy 2.4.1 -> 3.0" in text and "t::b: passed -> failed (−1)" in text and "because of failed" in text
    )
    assert "t::a" not in text and "1 changed, 0 as before; 0 went up, 1 down, median −1." in text
    document = json.loads(diff_json(compare([old], [new])))
    assert document["schema_version"] == 1 and document["changed"][0]["checks"][0]["points"] == -1


def test_causes_tell_a_new_hand_in_from_new_checks() -> None:
    old, new = samples.report(BAD), samples.report(GOOD)
    (change,) = compare([old], [new]).changed
    assert change.causes == ("the checks, their points or the grader changed; the hand-in is the same",)
    files = (SubmittedFile("solution.py", "cd" * 32), SubmittedFile("helper.py", "00" * 32))
    (change,) = compare([old], [replace(new, submission=Submission(files, "folder"))]).changed
    assert change.causes == ("the hand-in changed: solution.py", "handed in besides: helper.py")


def test_who_came_and_who_went_is_said() -> None:
    both = [samples.report(GOOD, student=name) for name in ("ash", "elm")]
    text = diff_text(compare(both[:1], both[1:]))
    assert "ash  2/2 -> gone  (−2)" in text and "elm  new -> 2/2  (+2)" in text


def test_new_points_of_a_check_are_a_change_with_a_reason() -> None:
    double = samples.problem(replace(GOOD.checks[0], score=2.0, max_score=2.0), GOOD.checks[1])
    text = diff_text(compare([samples.report(GOOD)], [samples.report(double)]))
    assert "worth 2 instead of 1 points" in text and "t::b" not in text


def test_a_write_up_that_is_judged_otherwise_is_a_change() -> None:
    written = samples.derivation()
    better = replace(written, goal_reached=True, score=1.0)
    reports = [samples.report(replace(GOOD, number="3", derivation=d)) for d in (None, written, better)]
    text = diff_text(compare(reports[1:2], reports[2:]))
    assert "3::derivation: goal undecided, 1 proved, 1 refuted, 1 unreadable -> goal reached" in " ".join(
        text.split()
    )
    assert "Derivation in writeup.tex" in text
    assert "3::derivation: not there -> goal undecided" in diff_text(compare(reports[:1], reports[1:2]))


def test_a_fault_is_no_loss_of_known_points() -> None:
    fault = samples.problem(samples.check(Verdict.FAULT, name="t::a"), GOOD.checks[1])
    text = diff_text(compare([samples.report(GOOD)], [samples.report(fault)]))
    assert "2/2 -> –/2" in text and "passed -> fault" in text


def test_hostile_text_stays_text() -> None:
    text = diff_text(compare([], [samples.hostile()]), color=True, width=60)
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert "\x1b]" not in text and "\u202e" not in text and "<script>" in text
