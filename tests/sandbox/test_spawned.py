"""Workers that are started anew, as on macOS, give the verdicts that forked ones give."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.course import CHECKS, REFERENCE, write_course, write_handins
from tests.support.processes import still_there

CHECKS_OF_SQUARE = CHECKS[: CHECKS.index("@check(points=2)\n@forall(v=")]
HANDINS: dict[str, Any] = {
    "crash": REFERENCE.replace("return x * x", "import os; os.kill(os.getpid(), 11)"),
    "loop": REFERENCE.replace("return x * x", "while True: pass"),
    "right": REFERENCE,
    "wrong": REFERENCE.replace("return x * x", "return 2 * x"),
}


def verdicts(course: Path, workers: str) -> dict[str, list[tuple[str, str, str]]]:
    environment = {**os.environ, "NO_COLOR": "1", "GRADER_WORKERS": workers}
    command = [
        sys.executable,
        "-m",
        "grader",
        "run",
        "submissions/hw1",
        "--isolation",
        "L1",
        "--timeout",
        "1",
        "-j",
        "2",
    ]
    command += ["--json", "-", "--fresh", "-o", f"out-{workers}"]
    run = subprocess.run(
        command, cwd=course, env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert run.returncode == 0, run.stderr
    reports = json.loads(run.stdout)["reports"]
    assert {r["environment"]["isolation"] for r in reports} == {"L1"}
    return {
        r["student"]: [(c["id"], c["verdict"], c["message"]) for p in r["problems"] for c in p["checks"]]
        for r in reports
    }


def test_the_verdicts_are_those_of_forked_workers(tmp_path: Path) -> None:
    course = write_course(tmp_path)
    (course / "checks" / "square.py").write_text(CHECKS_OF_SQUARE)
    write_handins(course, HANDINS)
    anew, forked = verdicts(course, "anew"), verdicts(course, "forked")
    assert anew == forked
    assert {v for _, v, _ in anew["right"]} == {"passed"}
    assert "timeout" in {v for _, v, _ in anew["loop"]} and "crashed" in {v for _, v, _ in anew["crash"]}
    assert not still_there(_spawned)


def _spawned() -> list[str]:
    return [pid.name for pid in Path("/proc").glob("[0-9]*") if b"_spawned import main" in _command(pid)]


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
