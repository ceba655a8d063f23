"""The summary of a run in a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from grader.records import Verdict
from grader.reports import class_table, decided_max, gradebook_csv

from . import samples


def _row(text: str, student: str) -> list[str]:
    return next(line.split() for line in text.splitlines() if line.split()[:1] == [student])


def test_each_student_has_scores_total_and_hints() -> None:
    passed, slow = samples.check(Verdict.PASSED), samples.check(Verdict.TIMEOUT)
    reports = [
        samples.report(samples.problem(passed), samples.problem(passed, slow, number="2"), student="oak"),
        samples.report(samples.problem(slow), samples.problem(passed, passed, number="2"), student="elm"),
    ]
    text = class_table(samples.run(), reports, width=100)
    assert _row(text, "oak") == ["oak", "1", "1", "2", "timeout", "2"]
    assert _row(text, "elm") == ["elm", "0", "2", "2", "timeout", "1"]
    assert _row(text, "mean,") == ["mean,", "%", "50", "75", "66.7"]
    assert text.index("elm") < text.index("oak")


def test_a_fault_is_no_zero() -> None:
    good, bad = samples.check(Verdict.PASSED), samples.check(Verdict.FAULT)
    reports = [
        samples.report(samples.problem(good), samples.problem(bad, number="2"), student="oak"),
        samples.report(samples.problem(good), samples.problem(good, number="2"), student="elm"),
    ]
    text = class_table(samples.run(), reports)
    assert _row(text, "oak") == ["oak", "1", "–", "–", "fault", "2"]
    assert "mean 100 %" in text and "the grader itself failed" in text


def test_what_waits_for_a_person_is_no_zero_and_costs_nothing() -> None:
    good, open_ = samples.check(Verdict.PASSED), samples.check(Verdict.REVIEW)
    reports = [
        samples.report(samples.problem(good), samples.problem(open_, number="2"), student=s)
        for s in ("oak", "elm")
    ]
    text = class_table(samples.run(), reports)
    assert _row(text, "oak") == ["oak", "1", "–", "1", "review", "2"]
    assert _row(text, "mean,") == ["mean,", "%", "100", "–", "100"]
    assert decided_max(reports[0]) == 1 and "1,–" not in gradebook_csv(reports)
    assert gradebook_csv(reports).splitlines()[1].endswith(",1,")
    half = samples.report(samples.problem(good, open_))
    assert _row(class_table(samples.run(), [half]), "alder")[1:3] == ["1", "1"]


def test_order_of_the_reports_does_not_matter() -> None:
    reports = samples.class_of_hw10()
    assert class_table(samples.run(), reports) == class_table(samples.run(), reports[::-1])


@pytest.mark.parametrize("width", [30, 45, 60, 75, 96, 140, 300])
def test_the_table_fits_and_names_everybody(width: int) -> None:
    text = class_table(samples.run(), samples.class_of_hw10(), width=width, max_width=120)
    assert max(map(cell_len, text.splitlines())) <= min(width, 120)
    assert all(re.search(rf"\b{student}\b", text) for student in samples.STUDENTS)
    assert "timeout" in text and "review" in text and "fault" in text


def test_columns_stay_under_their_heads_whatever_students_are_called() -> None:
    names = ["oak", "学生" * 5, "e\u0301" * 6, "a name that is longer than there is room for it"]
    right = samples.problem(samples.check(Verdict.PASSED))
    reports = [samples.report(right, replace(right, number="2"), student=name) for name in names]
    lines = class_table(samples.run(), reports, width=100).splitlines()
    rows = [line for line in lines if line.endswith("2") and "/" not in line]
    assert len(rows) == len(names)
    ends = {tuple(cell_len(row[: m.end()]) for m in re.finditer(r"(?<= )[12](?= |$)", row)) for row in rows}
    assert len(ends) == 1
    assert {cell_len(row) for row in rows} == {cell_len(next(line for line in lines if line.endswith("/2")))}


def test_colour_changes_no_character() -> None:
    for width in (40, 100):
        plain = class_table(samples.run(), samples.class_of_hw10(), width=width)
        colored = class_table(samples.run(), samples.class_of_hw10(), width=width, color=True)
        assert "\x1b[" in colored
        bare = re.sub(r"\x1b\[[0-9;]*m", "", colored)
        assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()


def test_what_could_not_be_graded_and_weak_isolation_are_said() -> None:
    run = samples.run(isolation="L1", missing=("hw10/yew: nothing in it",))
    text = class_table(run, samples.class_of_hw10())
    assert "not graded: hw10/yew: nothing in it" in text and "ISOLATION L1" in text


def test_an_empty_run_is_said_to_be_empty() -> None:
    assert "No hand-in was graded." in class_table(samples.run(), [])


def test_assignments_have_tables_of_their_own() -> None:
    passed = samples.problem(samples.check(Verdict.PASSED))
    reports = [samples.report(passed), samples.report(passed, assignment="hw8")]
    text = class_table(samples.run(titles={"hw8": "Eight"}), reports)
    assert text.index("hw10") < text.index("hw8 · Eight")
    assert text.count("1 hand-in;") == 2


def test_hostile_names_stay_text() -> None:
    text = class_table(samples.run(missing=(samples.HOSTILE,)), [samples.hostile()], width=200)
    assert "\x1b" not in text and "\u202e" not in text and "[a](b)" in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    markup = samples.report(samples.problem(samples.check(Verdict.PASSED)), student="[bold]x[/bold] :smile:")
    assert "[bold]x[/bold] :smile:" in class_table(samples.run(), [markup])


def test_a_giant_class_title_wraps() -> None:
    run = samples.run(titles={"hw10": "long " * 80})
    assert max(map(cell_len, class_table(run, samples.class_of_hw10(), width=50).splitlines())) <= 50


def test_a_report_without_problems_has_no_share() -> None:
    text = class_table(samples.run(), [replace(samples.report(), student="oak")])
    assert _row(text, "oak") == ["oak", "0"]
