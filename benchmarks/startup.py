"""How long `grader check FILE` takes: first call, again after a change, again without one; against another checkout.

    python -m benchmarks.startup [--against FOLDER] [--only TOPIC] [--turns N] [--write] [FILE]

Both checkouts run with this interpreter, in turn; medians of wall clock until the first problem is printed and until the
end, and of processor time of all processes.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.tables import table, write

HERE = Path(__file__).resolve().parents[1]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, default=HERE / "submissions" / "hw10" / "right")
    parser.add_argument("--against", type=Path, help="another checkout of this project")
    parser.add_argument("--only", default="projection")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parser.parse_args()
    rows, spent = list[tuple[str, ...]](), dict[tuple[str, str], list[tuple[float, float, float]]]()
    for _ in range(given.turns):
        for name, folder in (("before", given.against), ("now", HERE)):
            if folder is None:
                continue
            with tempfile.TemporaryDirectory() as place:
                handin = _copied(given.file, Path(place))
                for call in ("first call", "changed file", "unchanged file"):
                    if call == "changed file":
                        _change(handin)
                    took = _check(folder, handin, given.only, place)
                    spent.setdefault((name, call), []).append(took)
    for (name, call), times in sorted(spent.items(), key=lambda item: item[0][1]):
        first, wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        against = spent.get(("before", call), times)
        ratio = statistics.median(c for _, _, c in against) / cpu
        rows.append((call, name, f"{first:.2f} s", f"{wall:.2f} s", f"{cpu:.2f} s", f"{ratio:.1f} x"))
    text = table(("call", "checkout", "to the first problem", "clock", "processors", "times as fast"), rows)
    print(text)
    if given.write:
        write("performance.md", "startup", f"`--only {given.only}`, medians of {given.turns} turns.\n\n{text}")
    return 0


def _copied(file: Path, place: Path) -> Path:
    """The hand-in, a file or a folder, below `place`, where it can be changed."""
    copy = place / "handin" / file.name
    copy.parent.mkdir()
    return Path(shutil.copytree(file, copy) if file.is_dir() else shutil.copy(file, copy))


def _change(handin: Path) -> None:
    """Every file of it gets another line, which changes nothing that it does."""
    for path in handin.rglob("*.py") if handin.is_dir() else [handin]:
        with path.open("a") as file:
            file.write("\n# another word\n")


def _check(folder: Path, file: Path, only: str, place: str) -> tuple[float, float, float]:
    """One call, with the cache below `place`: seconds to the first problem, to the end, of processors."""
    command = [sys.executable, "-P", "-m", "grader", "check", str(file), "-a", "hw10", "--only", only]
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "GRADER_CACHE": str(Path(place) / "cache"),
        "GRADER_COURSE": str(folder),
    }
    before, started = _children_s(), time.monotonic()
    with subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        os.read(process.stdout.fileno(), 1)
        first = time.monotonic() - started
        process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return first, time.monotonic() - started, _children_s() - before


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
