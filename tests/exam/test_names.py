"""Functions under another name: a near miss is suggested and never graded, an alias of the sheet counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.bank import Course, read_assignment
from grader.engine import Options, run_handins
from grader.intake import discover
from grader.records import CheckResult, Report, UserError, Verdict
from tests.sandbox.test_definitions_first import notebook
from tests.support.course import REFERENCE, SHEET, write_course, write_handins

MEANT = {
    "slip_of_the_pen": ("def double_al(v):", "double_al (line 11 of solution.py) takes the same arguments"),
    "camel_case": ("def doubleAll(v):", "doubleAll (line 11 of solution.py) takes the same arguments"),
    "no_underscore": ("def DoubleAll(v):", "DoubleAll (line 11"),
    "prefix": ("def ex4_double_all(v):", "ex4_double_all (line 11"),
    "suffix": ("def double_all_v2(v, scale=2.0):", "double_all_v2 (line 11"),
    "prefix_in_camel_case": ("def myDoubleAll(v):", "myDoubleAll (line 11"),
    "abbreviated": ("def double(v):", "double (line 11"),
    "more_arguments": (
        "def doubleAll(v, n):",
        "doubleAll (line 11 of solution.py) does not take 1 argument:",
    ),
    "in_a_class": ("class Solution:\n  def double_all(self, v):", "is inside class Solution: is it meant?"),
    "in_a_function": ("def main():\n  def double_all(v):", "is inside function main: is it meant?"),
}
UNLIKE = {
    "another_function_of_the_sheet": "def unrelated(v):",
    "not_so_near_with_other_arguments": "def double_al(v, w):",
}
OTHER_NAME = {"alias": "twice", "second_alias": "times_two"}


def renamed(head: str) -> str:
    body = '"""Twice v."""\n    return 2.0 * np.asarray(v)'
    return REFERENCE.replace(f"def double_all(v):\n    {body}", f"{head}\n    {body}")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = write_course(tmp_path_factory.mktemp("names"))
    (root / "checks/assignments/hw1.toml").write_text(
        SHEET.replace("[[problem]]", '[aliases]\ndouble_all = ["twice", "times_two"]\n[[problem]]')
    )
    heads = {name: head for name, (head, _) in MEANT.items()} | UNLIKE
    write_handins(root, {name: renamed(head) for name, head in heads.items()})
    write_handins(root, {name: renamed(f"def {other}(v):") for name, other in OTHER_NAME.items()})
    wrong = "\ndef twice(v):\n    return [0.0 for _ in v]\n"
    placeholder = '\ndef double_all(v):\n    """Twice v."""\n    raise NotImplementedError\n'
    write_handins(
        root,
        {
            "both": REFERENCE + wrong,
            "two_aliases": renamed("def twice(v):") + "\ndef times_two(v):\n    return 2 * v\n",
            "placeholder_left": renamed("def twice(v):") + placeholder,
            "wrong_alias": renamed("def unrelated(v):") + wrong,
        },
    )
    write_handins(root, {"in_cells": {"hw.ipynb": ""}})
    cells = REFERENCE.partition("def double_all")
    made = notebook(
        "import numpy as np\n" + cells[0].partition("import numpy as np")[2],
        "def doubleAll" + cells[2].removeprefix("_all"),
    )
    (root / "submissions/hw1/in_cells/hw.ipynb").write_bytes(made)
    return Course(root)


@pytest.fixture(scope="module")
def reports(course: Course) -> Iterator[dict[str, Report]]:
    handins = discover(course.root / "submissions/hw1", course.assignments).handins
    outcome = run_handins(course, handins, Options(jobs=2))
    assert outcome.fault == ""
    yield {r.student: r for r in outcome.reports}


def double(report: Report) -> CheckResult:
    (check,) = (c for c in report.checks if c.id == "square::double")
    return check


@pytest.mark.parametrize("name", MEANT)
def test_a_name_that_may_be_meant_is_said_and_not_graded(reports: dict[str, Report], name: str) -> None:
    check = double(reports[name])
    assert (check.verdict, check.score) == (Verdict.MISSING, 0)
    assert check.message.startswith("there is no function double_all; ")
    assert MEANT[name][1] in check.message
    assert "is it meant?" in check.message


@pytest.mark.parametrize("name", UNLIKE)
def test_nothing_is_suggested_that_is_not_like_it(reports: dict[str, Report], name: str) -> None:
    assert double(reports[name]).message == "there is no function double_all"


def test_in_a_notebook_the_cell_is_named(reports: dict[str, Report]) -> None:
    assert "doubleAll (line 1 of cell 2) takes the same arguments" in double(reports["in_cells"]).message


@pytest.mark.parametrize("name", [*OTHER_NAME, "placeholder_left"])
def test_an_alias_of_the_sheet_counts_with_a_note(reports: dict[str, Report], name: str) -> None:
    report, other = reports[name], OTHER_NAME.get(name, "twice")
    assert report.score == 10
    assert f"{other} counts as double_all: the sheet takes this name too" in report.notes


def test_a_definition_wins_over_an_alias_and_two_aliases_are_said(reports: dict[str, Report]) -> None:
    assert reports["both"].score == 10
    assert reports["both"].notes == ()
    check = double(reports["two_aliases"])
    assert check.verdict is Verdict.MISSING
    assert "twice and times_two may be it: keep one of them" in check.message


def test_a_wrong_answer_under_an_alias_is_shown_with_the_name_that_replays_it(
    reports: dict[str, Report],
) -> None:
    check = double(reports["wrong_alias"])
    assert check.verdict is Verdict.FAILED
    assert check.counterexample is not None
    assert "from solution import twice" in check.counterexample.replay


def test_other_aliases_are_another_question(course: Course) -> None:
    handins = [
        h
        for h in discover(course.root / "submissions/hw1", course.assignments).handins
        if h.student == "alias"
    ]
    plain = replace(course.assignment("hw1"), aliases={})
    outcome = run_handins(course, handins, Options(), assignments={"hw1": plain})
    assert double(outcome.reports[0]).verdict is Verdict.MISSING


@pytest.mark.parametrize(
    "table", ["aliases = 3", "[aliases]\nf = 1", "[aliases]\nf = ['a b']", "[aliases]\nf = 'h'\ng = ['h']"]
)
def test_aliases_that_are_none_are_refused_in_one_line(tmp_path: Path, table: str) -> None:
    (tmp_path / "hw.toml").write_text(f"{table}\n[[problem]]\nnumber = '1'\ntopic = 't'\n")
    with pytest.raises(UserError, match=r"\[aliases\]"):
        read_assignment(tmp_path / "hw.toml")
