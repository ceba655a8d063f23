"""One worker serves all topics of a hand-in, and still what one topic's calls leave behind costs no other topic anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.engine import Options, run_handins
from grader.records import CheckResult, Report
from grader.sandbox import Limits
from tests.support.two_topics import hand_in, hand_ins, write_course

TOP = """import os, sys, warnings
touched = []

def who():
    return "anybody"

def first_value(x):
    touched.append(x)
    {leaves}
    return x + 1

def deep(n):
    return 0 if n == 0 else deep(n - 1)

def second_value(x):
    {meets}
    return x + 1
"""
LEFT = {
    "a_flag": ("pass", "if touched: return x + 2"),
    "warnings_as_errors": ("warnings.simplefilter('error')", "warnings.warn('look')"),
    "a_low_recursion_limit": ("sys.setrecursionlimit(120)", "deep(200)"),
    "what_ends_the_process": ("pass", "if touched: os._exit(3)"),
    "what_never_ends": ("pass", "while touched: pass"),
    "a_closed_door": ("os.chdir('/')", "open('solution.py').close()"),
}


def graded(root: Path, text: str, *, only: tuple[str, ...] = ()) -> Report:
    """The report on one hand-in."""
    course = write_course(root)
    hand_in(root, "anybody", text)
    options = Options(limits=Limits(call_s=1.0), jobs=1, only=only, fresh=True)
    return run_handins(course, hand_ins(course), options).reports[0]


def checks(report: Report) -> dict[str, CheckResult]:
    """All of its results, by id."""
    return {c.id: c for p in report.problems for c in p.checks}


@pytest.mark.parametrize("name", LEFT)
def test_what_one_topic_leaves_behind_costs_the_next_one_nothing(tmp_path: Path, name: str) -> None:
    leaves, meets = LEFT[name]
    found = checks(graded(tmp_path, TOP.format(leaves=leaves, meets=meets)))
    assert [(c.id, c.verdict.value, c.message) for c in found.values() if c.score < c.max_score] == []


@pytest.mark.parametrize(
    "meets",
    ["return x + 2", "return x / 0", "os._exit(3)", "touched.append(1)\n    if len(touched) % 2 == 0: return 0.0", "return x + (x > 2)"],
    ids=["wrong", "raises", "ends", "by_turns", "wrong_once"],
)
def test_a_topic_ends_the_same_with_and_without_the_others(tmp_path: Path, meets: str) -> None:
    text = TOP.format(leaves="pass", meets=meets)
    (tmp_path / "all").mkdir()
    (tmp_path / "one").mkdir()
    among, alone = checks(graded(tmp_path / "all", text)), checks(graded(tmp_path / "one", text, only=("second",)))
    assert any(c.score < c.max_score for c in alone.values())
    for name, result in alone.items():
        other = among[name]
        assert (other.verdict, other.score, other.message) == (result.verdict, result.score, result.message)
        assert other.counterexample == result.counterexample


def test_an_answer_that_depends_on_earlier_calls_of_its_topic_is_wrong_and_said_so(tmp_path: Path) -> None:
    found = checks(graded(tmp_path, TOP.format(leaves="pass", meets="seen = len([t for t in touched if t == -1]); touched.append(-1)\n    if seen: return 0.0")))
    wrong = found["second::value"]
    assert (wrong.verdict.value, wrong.score) == ("failed", 0.0)
    assert "depends on earlier calls" in wrong.message


def test_an_error_of_one_topic_tells_nothing_that_another_topic_was_asked(tmp_path: Path) -> None:
    meets = "raise ValueError('they asked for ' + repr(touched))"
    found = checks(graded(tmp_path, TOP.format(leaves="pass", meets=meets)))
    wrong = found["second::value"]
    assert wrong.verdict.value == "error"
    assert "they asked for []" in wrong.message
