"""How far `grader run` is from the limit, with all walls up; how much a second run takes; how much memory.

    python -m benchmarks.speed [--class bank|six] [--work N] [--students N] [--turns N] [--write]

A class of benchmarks/classroom.py without its hostile hand-ins; the limit is that of benchmarks/limit.py. Both it and
the runs with one worker are held on one core. Start-up (of a run over one hand-in, on as many cores) is taken off. The median is that of
the time by the clock between the start and the end of a hand-in's topics, which leaves out what the run does for all.
Hand-ins without a mistake are also told by themselves: the others are asked more of than in the limit, which stops at the
first wrong answer. With --work each call of a function that is asked for takes N additions more.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.classroom import ASSIGNMENT, KINDS, Made, hand_ins, with_work, write_course, write_hand_ins
from benchmarks.tables import table, write

HERE = Path(__file__).resolve().parents[1]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--class", dest="kind", choices=KINDS, default="bank")
    parser.add_argument("--work", type=int, default=0, help="additions that each call takes besides")
    parser.add_argument("--students", type=int, default=34)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--limit", type=Path, help="only the limit, as JSON, of a class that is there")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parser.parse_args()
    if given.limit:
        print(json.dumps(_limit(given.limit)))
        return 0
    rows: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="speed-") as name:
        folder = Path(name)
        course = write_course(folder, KINDS[given.kind])
        made = hand_ins(course, given.students, hostile=False)
        made = [with_work(m, course, given.work) for m in made] if given.work else made
        write_hand_ins(folder, made)
        write_hand_ins(folder / "one", made[:1])
        run(folder, "one/submissions", "warm-up", 1)  # corpora are drawn, files are in the system's cache
        for turn in range(given.turns):
            for label, value in _turn(folder, str(turn), made).items():
                rows.setdefault(label, []).append(value)
    text = table(
        ("what", "value"), [(label, f"{statistics.median(values):.4g}") for label, values in rows.items()]
    )
    print(text)
    if given.write:
        place = "speed" + f"-{given.kind}" * (given.kind != "bank") + "-work" * bool(given.work)
        write("performance.md", place, f"{given.students} hand-ins, right and wrong.\n\n{text}")
    return 0


def _turn(folder: Path, turn: str, made: Sequence[Made]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.speed", "--limit", str(folder)]
    limit = json.loads(_spent(command, folder, cores=1)[2])
    start, start_wall, _ = run(folder, "one/submissions", f"one{turn}", 1)
    both_start, both_start_wall, _ = run(folder, "one/submissions", f"one-of-two{turn}", 2)
    first, first_wall, peak = run(folder, "submissions", f"all{turn}", 1)
    both, both_wall, _ = run(folder, "submissions", f"two{turn}", 2)
    again, again_wall, _ = run(folder, "submissions", f"all{turn}", 1, records=False)
    shutil.rmtree(folder / f"two{turn}")
    each, took = (first - start) / (len(made) - 1), _took(folder / f"all{turn}.json")
    own = statistics.median(took.values())
    right = [(took[m.student], bound) for m, bound in zip(made, limit, strict=True) if not m.wrong]
    return {
        "limit, CPU s a hand-in (median)": statistics.median(limit),
        "limit, CPU s a hand-in (mean)": statistics.fmean(limit),
        "start-up of a run, CPU s": start,
        "one worker, CPU s a hand-in (mean)": each,
        "one worker against the limit (means)": each / statistics.fmean(limit),
        "one worker, s of a hand-in by the clock (median)": own,
        "one worker against the limit (medians)": own / statistics.median(limit),
        **_of_right(right),
        "two workers: CPU against one": (both - both_start) / (first - start),
        "two workers: times as fast by the clock": (first_wall - start_wall) / (both_wall - both_start_wall),
        "second run, share of the first (CPU)": again / first,
        "second run, share of the first (clock)": again_wall / first_wall,
        "peak memory of the largest process, MiB": peak,
    }


def _of_right(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Of hand-ins without a mistake; pairs: seconds that each took, and its limit."""
    if not pairs:
        return {}
    took, limit = (statistics.median(values) for values in zip(*pairs, strict=True))
    return {
        "hand-ins without a mistake": float(len(pairs)),
        "those, one worker, s by the clock (median)": took,
        "those, one worker against the limit (medians)": took / limit,
    }


def _took(file: Path) -> dict[str, float]:
    """Seconds by the clock of each student's hand-in."""
    return {r["student"]: r["duration_s"] for r in json.loads(file.read_text())["reports"]}


def _limit(folder: Path) -> list[float]:
    from benchmarks.limit import Limit
    from grader.bank import Course

    course = Course(folder)
    limit = Limit(course, course.assignment(ASSIGNMENT).topics)
    places = sorted((folder / "submissions" / ASSIGNMENT).iterdir())
    limit.cpu_s(places[0])
    return [limit.cpu_s(place) for place in places]


def run(folder: Path, path: str, out: str, jobs: int, *, records: bool = True) -> tuple[float, float, float]:
    """`grader run` below a folder that is its course: processor seconds of all it starts, seconds by the clock, peak MiB.

    records: write all records beside the folder `out`, too, as JSON.
    """
    command = [sys.executable, "-m", "grader", "run", str(folder / path), "--course", str(folder), "-q"]
    command += ["-j", str(jobs), "-o", str(folder / out)]
    command += ["--json", str(folder / f"{out}.json")] if records else []
    cpu, wall, _ = _spent(command, folder, cores=jobs)
    return cpu, wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _spent(command: list[str], folder: Path, *, cores: int) -> tuple[float, float, str]:
    """Processor seconds of a command and of all it started, on so many cores; seconds by the clock, what it printed."""
    held = sorted(os.sched_getaffinity(0))[:cores]
    environment = {**os.environ, "GRADER_CACHE": str(folder / "cache"), "PYTHONPATH": str(HERE)}
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    before, started = _children_s(), time.monotonic()
    done = subprocess.run(
        command,
        env={**environment, **one_thread},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, held),
    )
    return _children_s() - before, time.monotonic() - started, done.stdout


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
