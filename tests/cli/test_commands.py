"""The commands as users type them: output, files, exit codes."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.course import REFERENCE, write_course, write_handins
from tests.support.processes import still_there

WRONG = REFERENCE.replace("return x * x", "return 2 * x")
LOOP = REFERENCE.replace("return x * x", "while True: pass")
CLASS: dict[str, Any] = {
    "ann": REFERENCE,
    "bob": WRONG,
    "eve": REFERENCE.replace("return x * x", "import os; os._exit(0)"),
    "zoe, =1+1 <b>": REFERENCE,
}


def grader(*arguments: str | Path, cwd: Path, **extra: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", **extra.pop("env", {})}
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=240, check=False, **extra
    )


def scores(document: dict[str, Any]) -> dict[str, float]:
    return {r["student"]: r["score"] for r in document["reports"]}


def timeless(text: str) -> str:
    text = re.sub(r'"(started|duration_s)": ("[^"]*"|[0-9.e-]+)', r'"\1": 0', text)
    return re.sub(r'("run": \{\s*"id": )"[0-9a-f]+"', r'\1"x"', text)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_course(tmp_path_factory.mktemp("course"))
    write_handins(root, CLASS)
    return root


@pytest.fixture(scope="module")
def first_run(course: Path) -> Iterator[subprocess.CompletedProcess[str]]:
    yield grader("run", "submissions", "--json", "a.json", "--junit", "j.xml", "--csv", "g.csv", cwd=course)


def test_run_prints_a_table_and_where_the_report_is(first_run: subprocess.CompletedProcess[str]) -> None:
    assert first_run.returncode == 0, first_run.stderr
    assert "grader-out/report.html" in first_run.stdout
    assert all(name in first_run.stdout for name in ("ann", "bob", "eve"))


def test_run_writes_every_report(first_run: subprocess.CompletedProcess[str], course: Path) -> None:
    out = course / "grader-out"
    expected = ["report.html", "gradebook.csv", "results.sqlite", "hw1/ann.html", "hw1/ann.json", "hw1/ann.md"]
    assert [name for name in expected if not (out / name).is_file()] == []
    assert (course / "j.xml").read_text().startswith("<?xml")
    rows = list(csv.reader((course / "g.csv").open(newline="")))
    assert len(rows) == 1 + len(CLASS)


def test_the_json_follows_the_contract(first_run: subprocess.CompletedProcess[str], course: Path) -> None:
    document = json.loads((course / "a.json").read_text())
    assert document["schema_version"] == 1
    assert scores(document)["ann"] == 10
    report = document["reports"][0]
    wanted = {"id", "assignment", "student", "submission", "score", "max_score", "complete", "problems", "notes",
              "environment", "started", "duration_s"}
    assert wanted <= set(report)
    check = report["problems"][0]["checks"][0]
    assert {"id", "title", "kind", "visibility", "verdict", "score", "max_score", "message", "counterexample",
            "evidence", "duration_s"} <= set(check)


@pytest.mark.parametrize("options", [["--fresh", "-j", "1"], ["--fresh", "-j", "4", "-o", "elsewhere"], []])
def test_the_same_class_gives_the_same_bytes(
    first_run: subprocess.CompletedProcess[str], course: Path, options: list[str]
) -> None:
    again = grader("run", "submissions", "--json", "-", *options, cwd=course)
    assert again.returncode == 0, again.stderr
    assert timeless(again.stdout) == timeless((course / "a.json").read_text())


def test_a_hostile_neighbour_changes_nobodys_grade(
    first_run: subprocess.CompletedProcess[str], course: Path, tmp_path: Path
) -> None:
    write_course(tmp_path)
    write_handins(tmp_path, {"ann": CLASS["ann"]})
    alone = json.loads(timeless(grader("run", "submissions", "--json", "-", cwd=tmp_path).stdout))
    among = json.loads(timeless((course / "a.json").read_text()))
    assert alone["reports"] == [r for r in among["reports"] if r["student"] == "ann"]


def test_an_unchanged_hand_in_is_not_graded_again_and_a_changed_one_is(
    first_run: subprocess.CompletedProcess[str], course: Path
) -> None:
    solution = course / "submissions" / "hw1" / "bob" / "solution.py"
    before = json.loads(grader("run", "submissions", "--json", "-", cwd=course).stdout)
    try:
        solution.write_text(REFERENCE)
        after = json.loads(grader("run", "submissions", "--json", "-", cwd=course).stdout)
    finally:
        solution.write_text(WRONG)
    started = {r["student"]: r["started"] for r in before["reports"]}
    assert [r["student"] for r in after["reports"] if r["started"] != started[r["student"]]] == ["bob"]
    assert scores(after)["bob"] == 10


def test_fail_under_decides_the_exit_code(first_run: subprocess.CompletedProcess[str], course: Path) -> None:
    assert grader("run", "submissions", "--fail-under", "1", "-q", cwd=course).returncode == 0
    assert grader("run", "submissions", "--fail-under", "90", "-q", cwd=course).returncode == 1


def test_check_shows_the_block_and_fails(course: Path) -> None:
    done = grader("check", "submissions/hw1/bob/solution.py", cwd=course)
    assert done.returncode == 1
    block = re.sub(r" +", " ", done.stdout[done.stdout.index("square::square") :].replace("\n", " "))
    for line in ("You square(0.0625)", "Expected 0.00390625", "Why", "doubles instead of squaring", "Replay"):
        assert line in block
    assert "large" not in done.stdout


def test_check_passes_on_a_right_answer(course: Path) -> None:
    done = grader("check", "submissions/hw1/ann/solution.py", "--json", "-", cwd=course)
    assert done.returncode == 0
    assert {c["visibility"] for c in json.loads(done.stdout)["reports"][0]["problems"][0]["checks"]} == {"visible"}


def test_pytest_gives_the_same_verdicts(first_run: subprocess.CompletedProcess[str], course: Path) -> None:
    command = [sys.executable, "-m", "pytest", "checks/square.py", "--submission", "submissions/hw1/bob", "-rA", "-q"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=240, check=False)
    passed = set(re.findall(r"^PASSED .*::check_(\w+)", done.stdout, re.M))
    document = json.loads((course / "a.json").read_text())
    bob = next(r for r in document["reports"] if r["student"] == "bob")
    checks = bob["problems"][0]["checks"]
    assert passed == {c["id"].partition("::")[2] for c in checks if c["verdict"] == "passed"}
    assert "doubles instead of squaring" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "nowhere.py"],
        ["run", "nowhere"],
        ["run", "submissions", "-a", "hw9"],
        ["run", "submissions", "--student", "nobody"],
        ["run", "submissions", "--only", "circle"],
        ["run", "submissions", "--isolation", "L9"],
        ["run", "checks"],
        ["run", "x" * 5000],
        ["run", "submissions", "--json", "checks"],
        ["run", "submissions", "--csv", "checks/square.py/grades.csv"],
        ["check", "x" * 5000, "-a", "hw1"],
        ["derivation", "x" * 5000, "-a", "hw1"],
        ["collect", "x" * 5000, "-a", "hw1"],
        ["collect", "/dev/zero", "-a", "hw1"],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_wrong_use_is_one_clear_line_and_exit_code_2(course: Path, arguments: list[str]) -> None:
    done = grader(*arguments, cwd=course)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("grader: ")


@pytest.mark.parametrize("option", ["--timeout=inf", "--memory=99999999999999", f"--seed={10**40}", "--fail-under=-1"])
def test_numbers_that_nothing_can_use_are_refused_before_anything_is_run(course: Path, option: str) -> None:
    done = grader("run", "submissions", option, cwd=course)
    assert (done.returncode, done.stdout) == (2, "")
    assert option.partition("=")[0] in done.stderr


def test_a_pipe_is_no_download(course: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = grader("collect", tmp_path / "pipe", "-a", "hw1", cwd=course)
    assert (done.returncode, done.stdout) == (2, "")
    assert "neither a zip file nor a folder" in done.stderr


def test_a_broken_check_file_is_named_and_grades_nobody(tmp_path: Path) -> None:
    write_course(tmp_path)
    write_handins(tmp_path, {"ann": REFERENCE})
    with (tmp_path / "checks" / "square.py").open("a") as file:
        file.write("\ndef (\n")
    done = grader("run", "submissions", cwd=tmp_path)
    assert done.returncode == 2
    assert "checks/square.py" in done.stderr and "SyntaxError" in done.stderr


def test_a_check_that_fails_itself_is_a_fault_and_never_a_zero(tmp_path: Path) -> None:
    write_course(tmp_path)
    write_handins(tmp_path, {"ann": REFERENCE})
    path = tmp_path / "checks" / "square.py"
    path.write_text(path.read_text().replace("    agree(student.square(x), x * x)", "    raise KeyError('ours')"))
    done = grader("run", "submissions", "--json", "-", cwd=tmp_path)
    assert done.returncode == 3
    report = json.loads(done.stdout)["reports"][0]
    verdicts = {c["id"]: c["verdict"] for c in report["problems"][0]["checks"]}
    assert verdicts["square::example"] == "fault"
    assert not report["complete"]
    assert report["score"] == 8


def test_an_interrupted_run_keeps_what_ended_and_goes_on(tmp_path: Path) -> None:
    write_course(tmp_path)
    names = [f"s{i}" for i in range(4)]
    write_handins(tmp_path, {**dict.fromkeys(names, REFERENCE), "t_loop": LOOP})
    command = [sys.executable, "-m", "grader", "run", "submissions", "-j", "1", "-q"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    store = tmp_path / "grader-out" / "results.sqlite"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and _kept(store) < len(names):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "kept" in said
    assert _kept(store) == len(names)
    (tmp_path / "submissions" / "hw1" / "t_loop" / "solution.py").write_text(REFERENCE)
    done = grader("run", "submissions", "--json", "-", cwd=tmp_path)
    assert scores(json.loads(done.stdout)) == dict.fromkeys([*names, "t_loop"], 10)


def _kept(store: Path) -> int:
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT count(*) FROM reports").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_nothing_is_left_behind(course: Path, first_run: subprocess.CompletedProcess[str]) -> None:
    def mine() -> list[str]:
        return [
            path.name
            for path in Path("/proc").glob("[0-9]*")
            if b"grader.exam._entry" in _cmdline(path) and str(course).encode() in _cwd(path)
        ]

    assert still_there(mine) == []


def _cmdline(path: Path) -> bytes:
    try:
        return (path / "cmdline").read_bytes()
    except OSError:
        return b""


def _cwd(path: Path) -> bytes:
    try:
        return os.fsencode((path / "cwd").readlink())
    except OSError:
        return b""


def test_audit_finds_a_check_that_lets_a_slip_through(tmp_path: Path) -> None:
    write_course(tmp_path)
    sound = grader("audit", cwd=tmp_path)
    assert sound.returncode == 0, sound.stdout + sound.stderr
    assert "2/2" in sound.stdout
    path = tmp_path / "checks" / "square.py"
    path.write_text(path.read_text().replace("    agree(student.double_all(v), reference.double_all)", "    student.double_all(v)"))
    weak = grader("audit", "--no-mutants", "--repeats", "1", "--only", "square", "--json", "-", cwd=tmp_path)
    assert weak.returncode == 1
    (topic,) = json.loads(weak.stdout)
    assert "forgets the last entry" in topic["shortfalls"][0]


def test_what_only_a_person_can_mark_waits_for_one(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    sheet = root / "checks/assignments/hw1.toml"
    sheet.write_text(
        sheet.read_text() + "rubric = [{ points = 2, text = 'Says why squares are even' }]\n"
        "[[problem]]\nnumber = '2'\ntitle = 'Prose'\nrubric = [{ points = 3, text = 'Names a reason' }]\n"
    )
    write_handins(root, {"ann": REFERENCE})
    done = grader("run", "submissions", "--json", "-", cwd=root)
    (report,) = json.loads(done.stdout)["reports"]
    assert (report["score"], report["max_score"], report["complete"]) == (10, 15, False)
    assert [p["max_score"] for p in report["problems"]] == [12, 3]
    (part,) = report["problems"][1]["checks"]
    assert (part["verdict"], part["kind"], part["title"]) == ("review", "rubric", "Names a reason")
    page = (root / "grader-out/hw1/ann.html").read_text()
    assert "Names a reason" in page
    assert grader("check", "submissions/hw1/ann/solution.py", cwd=root).returncode == 0


def test_points_that_no_check_can_give_are_refused(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    sheet = root / "checks/assignments/hw1.toml"
    sheet.write_text(sheet.read_text() + "parts = ['z']\n")
    write_handins(root, {"ann": REFERENCE})
    done = grader("run", "submissions", cwd=root)
    assert done.returncode == 2
    assert "no check of part z" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_download_is_collected_into_the_assignment(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    with zipfile.ZipFile(root / "canvas.zip", "w") as archive:
        archive.writestr("annb_LATE_7_100_solution.py", REFERENCE)
        archive.writestr("readme.txt", "hello")
    done = grader("collect", "canvas.zip", "-a", "hw1", cwd=root)
    assert done.returncode == 0, done.stderr
    assert "canvas: 1 hand-ins: 1 new, 0 updated, 0 unchanged, 1 late" in done.stdout
    assert "readme.txt: belongs to no submission" in done.stdout
    assert (root / "submissions/hw1/annb_7/solution.py").is_file()
    for wrong, words in ((("nowhere.zip", "-a", "hw1"), "is not there"), (("canvas.zip", "-a", "hw9"), "no assignment 'hw9'")):
        refused = grader("collect", *wrong, cwd=root)
        assert (refused.returncode, words in refused.stderr, "Traceback" in refused.stderr) == (2, True, False)
