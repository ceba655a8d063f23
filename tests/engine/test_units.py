"""Only what a change touches is examined again, and the reports are the same however the work was cut up."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.bank import Course
from grader.engine import (
    Options,
    Unit,
    UnitResult,
    fitting_jobs,
    free_memory_mb,
    run_handins,
    run_units,
    server_setup,
)
from grader.engine._order import Job, Line, jobs_of
from grader.exam import choose_level
from grader.intake import read_source
from grader.records import Report, Store, Verdict, plain
from grader.sandbox import Limits
from tests.support.two_topics import TOPICS, examined, hand_in, hand_ins, solution, write_course

NAMES = ("ann", "bob", "cem")
EVERYTHING = Counter(f"{topic} {name}" for topic in TOPICS for name in NAMES)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = write_course(tmp_path / "course")
    for name in NAMES:
        hand_in(course.root, name)
    return course


def run(course: Course, **options: Any) -> dict[str, Report]:
    with Store(course.root / "out" / "results.sqlite") as store:
        outcome = run_handins(course, hand_ins(course), Options(**{"jobs": 1, **options}), store=store)
    assert outcome.fault == ""
    return {r.student: r for r in outcome.reports}


def timeless(report: Report) -> dict[str, Any]:
    checked = [replace(p, checks=tuple(replace(c, duration_s=0) for c in p.checks)) for p in report.problems]
    found: dict[str, Any] = plain(replace(report, problems=tuple(checked), started="", duration_s=0))
    return found


def test_only_what_a_change_touches_is_examined_again(course: Course) -> None:
    before = run(course)
    assert examined(course) == EVERYTHING
    assert run(course) == before
    assert examined(course) == Counter()

    checks = course.checks_file("second")
    checks.write_text(checks.read_text() + "\n# another word\n")
    run(course)
    assert examined(course) == Counter(f"second {name}" for name in NAMES)

    hand_in(course.root, "bob", solution("bob", second="x"))
    changed = run(course)
    assert examined(course) == Counter(f"{topic} bob" for topic in TOPICS)
    assert {n: r.score for n, r in changed.items()} == {"ann": 20, "bob": 12.5, "cem": 20}

    sheet = course.root / "checks/assignments/hw1.toml"
    sheet.write_text(sheet.read_text().replace("points = 10", "points = 4"))
    course = Course(course.root)
    dearer = run(course)
    assert examined(course) == Counter()
    assert {n: (r.score, r.max_score) for n, r in dearer.items()} == {
        "ann": (8, 8),
        "bob": (5, 8),
        "cem": (8, 8),
    }

    again = run(course, fresh=True, jobs=4)
    assert examined(course) == EVERYTHING
    assert {n: timeless(r) for n, r in again.items()} == {n: timeless(r) for n, r in dearer.items()}


def test_what_was_examined_of_a_hand_in_is_not_lost_with_the_rest(course: Course) -> None:
    """As after a kill between two topics: the first one's result is in the store, the report is not."""
    run(course)
    examined(course)
    with sqlite3.connect(course.root / "out" / "results.sqlite") as db:
        db.execute("DELETE FROM reports")
        db.execute("DELETE FROM units WHERE topic = 'second' AND student = 'cem'")
        db.execute("UPDATE units SET record = 'nonsense' WHERE topic = 'first' AND student = 'ann'")
    assert {r.score for r in run(course).values()} == {20}
    assert examined(course) == Counter(["second cem", "first ann"])


def test_a_part_of_the_topics_is_kept_for_the_whole(course: Course) -> None:
    run(course, only=("first",))
    examined(course)
    assert {r.max_score for r in run(course).values()} == {20}
    assert examined(course) == Counter(f"second {name}" for name in NAMES)


def test_a_hand_in_that_does_not_load_is_the_same_in_one_piece_and_in_two(course: Course) -> None:
    hand_in(course.root, "ann", solution("ann", top="import nowhere"))
    hand_in(course.root, "bob", solution("bob", top="while True: pass"))
    for name in NAMES[2:]:
        (course.root / "submissions/hw1" / name / "solution.py").unlink()
    limits = Limits(load_s=2.0)
    whole = run(course, limits=limits, fresh=True)
    halves = run(course, limits=limits, fresh=True, jobs=8)
    verdicts = {n: {c.verdict for c in r.checks} for n, r in whole.items() if r.submission.files}
    assert verdicts == {"ann": {Verdict.ERROR}, "bob": {Verdict.TIMEOUT}}
    assert {n: timeless(r) for n, r in whole.items()} == {n: timeless(r) for n, r in halves.items()}


def test_units_can_be_run_anywhere_as_plain_data(course: Course) -> None:
    path = course.root / "submissions/hw1/ann"
    options = Options(jobs=1)
    setup = server_setup(course, TOPICS, options, choose_level(), ())
    units = [Unit("k", "hw1", "ann", topic, str(path), read_source(path).digest, 0) for topic in TOPICS]
    setup, units = json.loads(json.dumps(setup)), [Unit(**json.loads(json.dumps(plain(u)))) for u in units]
    results = list(run_units(setup, units))
    assert [(r.topic, r.sound, {c.verdict for c in r.checks}) for r in results] == [
        (topic, True, {Verdict.PASSED}) for topic in TOPICS
    ]
    hand_in(course.root, "ann", solution("another"))
    changed = list(run_units(setup, units))
    assert all(not r.sound and "changed" in r.broken for r in changed)


def _units(handin: int, *topics: str) -> list[Unit]:
    return [Unit(f"{handin}{t}", "a", str(handin), t, "p", "d", 0) for t in topics]


def test_quick_work_comes_first_and_slow_work_never_waits_alone_at_the_end() -> None:
    waiting = {n: _units(n, "t", "u") for n in range(6)}
    known = {**{f"{n}{t}": 0.1 + n / 10 for n in range(6) for t in "tu"}, "0t": 40.0, "4u": 90.0}
    jobs = jobs_of(waiting, lambda unit: known.get(unit.key), 2)
    line = Line(jobs, 2)
    order: list[Job] = []
    while line:
        order.append(line.take(slow_running=0 if len(order) in (0, 4) else 1))
    assert sorted(u.key for j in order for u in j.units) == sorted(
        u.key for units in waiting.values() for u in units
    )
    assert [(j.handin, j.slow) for j in order] == [
        (4, True), (0, False), (1, False), (4, False), (0, True), (2, False), (3, False), (5, False),
    ]  # fmt: skip


def test_where_there_are_fewer_hand_ins_than_processors_a_hand_in_is_shared() -> None:
    assert [len(j.units) for j in jobs_of({0: _units(0, "t", "u", "v")}, lambda unit: None, 2)] == [1, 1, 1]
    assert [len(j.units) for j in jobs_of({0: _units(0, "t", "u", "v")}, lambda unit: None, 1)] == [3]


@pytest.mark.parametrize(("free", "jobs"), [(None, 8), (40_000, 8), (14_000, 3), (3_000, 1), (0, 1)])
def test_no_more_at_a_time_than_memory_allows(free: int | None, jobs: int) -> None:
    assert fitting_jobs(8, 4096, free) == jobs


def test_the_limit_of_a_control_group_counts(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    assert free_memory_mb(tmp_path) is None
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   8388608 kB\n")
    assert free_memory_mb(tmp_path) == 8192
    (tmp_path / "sys/fs/cgroup/memory.max").write_text("max\n")
    (tmp_path / "sys/fs/cgroup/memory.current").write_text(f"{1 << 30}\n")
    assert free_memory_mb(tmp_path) == 8192
    (tmp_path / "sys/fs/cgroup/memory.max").write_text(f"{3 << 30}\n")
    assert free_memory_mb(tmp_path) == 2048


def test_a_result_with_a_fault_is_not_kept() -> None:
    assert UnitResult("t").sound
    assert not UnitResult("t", broken="it ended").sound
