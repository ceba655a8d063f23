"""Writes the tables of docs/verdicts.md: how often each kind of check rejects what is right and accepts what is wrong.

    python -m benchmarks.verdicts [--topic NAME]... [--rows N]

About ten minutes on two cores for the topics of one assignment; run it in the repository's root.
"""

from __future__ import annotations

import argparse
import collections
import copy
import itertools
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from benchmarks.devices import devices
from benchmarks.tables import table, write
from grader.audit import Case, Fate, cases
from grader.bank import Assignment, CheckSpec, Course, Problem, Topic, check_spec, corpus, find_course
from grader.engine import Options, run_handins
from grader.exam import choose_level, libraries_for, start_zygote
from grader.exam._bench import Bench
from grader.exam._examine import Exam
from grader.exam._memo import Memo
from grader.exam._outcomes import CheckEnded
from grader.intake import HandIn, read_source
from grader.records import Kind, Verdict
from grader.sandbox import Limits, Zygote

ROWS = 100_000
SEEDS = 3
EXACT = (Kind.EXAMPLE, Kind.PROPERTY, Kind.INPUT)


@dataclass
class Tally:
    """Right answers of one kind."""

    verdicts: int = 0
    rejected: list[str] = field(default_factory=list)


@dataclass
class Ground:
    """One topic, with what all its right hand-ins meet."""

    topic: Topic
    reference: ModuleType | None
    specs: list[CheckSpec]
    memo: Memo = field(default_factory=Memo)
    _drawn: dict[str, list[tuple[int, dict[str, object]]]] = field(default_factory=dict)

    def puts(self, spec: CheckSpec, rows: int) -> list[tuple[int, dict[str, object]]]:
        """Seeds and rows to put a check with: fresh rows where it draws them, its own under many seeds where not."""
        if spec.name not in self._drawn:
            self._drawn[spec.name] = list(self._puts(spec, rows))
        return self._drawn[spec.name]

    def _puts(self, spec: CheckSpec, rows: int) -> Iterator[tuple[int, dict[str, object]]]:
        if spec.kind in EXACT and spec.rows is not None and spec.rows.strategies:
            more = replace(spec.rows, fixed=(), drawn=rows)
            fresh = corpus(replace(spec, rows=more), f"{self.topic.name} once more")
            yield from ((0, dict(row)) for row in fresh)
            return
        own = corpus(spec, self.topic.name) or ({},)
        repeats = 1 if spec.kind is Kind.SYMBOLIC else SEEDS
        yield from ((seed, dict(row)) for seed in range(1, repeats + 1) for row in own)


def _ground(course: Course, name: str) -> Ground:
    topic = course.topic(name)
    specs = [s for s in map(check_spec, vars(sys.modules[f"checks.{name}"]).values()) if s is not None]
    return Ground(topic, course.reference(name), specs)


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--topic", action="append", help="default: those of hw10")
    parser.add_argument("--rows", type=int, default=ROWS, help="verdicts on freshly drawn arguments")
    parser.add_argument("--only", choices=["devices", "right", "wrong"], help="one table only")
    given = parser.parse_args()
    course = find_course(Path.cwd())
    topics = given.topic or list(course.assignment("hw10").topics)
    if given.only in (None, "devices"):
        write("verdicts.md", "devices", _devices())
    if given.only in (None, "right"):
        write("verdicts.md", "right", _right(course, topics, given.rows))
    if given.only in (None, "wrong"):
        write("verdicts.md", "wrong", _wrong(course, topics))
    return 0


def _devices() -> str:
    rows = [(m.device, m.setting, f"{m.stated:.0e}", f"{m.measured:.1e}", m.how) for m in devices()]
    return table(("device", "setting", "stated", "measured", "how"), rows)


def _right(course: Course, topics: Sequence[str], rows: int) -> str:
    """Right hand-ins: exact kinds on fresh arguments, the others on fresh seeds."""
    tallies: dict[Kind, Tally] = collections.defaultdict(Tally)
    libraries = libraries_for(
        f.encode() for t in topics for c in cases(course, course.topic(t)) for f in c.files.values()
    )
    zygote, _ = start_zygote(choose_level(), warm=sorted(libraries))
    try:
        grounds = {t: _ground(course, t) for t in topics}
        known = [[(t, c) for c in cases(course, course.topic(t)) if c.fate is Fate.FULL] for t in topics]
        # In turn, so that Ctrl-C leaves a table of something.
        work = [item for group in itertools.zip_longest(*known) for item in group if item is not None]
        for number, (topic, case) in enumerate(work):
            sys.stderr.write(f"right {number + 1}/{len(work)}: {topic} {case.title}\n")
            _try_right(grounds[topic], case, zygote, rows // len(work), tallies)
    except KeyboardInterrupt:
        sys.stderr.write("stopped: the table is of what was tried until now\n")
    finally:
        zygote.close()
    found = []
    for kind in (k for k in Kind if tallies[k].verdicts):
        tally, each = tallies[kind], "freshly drawn arguments" if kind in EXACT else "seeds"
        stated = "1e-09 a check" if kind is Kind.STATISTICAL else "0"
        what = "; ".join(sorted(set(tally.rejected))) or "none"
        found.append((kind, stated, f"{tally.verdicts:,} verdicts on {each}", len(tally.rejected), what))
    return table(("kind", "stated", "right answers tried", "rejected", "which"), found)


def _try_right(ground: Ground, case: Case, zygote: Zygote, rows: int, tallies: dict[Kind, Tally]) -> None:
    topic = ground.topic.name
    drawn = [s for s in ground.specs if s.kind in EXACT and s.rows is not None and s.rows.strategies]
    with tempfile.TemporaryDirectory() as folder:
        for name, text in case.files.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        bench = Bench(zygote.connect(), read_source(Path(folder)), Limits(topic_s=3600), seed=0)
        for spec in ground.specs:
            exam = Exam(spec, ground.topic, (), tuple, ground.memo)
            tally = tallies[spec.kind]
            for seed, row in ground.puts(spec, rows // max(1, len(drawn))):
                bench.seed = seed
                student = exam.student(bench)
                given = {n: student if n == "student" else ground.reference for n in spec.fixtures}
                tally.verdicts += 1
                try:
                    spec.function(**given, **copy.deepcopy(row))
                except (CheckEnded, AssertionError) as ended:
                    sys.stderr.write(f"  REJECTED {topic}::{spec.name}, {case.title}: {ended} {row}\n")
                    tally.rejected.append(f"{topic}::{spec.name}, {case.title}: {str(ended)[:80]}")
        bench.close()


def _wrong(course: Course, topics: Sequence[str]) -> str:
    """Named slips through the engine, as hand-ins."""
    known = {t: [c for c in cases(course, course.topic(t)) if c.fate is Fate.LOSES] for t in topics}
    sheets = {
        t: Assignment(t, t, (Problem(number="1", topic=t, title=t, points=1),), course.checks_file(t))
        for t in topics
    }
    with tempfile.TemporaryDirectory() as folder:
        handins = [h for t in topics for h in _hand_in(Path(folder), t, known[t])]
        outcome = run_handins(course, handins, Options(jobs=2), assignments=sheets)
    rows = []
    for topic in topics:
        reports = [r for r in outcome.reports if r.assignment == topic]
        kinds = sorted({c.kind for r in reports for c in r.checks})
        caught = {
            k: sum(any(c.kind is k and _no(c.verdict) for c in r.checks) for r in reports) for k in kinds
        }
        every = sum(any(_no(c.verdict) for c in r.checks) for r in reports)
        by_kind = ", ".join(f"{k} {n}" for k, n in caught.items())
        rows.append((topic, len(reports), every, by_kind))
    return table(("topic", "named wrong answers", "rejected", "by checks of kind"), rows)


def _hand_in(folder: Path, topic: str, wrong: Sequence[Case]) -> Iterator[HandIn]:
    for case in wrong:
        place = folder / topic / case.name
        place.mkdir(parents=True)
        for name, text in case.files.items():
            (place / name).write_text(text, encoding="utf-8")
        yield HandIn(topic, case.name, place)


def _no(verdict: Verdict) -> bool:
    return verdict not in (Verdict.PASSED, Verdict.SKIPPED, Verdict.REVIEW)


if __name__ == "__main__":
    sys.exit(main())
