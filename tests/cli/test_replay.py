"""`grader replay`: a recorded result again, by its id."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.course import REFERENCE, write_course, write_handins

DOUBLES = REFERENCE.replace("return x * x", "return 2 * x")


def grader(*arguments: str, cwd: Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments], cwd=cwd, capture_output=True, text=True, check=False,
        timeout=300, input=typed, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_course(tmp_path_factory.mktemp("replay"))
    write_handins(root, {"ann": REFERENCE, "bob": DOUBLES, "eve": DOUBLES})
    assert grader("run", "submissions", "-q", cwd=root).returncode == 0
    return root


def results(root: Path, student: str) -> dict[str, dict[str, Any]]:
    report = json.loads((root / "grader-out" / "hw1" / f"{student}.json").read_text())
    return {c["id"]: c for p in report["problems"] for c in p["checks"]}


def test_every_result_has_an_id_of_its_own(graded: Path) -> None:
    ids = [c["result_id"] for name in ("ann", "bob", "eve") for c in results(graded, name).values()]
    assert len(set(ids)) == len(ids) == 18
    assert all(len(i) == 12 for i in ids)


def test_a_failure_is_shown_again_with_every_call(graded: Path) -> None:
    check = results(graded, "bob")["square::square"]
    done = grader("replay", check["result_id"][:8], cwd=graded)
    assert done.returncode == 0, done.stderr
    assert "hw1 / bob, square::square, recorded: failed" in done.stdout
    assert "1  square(0.0)  ->  0.0" in done.stdout
    assert f"grader replay {check['result_id']} -> python -c" in done.stdout
    assert "failed, as recorded\n" in done.stdout
    assert done.stderr == ""


def test_a_pass_and_a_hidden_check_can_be_replayed(graded: Path) -> None:
    done = grader("replay", results(graded, "ann")["square::large"]["result_id"], cwd=graded)
    assert done.returncode == 0, done.stderr
    assert "passed, as recorded" in done.stdout


def test_the_debugger_opens_where_the_check_fails(graded: Path) -> None:
    check = results(graded, "bob")["square::square"]
    done = grader("replay", check["result_id"], "--pdb", cwd=graded, typed="p 'x is', x\nq\n")
    assert "agree(student.square(x), reference.square)" in done.stdout
    assert "('x is', " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ffffffffffff",), "there is no result ffffffffffff"),
        (("not-an-id",), "is no result id"),
        (("ab",), "is no result id"),
        (("ffffffffffff", "-o", "nowhere"), "there are no results in nowhere"),
    ],
)
def test_a_wrong_id_or_folder_is_one_clear_line(graded: Path, arguments: tuple[str, ...], said: str) -> None:
    done = grader("replay", *arguments, cwd=graded)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (graded / "nowhere").exists()


def test_a_changed_hand_in_is_said_to_be_so(graded: Path) -> None:
    check = results(graded, "eve")["square::square"]
    path = graded / "submissions" / "hw1" / "eve" / "solution.py"
    path.write_text(REFERENCE)
    done = grader("replay", check["result_id"], cwd=graded)
    assert done.returncode == 1
    assert "recorded was failed, now it is passed" in done.stdout
    assert "the hand-in has changed since (solution.py)" in done.stderr
    path.rename(path.with_name("moved.py"))
    path.parent.rename(path.parents[1] / "gone")
    done = grader("replay", check["result_id"], cwd=graded)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "--submission PATH" in done.stderr
    done = grader("replay", check["result_id"], "--submission", "submissions/hw1/gone/moved.py", cwd=graded)
    assert "now it is passed" in done.stdout
