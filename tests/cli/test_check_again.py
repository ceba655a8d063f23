"""A self-check answers at once where nothing has changed, and runs where anything has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.course import REFERENCE, write_course

UNNAMED = REFERENCE.replace("return 2.0 * np.asarray(v)", "return 2 * __import__('tor' + 'ch').tensor(v)")


def _check(root: Path, *more: str, cache: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "grader", "check", "solution.py", "-a", "hw1", "--course", "course", "--json", "-", *more]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "GRADER_CACHE": str(cache), "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)["reports"][0]
    return report


def test_an_unchanged_file_is_not_run_again_and_a_changed_one_is(tmp_path: Path) -> None:
    write_course(tmp_path / "course")
    (tmp_path / "solution.py").write_text(REFERENCE)
    cache = tmp_path / "cache"
    first = _check(tmp_path, cache=cache)
    assert _check(tmp_path, cache=cache) == first
    again = _check(tmp_path, "--fresh", cache=cache)
    assert again["started"] != first["started"]
    assert (again["id"], again["score"]) == (first["id"], first["score"])
    # A library that nothing names is not at hand, but can be imported all the same.
    (tmp_path / "solution.py").write_text(UNNAMED)
    changed = _check(tmp_path, cache=cache)
    assert changed["id"] != first["id"]
    assert {c["verdict"] for p in changed["problems"] for c in p["checks"]} == {"passed"}
    for kept in (cache / "checks").iterdir():
        kept.write_bytes(b"damaged")
    assert _check(tmp_path, cache=cache)["id"] == changed["id"]


def test_the_command_itself_imports_no_library_for_mathematics(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    hand_in = str(root / "submissions/hw10/right")  # with a write-up
    command = [sys.executable, "-X", "importtime", "-m", "grader", "check", hand_in, "-a", "hw10", "--only", "projection"]
    for _ in range(2):
        done = subprocess.run(
            [*command, "--course", str(root)], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
            env={**os.environ, "GRADER_CACHE": str(tmp_path / "cache")},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-500:]
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert "grader.engine" in imported
        assert not imported & {"numpy", "scipy", "sympy", "mpmath", "torch", "hypothesis"}
