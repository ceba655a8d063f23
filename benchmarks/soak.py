"""A large class of small hand-ins: does memory grow, how much is a second run, what is graded again after a change.

    python -m benchmarks.soak [--students N] [--jobs N] [--write]

For 500 hand-ins some minutes on two cores, for 5,000 some ten times that.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.small import ASSIGNMENT, write_small_class
from benchmarks.tables import table, write

HERE = Path(__file__).resolve().parents[1]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        handins = write_small_class(folder, given.students)
        runs = [_run(folder, given.jobs, "the first run"), _run(folder, given.jobs, "the second run, of the same")]
        with (handins / ASSIGNMENT / "s00003" / "solution.py").open("a") as file:
            file.write("\n# another word\n")
        runs.append(_run(folder, given.jobs, "one hand-in touched"))
        checks = folder / "checks" / "doubled.py"
        checks.write_text(checks.read_text() + "\n# another word\n")
        runs.append(_run(folder, given.jobs, "the checks of one of two topics touched"))
        size = (folder / "out" / "results.sqlite").stat().st_size / 1024 / given.students
    text = _text(given.students, runs, size)
    print(text)
    if given.write:
        write("performance.md", "soak", text)
    return 0


class _Run(NamedTuple):
    what: str
    code: int
    units: int
    spent_s: float
    clock_s: float
    half_mib: int
    most_mib: int


def _text(students: int, runs: list[_Run], size_kib: float) -> str:
    rows = [
        (r.what, r.code, r.units, f"{r.spent_s:.1f} s", f"{r.spent_s / runs[0].spent_s:.2%}", f"{r.clock_s:.1f} s", r.half_mib, r.most_mib)
        for r in runs
    ]
    head = ("run", "exit code", "units examined", "processors", "of the first", "clock", "MiB half-way", "MiB at most")
    return f"{students} hand-ins of two topics; results.sqlite: {size_kib:.1f} KiB a hand-in.\n\n{table(head, rows)}"


def _run(folder: Path, jobs: int, what: str) -> _Run:
    """One run, with the memory of the command as it grew."""
    command = [sys.executable, "-m", "grader", "run", str(folder / "submissions"), "--course", str(folder)]
    command += ["-q", "-j", str(jobs), "-o", str(folder / "out")]
    environment = {**os.environ, "GRADER_CACHE": str(folder / "cache"), "PYTHONPATH": str(HERE)}
    units, started, seen = _units(folder), time.monotonic(), list[tuple[int, int]]()
    before = os.times()
    process = subprocess.Popen(command, env=environment)
    while process.poll() is None:
        time.sleep(0.5)
        seen.append((_units(folder) - units, _rss_mb(process.pid)))
    after, clock = os.times(), time.monotonic() - started
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    done = _units(folder) - units
    half = next((mb for count, mb in seen if count * 2 >= done), 0)
    return _Run(what, process.returncode, done, spent, clock, half, max((m for _, m in seen), default=0))


def _units(folder: Path) -> int:
    try:
        with sqlite3.connect(f"file:{folder / 'out' / 'results.sqlite'}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT coalesce(max(rowid), 0) FROM units").fetchone()[0])
    except sqlite3.Error:
        return 0


def _rss_mb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) >> 10 for line in lines if line.startswith("VmRSS:"))
    except (OSError, StopIteration):
        return 0


if __name__ == "__main__":
    sys.exit(main())
