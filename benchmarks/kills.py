"""Kills `grader run` at random moments over one class, and looks whether the same command then ends as if nothing had been.

    python -m benchmarks.kills [--moments N] [--students N] [--seed N] [--jobs N] [--write]

After each kill: no process and no temporary file of the run may be left, and the next run must give the records of the
uninterrupted one byte for byte (but for times and ids of runs). Exits with 1 where that does not hold. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.small import write_small_class
from benchmarks.tables import write

_PATIENCE_S = 60.0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parser.parse_args()
    rng, kinds, wrong = random.Random(given.seed), Counter[str](), []
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        folder = Path(name)
        write_small_class(folder, given.students)
        started = time.monotonic()
        whole, _ = _finished(folder, "whole", given.jobs)
        took = time.monotonic() - started
        print(f"the uninterrupted run took {took:.1f} s", flush=True)
        moment = 0
        while moment < given.moments:
            after = rng.uniform(0, took)
            kept, troubles = _killed(folder, f"out{moment}", given.jobs, after)
            if kept is None:  # it was over before: the machine has become faster
                took = after
                shutil.rmtree(folder / f"out{moment}")
                continue
            started = time.monotonic()
            again, more = _finished(folder, f"out{moment}", given.jobs)
            took = max(took, time.monotonic() - started)
            troubles += more
            if again != whole:
                troubles.append("the records differ")
            kinds["before the first report" if not kept else "between reports"] += 1
            wrong += [f"moment {moment} ({after:.2f} s): {trouble}" for trouble in troubles]
            print(f"{moment:3}  killed after {after:6.2f} s  kept {kept}  {troubles or 'ok'}", flush=True)
            moment += 1
    text = f"{given.moments} moments over a class of {given.students}: killed {dict(kinds)}; {len(wrong)} troubles"
    print("\n".join([text, *wrong]))
    if given.write:
        write("performance.md", "kills", "\n".join([text, *wrong]) + "\n")
    return int(bool(wrong))


def _command(folder: Path, out: str, jobs: int) -> list[str]:
    run = [sys.executable, "-m", "grader", "run", str(folder / "submissions"), "--course", str(folder)]
    return [*run, "-q", "-j", str(jobs), "-o", str(folder / out), "--json", str(folder / f"{out}.json")]


def _environment(folder: Path) -> dict[str, str]:
    for part in ("tmp", "cache"):
        (folder / part).mkdir(exist_ok=True)
    return {**os.environ, "TMPDIR": str(folder / "tmp"), "GRADER_CACHE": str(folder / "cache")}


def _finished(folder: Path, out: str, jobs: int) -> tuple[str, list[str]]:
    """The records of a run that nobody disturbs, without times, and what was wrong with it."""
    done = subprocess.run(
        _command(folder, out, jobs), env=_environment(folder), capture_output=True, text=True, check=False
    )
    if done.returncode:
        return "", [f"exit code {done.returncode}: {done.stderr.strip()}"]
    document = json.loads((folder / f"{out}.json").read_text())
    names = [r["student"] for r in document["reports"]]
    troubles = []
    with sqlite3.connect(folder / out / "results.sqlite") as db:
        rows = db.execute("SELECT student FROM reports WHERE finished = 1 ORDER BY student").fetchall()
    if [(n,) for n in names] != rows or len(set(names)) != len(names):
        troubles.append("a report is missing or there twice")
    text = json.dumps(document["reports"], indent=1)
    return re.sub(r'"(started|duration_s)": ("[^"]*"|[0-9.e-]+)', r'"\1": 0', text), troubles


def _killed(folder: Path, out: str, jobs: int, after: float) -> tuple[int | None, list[str]]:
    """Reports that were kept, None where the run was over before; and what was left behind."""
    process = subprocess.Popen(
        _command(folder, out, jobs), env=_environment(folder), stderr=subprocess.DEVNULL
    )
    try:
        process.wait(after)
        return None, []
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    end = time.monotonic() + _PATIENCE_S
    while (left := _of_the_run(folder)) and time.monotonic() < end:
        time.sleep(0.05)
    troubles = [f"processes are left: {left}"] if left else []
    files = sorted(p.name for p in (folder / "tmp").iterdir())
    if files and not _swept(folder):
        troubles.append(f"files are left: {files}")
    return _kept(folder / out / "results.sqlite"), troubles


def _swept(folder: Path) -> bool:
    """Whether only what the next start clears away is left: locked folders of a zygote that was killed as it began."""
    return all(p.name.startswith("grader-zygote-") for p in (folder / "tmp").iterdir())


def _of_the_run(folder: Path) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            about = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(folder / "tmp") in about and int(process.name) != os.getpid():
            found.append(int(process.name))
    return found


def _kept(store: Path) -> int:
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT count(*) FROM reports").fetchone()[0])
    except sqlite3.Error:
        return 0


if __name__ == "__main__":
    sys.exit(main())
