"""`grader check`: problems as they are done; again after each save."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.course import CHECKS, REFERENCE, SHEET, write_course

WRONG = REFERENCE.replace("return x * x", "return 2 * x")
TWO = SHEET + '\n[[problem]]\nnumber = "2"\ntopic = "slow"\ntitle = "Slow"\npoints = 1\n'
SLOW = '''
import os, time
from grader import Topic, check

topic = Topic("slow", source="a test", functions={"square(x)": "x squared."})


@check()
def check_waits(student):
    """Waits until a file is there."""
    while not os.path.exists(os.environ["GO_ON"]):
        time.sleep(0.05)
    assert student.square(2.0).scalar() == 4.0
'''


class Watching:
    """A `grader check` that runs, and what it says."""

    def __init__(self, folder: Path, *more: str) -> None:
        command = [
            sys.executable,
            "-u",
            "-m",
            "grader",
            "check",
            "solution.py",
            "-a",
            "hw1",
            "--course",
            "course",
            *more,
        ]
        environment = {**os.environ, "NO_COLOR": "1", "GO_ON": str(folder / "go")}
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def until(self, words: str) -> str:
        """All that is said up to a line with these words."""
        said = ""
        while words not in said.rpartition("\n")[0].rpartition("\n")[2]:
            said += self.lines.get(timeout=120)
        return said


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    write_course(tmp_path / "course")
    (tmp_path / "solution.py").write_text(WRONG)
    yield tmp_path


def test_a_saved_file_is_checked_again_whatever_the_editor_does(folder: Path) -> None:
    solution = folder / "solution.py"
    watching = Watching(folder, "--watch")
    try:
        assert "✗ square::square" in watching.until("watching solution.py")
        (folder / "new").write_text(REFERENCE)
        (folder / "new").replace(solution)
        assert "✗" not in watching.until("watching solution.py")
        solution.write_text("def square(x:\n")
        assert "SyntaxError" in watching.until("watching solution.py")
        solution.unlink()
        solution.write_text(WRONG)
        assert "✗ square::square" in watching.until("watching solution.py")
        (folder / "notes.txt").write_text("nothing to check")
        watching.process.send_signal(signal.SIGINT)
        assert watching.process.wait(timeout=60) == 0
        watching.reader.join(timeout=10)
        assert "watching solution.py;" not in "".join(watching.lines.queue)
    finally:
        watching.process.kill()


def test_what_is_saved_during_the_first_check_is_checked_too(folder: Path) -> None:
    (folder / "course" / "checks" / "assignments" / "hw1.toml").write_text(TWO)
    (folder / "course" / "checks" / "slow.py").write_text(SLOW)
    watching = Watching(folder, "--watch")
    try:
        assert "✗ square::square" in watching.until("square::coin")
        (folder / "solution.py").write_text(REFERENCE)
        (folder / "go").touch()
        watching.until("watching solution.py")
        assert "✓ square::square" in watching.until("watching solution.py")
    finally:
        watching.process.kill()


def test_a_problem_is_shown_while_the_next_one_still_runs(folder: Path) -> None:
    (folder / "course" / "checks" / "assignments" / "hw1.toml").write_text(TWO)
    (folder / "course" / "checks" / "slow.py").write_text(SLOW)
    (folder / "course" / "checks" / "square.py").write_text(CHECKS)
    running = Watching(folder)
    try:
        said = running.until("square::coin")
        assert "✗ square::square" in said and "slow::waits" not in said
        (folder / "go").touch()
        assert "5/6 checks" in running.until("checks:") or running.process.wait(timeout=60) == 1
        assert running.process.wait(timeout=60) == 1
        running.reader.join(timeout=10)
    finally:
        running.process.kill()


def test_a_file_that_is_not_there_is_refused_at_once_and_json_goes_to_a_file(folder: Path) -> None:
    for arguments, words in (
        (["none.py", "--watch"], "not there"),
        (["solution.py", "--watch", "--json", "-"], "--json FILE"),
    ):
        command = [sys.executable, "-m", "grader", "check", *arguments, "-a", "hw1", "--course", "course"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2 and words in done.stderr
