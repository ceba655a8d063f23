"""What a hand-in may cost the examiner: answers are weighed, and a busy machine costs nobody a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest

from grader.exam import _bench as module
from grader.exam._bench import Bench
from grader.exam._outcomes import CallEnded
from grader.exam._patience import Patience, crowding
from grader.exam._student import Student
from grader.intake import read_source
from grader.records import Verdict
from grader.sandbox import Connection, Limits, Loaded, Returned

MIB = 1 << 20


@dataclass
class Answering:
    """A worker that gives answers of one weight."""

    weight: int
    closed: bool = False
    spent_s: float = 0.0
    load_s: float = 0.0

    def load(self, files: Any, modules: Any, *, seed: int) -> Loaded:
        return Loaded({"f": "solution"})

    def calls(self, target: Any, rows: Sequence[Any], *, seeds: Any, timeout: float) -> Iterator[Returned]:
        for _ in rows:
            yield Returned(1.0, weight=self.weight)

    def left_s(self, total: float, enough: float) -> float:
        return total

    def begin_topic(self) -> bool:
        return True

    def usable(self) -> bool:
        return True

    def output(self) -> str:
        return ""

    def close(self) -> None:
        self.closed = True


@dataclass
class Spawning:
    worker: Answering

    def spawn(self, limits: Limits) -> Answering:
        return self.worker


@pytest.fixture
def bench(tmp_path: Any, request: pytest.FixtureRequest) -> Bench:
    (tmp_path / "solution.py").write_text("def f(x): return x\n")
    connection = cast(Connection, Spawning(Answering(request.param)))
    return Bench(connection, read_source(tmp_path), Limits(), 0)


@pytest.mark.parametrize("bench", [64 * MIB], indirect=True)
def test_answers_that_are_held_together_are_weighed_together(bench: Bench) -> None:
    student = Student(bench, "topic::check")
    assert len(student.f.repeat(4, 1.0)) == 4
    with pytest.raises(CallEnded) as ended:
        student.f.repeat(5, 1.0)
    assert (ended.value.verdict, "its answers take" in ended.value.why) == (Verdict.MEMORY, True)


@pytest.mark.parametrize("bench", [64 * MIB], indirect=True)
def test_all_answers_of_a_topic_are_weighed(bench: Bench) -> None:
    student = Student(bench, "topic::check")
    for _ in range(module._MOST_ANSWERS // (64 * MIB)):
        student.f(1.0)
    for _ in range(2):
        with pytest.raises(CallEnded) as ended:
            student.f(1.0)
        assert ended.value.verdict is Verdict.MEMORY
    bench.begin_topic()
    student.f(1.0)


@pytest.mark.parametrize(("bench", "kept"), [(MIB, 50), (4 * MIB, 0)], indirect=["bench"])
def test_a_trace_is_kept_whole_or_not_at_all(bench: Bench, kept: int) -> None:
    student = Student(bench, "topic::check")
    for _ in range(50):
        student.f(1.0)
    assert (len(student.trace), student.tracing) == (kept, kept > 0)


@pytest.mark.parametrize("bench", [MIB], indirect=True)
def test_a_topic_that_is_begun_once_more_has_its_full_time_for_formulas(bench: Bench) -> None:
    full = bench.algebra_s
    bench.algebra_s = 0.0
    bench.anew()
    assert bench.algebra_s == full > 0


def test_patience_lasts_longer_where_others_want_the_processor() -> None:
    now, crowd = 0.0, 1.0
    patience = Patience(10.0, lambda: now, lambda: crowd)
    now = 9.0
    assert not patience.over()
    now, crowd = 18.0, 10.0
    assert not patience.over()
    now = 20.0
    assert patience.over()


def test_crowding_is_told_by_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    for load, crowd in ((0.1, 1.0), (2.0, 1.0), (8.0, 4.0), (1000.0, 20.0)):
        monkeypatch.setattr("os.getloadavg", lambda load=load: (load, 0.0, 0.0))
        assert crowding() == crowd


def test_a_large_array_of_another_shape_is_refused_as_it_came() -> None:
    from grader.judge import Mismatch, as_array

    class Watched(np.ndarray):  # type: ignore[type-arg]
        def astype(self, *args: Any, **kwargs: Any) -> Any:
            raise AssertionError("converted before its shape was looked at")

    with pytest.raises(Mismatch, match="an array of shape"):
        as_array(np.zeros(2 * MIB, np.int8).view(Watched), (2,))
    assert as_array(np.ones((2 * MIB, 1), np.int8), (2 * MIB,)).array.sum() == 2 * MIB
