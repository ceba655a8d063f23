"""Calls that a check will make are sent before it makes them, and records are the same to the last word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.bank import Course
from grader.exam._ahead import Ahead, Foreseen
from grader.exam._bench import Bench
from grader.exam._chance import call_seed
from grader.exam._desk import Desk
from grader.exam._fingerprint import asked_of
from grader.exam._judgements import Judgements
from grader.exam._rehearsal import Rehearsals
from grader.exam._unwalled import UnwalledBench
from grader.sandbox import Limits, Outcome, Returned, Source
from tests.support.course import REFERENCE, write_course, write_files, write_handins
from tests.support.graded import problems, records

SQUARES = {
    "wrong_for_some": "return x * x + (x > 2)",
    "a_known_slip": "return 2 * x",
    "raises_for_some": "return x * x if x > -1 else 1 / 0",
    "always_raises": "raise ValueError(x)",
    "of_another_type": "return str(x)",
    "nothing": "return None",
    "ends_the_process": "return x * x if x < 1 else os._exit(3)",
    "hangs": "return x * x if x < 1 else time.sleep(60)",
    "wrong_then_hangs": "return x * x + (x > 1) if x < 5 else time.sleep(60)",
    "right_at_first": "seen.append(x); return x * x + (len(seen) > 30)",
    "wrong_at_first": "seen.append(x); return x * x + (len(seen) < 9)",
    "raises_once": "seen.append(x); return x * x if len(seen) != 6 else 1 / 0",
    "random": "return x * x + (random.random() > 0.9)",
    "slow_where_wrong": "time.sleep(0.02 * (x > 3)); return x * x + (x > 3)",
}
LIMITS = Limits(call_s=1.0)
IN_PLACE = REFERENCE.replace("return 2.0 * np.asarray(v)", "v *= 2; return v")


def _handed_in() -> dict[str, str]:
    top = "import os, random, time\nseen = []\n"
    found = {name: top + REFERENCE.replace("return x * x", text) for name, text in SQUARES.items()}
    return {**found, "in_place": IN_PLACE, "right": REFERENCE}


@pytest.mark.usefixtures("one_processor")
def test_records_are_the_same_whether_calls_are_sent_ahead_or_not(tmp_path: Path) -> None:
    root, handed_in = write_course(tmp_path), _handed_in()
    before, names = [f"a{i}" for i in range(5)], list(handed_in)
    again = {f"again_{name}": text for name, text in handed_in.items()}  # whose answers were judged before
    write_handins(root, {**dict.fromkeys(before, REFERENCE), **handed_in, **again})
    late, alone = problems(root, [*before, *names, *again], limits=LIMITS), dict[str, Any]()
    for start in range(0, len(names), 2):  # too few for a rehearsal
        alone |= problems(root, names[start : start + 2], limits=LIMITS)
    assert {name: late[name] for name in names} == alone
    assert {name: late[f"again_{name}"] for name in names} == alone
    passed = [name for name in names if not any(f"'{v}'" in str(late[name]) for v in ("failed", "error", "crashed", "timeout"))]
    assert passed == ["right"]


MORE = '''
from grader import Topic, agree, cases, check, forall
from grader.strategies import reals

topic = Topic("more", source="a test", functions={"f(x)": "x + 1.", "g(x, h)": "h(x)."})


@check()
@forall(first=[dict(x=1.0), dict(x=2.0)], x=reals())
def check_one_call_a_row(student, reference, x):
    """One."""
    agree(student.f(x), reference.f)


@check()
@forall(x=reals())
def check_two_calls_a_row(student, x):
    """The second call tells what is due for the first."""
    agree(student.f(x), x + 1)
    agree(student.f(x + 1), x + 2)


@check()
@forall(x=reals())
def check_function(student, x):
    """A function of the check's own."""
    agree(student.g(x, lambda t: 2 * t), 2 * x)


@check()
@cases(*({"x": float(i)} for i in range(20)))
def check_chosen_rows(student, x):
    """Each row's argument is due for the row before."""
    agree(student.f(x), x + 1)


@check()
@forall(x=reals(), examples=3)
def check_few(student, x):
    """Three."""
    agree(student.f(x), x + 1)
'''


LARGE = '''
from grader import Topic, check, forall, holds
from grader.strategies import reals

topic = Topic("large", source="a test", functions={"f(x)": "x, as often as one likes (n,)."})


@check()
@forall(x=reals())
def check_all(student, x):
    """All are x."""
    answer = student.f(x)
    holds(bool((answer.array(None) == x).all()), "another number", answer=answer)
'''


@pytest.mark.usefixtures("one_processor")
def test_large_answers_may_be_as_large_as_where_each_is_asked_for_by_itself(tmp_path: Path) -> None:
    small, large = (f"import numpy as np\n\n\ndef f(x):\n    return np.full({n}, x)\n" for n in (1, 700_000))
    sheet = 'title = "T"\n[[problem]]\nnumber = "1"\ntopic = "large"\ntitle = "T"\npoints = 2\n'
    write_files(
        tmp_path, {"checks/large.py": LARGE, "reference/large.py": small, "checks/assignments/hw1.toml": sheet}
    )
    names = [f"a{i}" for i in range(9)]
    write_handins(tmp_path, {**dict.fromkeys(names, small), "z": large})
    assert all('"passed"' in record for record in records(tmp_path, limits=LIMITS).values())


def test_ahead_go_drawn_rows_of_one_call_with_plain_arguments(tmp_path: Path) -> None:
    """Whoever sees other rows' arguments must learn nothing about what is due."""
    solution = "def f(x):\n    return x + 1\n\n\ndef g(x, h):\n    return h(x)\n"
    write_files(tmp_path, {"checks/more.py": MORE, "reference/more.py": solution})
    course = Course(tmp_path)
    desk = Desk(course, corpora=None)
    exams = [desk.prepare(spec, course.topic("more")) for spec in course.checks("more")]
    rehearsals = Rehearsals(desk, exams)
    for _ in range(6):
        rehearsals.forked(["more"])
    while not rehearsals.done:
        rehearsals.step()
    assert list(desk.foreseen) == ["more::one_call_a_row"]
    foreseen = desk.foreseen["more::one_call_a_row"]
    exam = next(e for e in exams if e.id == "more::one_call_a_row")
    assert foreseen.first == 2
    assert foreseen.rows == tuple((row["x"],) for row in exam.rows[2:])


class _Counting(UnwalledBench):
    """Tells how many rows were asked for at a time."""

    def calls(
        self, function: str, rows: Sequence[Sequence[object]], seeds: Sequence[int], *, through: Source | None = None
    ) -> Iterator[Outcome]:
        self.notes.append(f"{function} {len(rows)} {list(seeds)[:2]}")
        return super().calls(function, rows, seeds, through=through)


def _ahead(bench: Bench) -> Ahead:
    rows = tuple((float(i),) for i in range(10))
    foreseen = Foreseen("f", 2, rows, tuple(asked_of(r, None) or b"" for r in rows))
    return Ahead(foreseen, foreseen.calls("topic::check", 7), bench, Judgements())


def _taken(ahead: Ahead, number: int, x: float, function: str = "f") -> object:
    outcome = ahead.take(function, number, asked_of((x,), None))
    return outcome.value if isinstance(outcome, Returned) else outcome


def test_foreseen_calls_are_asked_for_at_once_with_their_own_seeds() -> None:
    bench = _Counting.of({"f": lambda x: x + 1})
    ahead = _ahead(bench)
    assert [_taken(ahead, number, 5.0) for number in (0, 1)] == [None, None]  # fixed rows
    assert [_taken(ahead, 2 + i, float(i)) for i in range(10)] == [i + 1 for i in range(10)]
    assert _taken(ahead, 12, 10.0) is None
    seeds = [call_seed(7, "topic::check", number) for number in (2, 3)]
    assert bench.notes == [f"f 10 {seeds}"]


@pytest.mark.parametrize("other", [(4, 2.5, "f"), (4, 2.0, "g"), (5, 3.0, "f"), (3, 1.0, "f")])
def test_from_the_first_call_that_is_another_on_nothing_is_foreseen(other: tuple[int, float, str]) -> None:
    ahead = _ahead(_Counting.of({"f": lambda x: x + 1}))
    assert [_taken(ahead, 2 + i, float(i)) for i in range(2)] == [1, 2]
    assert _taken(ahead, *other) is None
    assert _taken(ahead, 4, 2.0) is None
