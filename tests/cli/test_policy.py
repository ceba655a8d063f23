"""Rules of a sheet from the file to every output: late by file time or by the platform, changed without grading again."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import grader
from tests.support.course import REFERENCE, SHEET, write_course, write_handins

DUE = datetime(2030, 11, 20, 12, tzinfo=UTC)
RULES = """
[policy]
due = 2030-11-20T13:00:00+01:00
late = { per_day = "8%", grace = "15m", last = "5d", after = "refused" }
rounding = 0.5
"""


def write_rules(course: Path, rules: str) -> None:
    (course / "checks/assignments/hw1.toml").write_text(
        SHEET.replace("[[problem]]", f"{rules}\n[[problem]]", 1)
    )


def touch(course: Path, name: str, *, days: float) -> None:
    moment = DUE.timestamp() + 86400 * days
    os.utime(course / "submissions/hw1" / name / "solution.py", (moment, moment))


def run(course: Path, *arguments: str) -> dict[str, Any]:
    done = grader("run", "submissions", "--json", "-", *arguments, cwd=course)
    assert done.returncode == 0, done.stderr
    return {r["student"]: r for r in json.loads(done.stdout)["reports"]}


def graded_at(course: Path) -> dict[str, str]:
    with sqlite3.connect(course / "grader-out/results.sqlite") as store:
        rows = store.execute("SELECT student, record FROM reports").fetchall()
    return {
        student: json.loads(record)["started"] + str(json.loads(record)["duration_s"])
        for student, record in rows
    }


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_course(tmp_path_factory.mktemp("ruled"))
    half = REFERENCE.replace("return 2.0 *", "return 3.0 *")
    write_handins(root, {"ann": REFERENCE, "bob": half, "cem": REFERENCE, "dan": REFERENCE})
    for name, days in (("ann", -1), ("bob", 1.5), ("cem", 9), ("dan", 0.01)):
        touch(root, name, days=days)
    return root


def test_changed_rules_settle_what_is_kept_and_grade_nothing_again(course: Path) -> None:
    plain = run(course)
    assert all(r["adjustments"] == [] and r["settlement"] is None for r in plain.values())
    graded, ids = graded_at(course), {name: r["id"] for name, r in plain.items()}
    write_rules(course, RULES)
    ruled = run(course)
    assert {name: r["score"] for name, r in ruled.items()} == {"ann": 10, "bob": 6.5, "cem": 0, "dan": 10}
    assert graded_at(course) == graded
    assert {name: r["id"] for name, r in ruled.items()} == ids
    bob = ruled["bob"]
    assert [line["rule"] for line in bob["adjustments"]] == ["late", "rounding"]
    assert "1 d 12 h late: 8% of the points for each started day (2)" in bob["adjustments"][0]["text"]
    assert bob["problems"] == plain["bob"]["problems"]
    assert bob["settlement"]["handed_in"] == {
        "time": "2030-11-22T00:00:00+00:00",
        "by": "file",
        "marked_late": None,
    }
    told = grader("diff", "previous", "last", cwd=course).stdout
    assert "policy::late" in told
    assert "the rules of the sheet" in told
    assert graded_at(course) == graded
    fresh = run(course, "--fresh")
    assert {name: (r["score"], r["adjustments"]) for name, r in fresh.items()} == {
        name: (r["score"], r["adjustments"]) for name, r in ruled.items()
    }


def test_every_output_says_what_a_rule_took(course: Path) -> None:
    write_rules(course, RULES)
    run(course)
    out = course / "grader-out"
    late, time = "1 d 12 h late", "Handed in 2030-11-22 01:00 +01:00 (by file time)"
    for text in ((out / "hw1/bob.html").read_text(), (out / "hw1/bob.md").read_text().replace("\\", "")):
        assert late in text
        assert time in text
    shown = grader("report", "--format", "text", "--student", "bob", cwd=course).stdout
    assert time in shown
    assert "−1.6" in shown
    assert "late −1.6" in (out / "report.html").read_text()
    assert "late −1.6" in grader("report", "--format", "table", cwd=course).stdout
    rows = {row["student"]: row for row in csv.DictReader((out / "gradebook.csv").open(newline=""))}
    assert (rows["bob"]["earned"], rows["bob"]["rule late"], rows["bob"]["score"]) == ("8", "-1.6", "6.5")
    assert rows["cem"]["status"] == "refused"
    grader("export", "gradescope", "--student", "bob", "--into", "results.json", cwd=course)
    results = json.loads((course / "results.json").read_text())
    assert results["score"] == 6.5
    assert late in results["output"]


def test_sheets_of_platforms_get_the_score_and_the_reason(course: Path) -> None:
    write_rules(course, RULES + "excused = { ann = true }\nextensions = { bob = '3d', nobody = '1d' }\n")
    done = grader("run", "submissions", "-q", cwd=course)
    assert "[policy] names nobody, of whom there is no hand-in" in done.stderr
    (course / "canvas.csv").write_text(
        "Student,ID,SIS Login ID,Section,A test sheet (77)\n    Points Possible,,,,10\n"
        "Ann,1,ann,S,\nBob,2,bob,S,\nCem,3,cem,S,\nDan,4,dan,S,\n"
    )
    exported = grader("export", "canvas", "--into", "canvas.csv", cwd=course)
    rows = {row[2]: row[4] for row in csv.reader((course / "canvas.csv").open(newline=""))}
    assert (rows["ann"], rows["bob"], rows["cem"], rows["dan"]) == ("EX", "8", "", "10")
    assert "'cem'" not in exported.stderr
    assert "cem: came after the last moment" in exported.stderr
    (course / "moodle.csv").write_text(
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Feedback comments\n"
        "Participant 1,Bob,bob,,,10,\n"
    )
    grader("export", "moodle", "--into", "moodle.csv", cwd=course)
    (row,) = csv.DictReader((course / "moodle.csv").open(newline=""))
    assert row["Grade"] == "8"
    assert "with an extension" in row["Feedback comments"]


def test_times_of_a_platform_count_and_a_mark_without_a_time_costs_nothing(tmp_path: Path) -> None:
    course = write_course(tmp_path)
    write_rules(course, RULES)
    rows = "".join(
        f"submission_{n}:\n  :submitters:\n  - {{':name': S{n}, ':sid': '{n}'}}\n  :created_at: 2030-11-{day} 10:00:00 Z\n"
        for n, day in ((1, 20), (2, 21))
    )
    files = {
        "submission_metadata.yml": rows,
        "submission_1/solution.py": REFERENCE,
        "submission_2/solution.py": REFERENCE,
    }
    for name, content in (("g.zip", files), ("c.zip", {"doejane_LATE_7_100_solution.py": REFERENCE})):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, text in content.items():
                archive.writestr(path, text)
        (course / name).write_bytes(buffer.getvalue())
        assert grader("collect", name, "-a", "hw1", cwd=course).returncode == 0
    reports = run(course)
    assert {name: r["score"] for name, r in reports.items()} == {"S1_1": 10, "S2_2": 9, "doejane_7": 10}
    assert reports["S2_2"]["settlement"]["handed_in"]["by"] == "gradescope"
    text = (course / "grader-out/hw1/doejane_7.md").read_text().replace("\\", "")
    assert "is not known, and Canvas marks it late; it counts as on time" in text
