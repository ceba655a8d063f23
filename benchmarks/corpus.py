"""What one more hand-in costs: examples drawn by Hypothesis, replayed, and replayed with known expected values.

    python -m benchmarks.corpus [--hand-ins N]

The same checks on the same hand-in in a real worker, one after the other in turn; medians and ratios.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import fixed_dictionaries

from grader.bank import CheckSpec, Course, check_spec, corpus, find_course
from grader.exam import choose_level, start_zygote
from grader.exam._bench import Bench
from grader.exam._examine import Exam
from grader.exam._memo import Memo
from grader.intake import read_source
from grader.sandbox import Limits

CHECKS = ("projection::closest", "projection::idempotent", "glow::plu_log_abs_det", "ruin::ratio")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hand-ins", type=int, default=11)
    number = parser.parse_args().hand_ins
    course = find_course(Path.cwd())
    zygote, _ = start_zygote(choose_level(), warm=("numpy", "sympy"))
    try:
        for name in CHECKS:
            _measure(course, name, zygote, number)
    finally:
        zygote.close()
    return 0


def _measure(course: Course, name: str, zygote: Any, number: int) -> None:
    topic, _, check = name.partition("::")
    exam = Exam(_spec(course, topic, check), course.topic(topic), (), tuple, Memo())
    source = read_source(course.root / "reference" / f"{topic}.py")
    bench = Bench(zygote.connect(), source, Limits(topic_s=600), seed=0)
    reference = course.reference(topic)
    rows = corpus(exam.spec, topic)

    def put(row: Any, memo: Memo) -> None:
        student = Exam(exam.spec, exam.topic, (), tuple, memo).student(bench)
        fixtures = {n: student if n == "student" else reference for n in exam.spec.fixtures}
        exam.spec.function(**fixtures, **row)

    known = Memo()

    def replay(memo: Callable[[], Memo]) -> None:
        for row in rows:
            put(row, memo())

    ways: dict[str, Callable[[], None]] = {
        "drawn (plain @given)": lambda: _given(exam.spec, lambda row: put(row, Memo())),
        "replayed": lambda: replay(Memo),
        "replayed, values known": lambda: replay(lambda: known),
    }
    spent: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(number + 1):
        for way, run in ways.items():
            started = time.process_time()
            run()
            if turn:  # the first warms up
                spent[way].append(time.process_time() - started)
    bench.close()
    first = statistics.median(spent["drawn (plain @given)"])
    print(f"{name}: {len(rows)} examples, {number} hand-ins")
    for way, times in spent.items():
        middle = statistics.median(times)
        print(f"  {way:24} {1000 * middle:7.1f} ms of processor time a hand-in   {first / middle:5.1f} x")


def _spec(course: Course, topic: str, check: str) -> CheckSpec:
    course.topic(topic)
    spec = check_spec(getattr(sys.modules[f"checks.{topic}"], f"check_{check}"))
    assert spec is not None
    return spec


def _given(spec: CheckSpec, put: Callable[[Any], None]) -> None:
    assert spec.rows is not None and spec.rows.strategies is not None
    config = settings(
        max_examples=spec.rows.drawn, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    for row in spec.rows.fixed:
        put(row)
    config(given(fixed_dictionaries(dict(spec.rows.strategies)))(put))()


if __name__ == "__main__":
    sys.exit(main())
