"""Nothing that was handed in is ever run by the grader itself, wherever it is called and however it is handed in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.bank import find_course
from grader.records import UserError
from tests.attacks.course import hand_in, write_course

EVIL_NAMES = ("json", "msgpack", "typer", "numpy", "pytest", "contextlib", "pathlib", "sitecustomize", "conftest")


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "course"
    root.mkdir()
    write_course(root)
    eve = root / "submissions" / "numbers" / "eve"
    eve.mkdir(parents=True)
    (eve / "solution.py").write_text(hand_in({"square": "def square(x):\n    return 2 * x\n"}))
    yield root


def evil(mark: Path) -> str:
    """Source that leaves a mark where it may write, which is in a trusted process only."""
    return f"try:\n    open({str(mark)!r}, 'a').write(__name__)\nexcept OSError:\n    pass\n"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def score(document: str) -> float:
    return float(json.loads(document)["reports"][0]["score"])


def test_a_hand_in_with_the_names_of_libraries_is_harmless_in_the_current_folder(course: Path, tmp_path: Path) -> None:
    eve = course / "submissions" / "numbers" / "eve"
    for name in EVIL_NAMES:
        (eve / f"{name}.py").write_text(evil(tmp_path / "owned"))
    (eve / "pytest.ini").write_text("[pytest]\naddopts = -p conftest\n")
    done = run("run", ".", "--json", "-", "-o", str(tmp_path / "out"), cwd=eve)
    assert done.returncode == 0, done.stderr
    assert score(done.stdout) == 3
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("target", [".", "solution.py", "../eve"])
def test_a_hand_in_cannot_bring_its_own_checks(course: Path, tmp_path: Path, target: str) -> None:
    eve = course / "submissions" / "numbers" / "eve"
    write_course(eve)
    check = eve / "checks" / "numbers.py"
    check.write_text(evil(tmp_path / "owned") + check.read_text().replace("agree(", "print("))
    done = run("run", target, "--json", "-", "-o", str(tmp_path / "out"), cwd=eve)
    assert done.returncode == 0, done.stderr
    assert score(done.stdout) <= 3
    assert not (tmp_path / "owned").exists()


def test_a_hand_in_outside_of_any_course_is_no_course_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = tmp_path / "download" / "eve"
    stranger.mkdir(parents=True)
    write_course(stranger)
    (stranger / "solution.py").write_text("")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    for path in (stranger, stranger / "solution.py"):
        with pytest.raises(UserError, match="no course found"):
            find_course(path)
    assert find_course(stranger / "solution.py", beside=True).root == stranger, "a student's own kit"
    write_course(elsewhere)
    assert find_course(stranger).root == elsewhere
    assert find_course(stranger / "solution.py", beside=True).root == elsewhere
