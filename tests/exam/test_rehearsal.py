"""Rehearsals in the examination server save time and change nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grader.bank import Course, find_course
from grader.engine import Options, run_handins
from grader.exam import _rehearsal
from grader.exam._desk import Desk
from grader.exam._rehearsal import Rehearsals
from grader.intake import discover
from grader.records import Kind, Report, Verdict
from tests.support.course import CHECKS, REFERENCE, write_course, write_handins

WRONG = REFERENCE.replace("return x * x", "return x * x + (x > 2)")


def _verdicts(report: Report) -> list[tuple[str, Verdict, str, str]]:
    checks = [c for p in report.problems for c in p.checks]
    return [(c.id, c.verdict, c.message, str(c.counterexample)) for c in checks]


def test_after_some_hand_ins_the_server_rehearses_once_and_verdicts_stay_the_same(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    who = tmp_path / "who"
    path = root / "checks" / "square.py"
    noted = f'"""Squares two numbers."""\n    import os; open({str(who)!r}, "a").write(f"{{os.getpid()}}\\n")\n'
    path.write_text(CHECKS.replace('"""Squares two numbers."""\n', noted))
    write_handins(root, {f"s{i}": WRONG if i % 3 == 2 else REFERENCE for i in range(12)})
    course = find_course(root / "submissions" / "hw1")
    found = discover(root / "submissions" / "hw1", course.assignments).handins
    outcome = run_handins(course, found, Options(jobs=1))
    pids = who.read_text().split()
    assert (len(pids), len(set(pids))) == (30, 13)  # two rows for twelve hand-ins and the reference; the four wrong ones are asked once more
    reports = {r.student: _verdicts(r) for r in outcome.reports}
    assert reports["s11"] == reports["s2"] != reports["s0"]
    assert all(reports[f"s{i}"] == reports[f"s{i % 3}"] for i in range(12))


def test_a_rehearsal_that_fails_or_does_not_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_rehearsal, "_PATIENCE_S", 0.2)
    root = write_course(tmp_path)
    path = root / "checks" / "square.py"
    endless = CHECKS.replace('"""Doubles every entry."""\n', '"""Doubles every entry."""\n    while True:\n        pass\n')
    path.write_text(endless.replace('"""Squares two numbers."""\n', '"""Squares two numbers."""\n    1 / 0\n'))
    course = Course(root)
    desk = Desk(course, corpora=None)
    exams = [desk.prepare(spec, course.topic("square")) for spec in course.checks("square")]
    rehearsals = Rehearsals(desk, exams)
    started = time.monotonic()
    for _ in range(3):
        assert rehearsals.done
        rehearsals.forked(["square"])
    rehearsed = [exam for exam in exams if exam.spec.kind is not Kind.STATISTICAL]
    assert [rehearsals.step() for _ in rehearsed] == [False] * (len(rehearsed) - 1) + [True]
    assert rehearsals.done
    assert time.monotonic() - started < 60
    assert desk.memo.known
    assert not desk.memo.news()


def test_while_the_sandbox_starts_all_checks_are_rehearsed_but_statistical_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_rehearsal, "processors", lambda: 2)
    root = write_course(tmp_path)
    course = Course(root)
    desk = Desk(course, corpora=None)
    exams = [desk.prepare(spec, course.topic("square")) for spec in course.checks("square")]
    rehearsals = Rehearsals(desk, exams)
    rehearsals.meanwhile(lambda: False)
    assert not desk.memo.known
    rehearsals.meanwhile(lambda: True)
    assert desk.memo.known
    assert any(exam.spec.kind is Kind.STATISTICAL for exam in exams)
    for _ in range(6):
        rehearsals.forked(["square"])
    assert rehearsals.done
