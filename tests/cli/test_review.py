"""`grader review` without a browser, and what becomes of decisions in everything that reads results."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from grader.cli import main
from grader.records import decisions_in
from tests.support.course import REFERENCE, write_course, write_handins

RUBRIC = 'rubric = [{ points = 2, text = "Says why" }, { points = 1, text = "Draws it" }]\n'
WORDS = "# Problem 1\nBecause it is.\n"


def _grader(root: Path, *arguments: str, code: int = 0) -> str:
    """What a command said; a run has a process of its own, as it has for users."""
    if arguments[0] == "run":
        command = [sys.executable, "-m", "grader", *arguments]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(root)
        patch.setattr(sys, "argv", ["grader", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    assert (ended.value.code or 0) == code, err.getvalue()
    return out.getvalue() if code == 0 else err.getvalue()


def _decide(root: Path, item: str, *more: str, author: str = "J. Doe") -> str:
    return _grader(root, "review", "--decide", item, *more, "--author", author)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_course(tmp_path_factory.mktemp("course"))
    sheet = root / "checks" / "assignments" / "hw1.toml"
    sheet.write_text(sheet.read_text() + RUBRIC)
    wrong = REFERENCE.replace("x * x", "2 * x")
    write_handins(root, {"ann": {"solution.py": REFERENCE, "w.md": WORDS}, "bob": {"solution.py": wrong}})
    _grader(root, "run", "submissions", "-q")
    return root


def _scores(root: Path) -> dict[str, tuple[float, bool]]:
    document = json.loads(_grader(root, "report", "--format", "json"))
    return {r["student"]: (r["score"], r["complete"]) for r in document["reports"]}


def test_what_waits_is_listed_for_scripts(root: Path) -> None:
    lines = [line.split("\t") for line in _grader(root, "review", "--list").splitlines()]
    assert lines[0] == ["hw1 1: 4 open"]
    assert [line[:3] for line in lines[1:]] == [
        ["open", f"hw1/{student}/1::rubric_{n}", f"0..{3 - n}"] for n in (1, 2) for student in ("ann", "bob")
    ]
    assert "nothing waits" in _grader(root, "review", "--list", "-a", "hw9")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--decide", "hw1/ann/1::rubric_1", "--points", "3"], "from 0 to 2"),
        (["--decide", "hw1/ann/1::rubric_1"], "from 0 to 2"),
        (["--decide", "hw1/bob/square::square", "--points", "1"], "give a reason"),
        (["--decide", "hw1/zoe/1::rubric_1", "--points", "1"], "no such item"),
        (["--decide", "hw1/", "--points", "1"], "items are called so"),
        (["--undo", "hw1/ann/1::rubric_1"], "nothing to withdraw"),
        (["--list", "--undo", "x"], "one at a time"),
        (["--points", "1"], "belong to --decide"),
        (["-o", "nowhere"], "there are no results"),
    ],
)
def test_wrong_use_is_one_line_and_decides_nothing(root: Path, arguments: list[str], said: str) -> None:
    text = _grader(root, "review", *arguments, code=2)
    assert said in text and text.startswith("grader: ") and text.count("\n") == 1
    assert decisions_in(root / "grader-out" / "results.sqlite") == []


def test_decisions_are_in_everything_that_reads_results(root: Path) -> None:
    _grader(root, "report", "--format", "json", "--into", "before.json")
    assert "1.5 of 2 points, by J. Doe" in _decide(
        root, "hw1/ann/1::rubric_1", "--points", "1,5", "--reason", "no proof"
    )
    _decide(root, "hw1/ann/1::rubric_2", "--points", "1")
    overruled = _decide(
        root, "bob/square::square", "--points", "3", "--reason", "the sheet was unclear", author="A. Roe"
    )
    assert "3 of 3" in overruled or "points, by A. Roe" in overruled
    scores = _scores(root)
    assert scores["ann"] == (12.5, True) and not scores["bob"][1]
    out = root / "grader-out"
    for name in ("hw1/ann.html", "hw1/ann.md", "hw1/ann.json"):
        assert "no proof" in (out / name).read_text() and "J. Doe" in (out / name).read_text(), name
    rows = {r["student"]: r for r in csv.DictReader(io.StringIO(_grader(root, "export", "csv")))}
    assert (rows["ann"]["score"], rows["ann"]["status"], rows["bob"]["status"]) == ("12.5", "final", "review")
    scope = json.loads(_grader(root, "export", "gradescope", "--student", "ann"))
    assert scope["score"] == 12.5 and "no proof" in scope["output"] and scope["extra_data"]["complete"]
    changes = " ".join(_grader(root, "diff", "before.json", "grader-out").split())
    assert "1::rubric_1: review -> failed (+1.5)" in changes and "the grader changed" not in changes
    assert "open → 1.5 of 2 points, decided by J. Doe" in changes and "by A. Roe on" in changes
    assert "the sheet was unclear" in (out / "hw1" / "bob.html").read_text()


def test_a_run_keeps_what_applies_and_asks_again_where_the_hand_in_changed(root: Path) -> None:
    store = root / "grader-out" / "results.sqlite"
    if not decisions_in(store):
        _decide(root, "hw1/ann/1::rubric_1", "--points", "1.5")
        _decide(root, "hw1/ann/1::rubric_2", "--points", "1")
    before = _scores(root)
    document = json.loads(_grader(root, "run", "submissions", "-q", "--fresh", "--json", "-"))
    assert {r["student"]: (r["score"], r["complete"]) for r in document["reports"]} == before
    assert "0 changed" in _grader(root, "diff", "previous", "last")
    (root / "submissions" / "hw1" / "ann" / "w.md").write_text(WORDS + "So there.\n")
    _grader(root, "run", "submissions", "-q")
    assert _scores(root)["ann"] == (10.0, False)
    assert "earlier hand-in" in (root / "grader-out" / "hw1" / "ann.md").read_text()
    listed = _grader(root, "review", "--list")
    assert "2 of the items were decided on an earlier hand-in" in listed and "hw1/ann/1::rubric_1" in listed
    (root / "submissions" / "hw1" / "ann" / "w.md").write_text(WORDS)  # the earlier one again
    _grader(root, "run", "submissions", "-q")
    assert _scores(root)["ann"] == before["ann"]


def test_withdrawing_is_an_entry_too(root: Path) -> None:
    store = root / "grader-out" / "results.sqlite"
    _decide(root, "hw1/bob/1::rubric_1", "--points", "2")
    _decide(root, "hw1/bob/1::rubric_1", "--points", "0", "--reason", "copied")
    assert "withdrawn by A. Roe" in _grader(
        root, "review", "--undo", "hw1/bob/1::rubric_1", "--author", "A. Roe"
    )
    entries = [d for d in decisions_in(store) if d.student == "bob" and d.item == "1::rubric_1"]
    assert [(d.points, d.undoes) for d in entries] == [(2.0, 0), (0.0, 0), (None, entries[1].id)]
    done = [
        line for line in _grader(root, "review", "--list", "--all").splitlines() if "bob/1::rubric_1" in line
    ]
    assert done[0].startswith("done\t") and "2 of 2 points (J. Doe)" in done[0]
