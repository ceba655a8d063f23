"""What a million hand-ins would take, from what a small class takes here.

    python -m benchmarks.scale [--students N] [--price P] [--write]

Grades the class of benchmarks/classroom.py once on one core and measures processor time, the store and the pages a
hand-in; the rest is multiplication. `--write` puts the table into docs/scale.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.classroom import hand_ins, write_course, write_hand_ins
from benchmarks.speed import run
from benchmarks.tables import table, write

MANY = 1_000_000
_HOUR_S = 3600.0
_NIGHT_H = 10.0


def main() -> int:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--price", type=float, default=0.05, help="of one core for one hour, in dollars")
    parser.add_argument("--write", action="store_true", help="into docs/scale.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = Path(name)
        made = hand_ins(write_course(folder), given.students)
        write_hand_ins(folder, made)
        write_hand_ins(folder / "one", made[:1])
        run(folder, "one/submissions", "warm-up", 1)
        start, _, _ = run(folder, "one/submissions", "one", 1)
        whole, _, _ = run(folder, "submissions", "all", 1)
        again, _, _ = run(folder, "submissions", "all", 1, records=False)
        each = (whole - start) / (given.students - 1)
        text = _text(given.students, len(made[0].topics), each, again / given.students, folder / "all", given.price)
    print(text)
    if given.write:
        write("scale.md", "scale", text)
    return 0


def _text(students: int, topics: int, each_s: float, again_s: float, out: Path, price: float) -> str:
    store = sum(file.stat().st_size for file in out.glob("results.sqlite*")) / students
    pages = sum(file.stat().st_size for file in out.rglob("*") if file.suffix in (".html", ".json", ".md"))
    pages_each = (pages - (out / "report.html").stat().st_size) / students
    class_page = (out / "report.html").stat().st_size / students
    hours = MANY * each_s / _HOUR_S
    rows = [
        ("units (hand-in x topic) a second and core", f"{topics / each_s:.1f}", ""),
        ("processor time", f"{each_s:.2f} s", f"{hours:,.0f} core hours"),
        ("that in one night of ten hours", "", f"{hours / _NIGHT_H:,.0f} cores"),
        (f"cost at ${price:.2f} a core hour", f"${price * each_s / _HOUR_S:.1e}", f"${price * hours:,.0f}"),
        ("a second run over the same", f"{1000 * again_s:.0f} ms", f"{MANY * again_s / _HOUR_S:,.1f} core hours"),
        ("results.sqlite", f"{store / 1024:.0f} KiB", f"{MANY * store / 1e9:,.0f} GB"),
        ("student pages (HTML, JSON, Markdown)", f"{pages_each / 1024:.0f} KiB", f"{MANY * pages_each / 1e9:,.0f} GB"),
        ("class page", f"{class_page / 1024:.1f} KiB", f"{MANY * class_page / 1e9:,.1f} GB: one page a course instead"),
    ]
    return table(("what", "one hand-in", "10^6 hand-ins"), rows)


if __name__ == "__main__":
    sys.exit(main())
